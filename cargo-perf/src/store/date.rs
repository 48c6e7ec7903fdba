//! Seconds since 1970 as a date, in UTC and the Gregorian calendar.

const DAY: i64 = 86_400;

/// `YYYYMMDDTHHMMSSZ`; `None` outside the years 1970 to 9999.
pub(super) fn stamp(seconds: i64) -> Option<String> {
    let (year, month, day) = civil(seconds)?;
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    Some(format!(
        "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z"
    ))
}

/// `YYYY-MM-DD`; `None` outside the years 1970 to 9999.
#[must_use]
pub fn day(seconds: i64) -> Option<String> {
    civil(seconds).map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

/// `YYYY-MM-DDTHH:MM:SSZ`; `None` outside the years 1970 to 9999.
#[must_use]
pub fn instant(seconds: i64) -> Option<String> {
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let day = day(seconds)?;
    Some(format!("{day}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The Monday of the week, as `YYYY-MM-DD`; `None` outside the years 1970 to 9999.
#[must_use]
pub fn week(seconds: i64) -> Option<String> {
    // The first of January 1970 was a Thursday.
    let days = seconds.div_euclid(DAY);
    day((days - (days + 3).rem_euclid(7)).max(0) * DAY)
}

/// A stamp as it stands in names of files, `YYYYMMDDTHHMMSSZ`, as [`instant`] writes the same moment; `None` for what is none.
#[must_use]
pub fn instant_of_stamp(stamp: &str) -> Option<String> {
    let form = |(at, byte): (usize, u8)| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    let is_stamp = stamp.len() == 16 && stamp.bytes().enumerate().all(form);
    let part = |from: usize, to: usize| is_stamp.then(|| &stamp[from..to]);
    Some(format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(9, 11)?,
        part(11, 13)?,
        part(13, 15)?
    ))
}

/// Seconds since 1970 of a stamp, `YYYYMMDDTHHMMSSZ`; `None` for what is none.
#[must_use]
pub fn seconds_of_stamp(text: &str) -> Option<i64> {
    instant_of_stamp(text)?;
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    // The reverse of `civil`.
    let (year_of_march, from_march) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let (era, year_of_era) = (year_of_march.div_euclid(400), year_of_march.rem_euclid(400));
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    let seconds = days * DAY + number(9, 11)? * 3600 + number(11, 13)? * 60 + number(13, 15)?;
    // What no stamp says: a thirtieth of February.
    (stamp(seconds).as_deref() == Some(text)).then_some(seconds)
}

/// Year, month and day. Years are counted from the first of March of the year 0, so that the leap day is the last of a
/// year; after an era of 400 years the calendar repeats.
fn civil(seconds: i64) -> Option<(i64, i64, i64)> {
    let days = seconds.div_euclid(DAY) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (1970..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday() {
        // 2023-11-14 was a Tuesday, 2023-11-19 the Sunday after it.
        let noon = 1_700_000_000 - 10 * 3600;
        for ahead in 0..6 {
            assert_eq!(week(noon + ahead * DAY).as_deref(), Some("2023-11-13"));
        }
        assert_eq!(week(noon + 6 * DAY).as_deref(), Some("2023-11-20"));
        assert_eq!(week(noon - 2 * DAY).as_deref(), Some("2023-11-06"));
    }

    #[test]
    fn a_stamp_is_the_moment_it_was_made_of() {
        for seconds in [0, 951_782_399, 1_700_000_000, 253_402_300_799] {
            let stamp = stamp(seconds).unwrap();
            assert_eq!(instant_of_stamp(&stamp), instant(seconds));
            assert_eq!(seconds_of_stamp(&stamp), Some(seconds));
        }
        assert_eq!(seconds_of_stamp("20230230T000000Z"), None);
        for none in ["", "20231114", "20231114X221320Z", "20231114T22132é"] {
            assert_eq!(instant_of_stamp(none), None);
        }
    }

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(
            instant(951_782_399).as_deref(),
            Some("2000-02-28T23:59:59Z")
        );
        for (seconds, text) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (951_868_800, "20000301T000000Z"),
            (1_700_000_000, "20231114T221320Z"),
            (4_107_542_399, "21000228T235959Z"),
            (4_107_542_400, "21000301T000000Z"),
            (253_402_300_799, "99991231T235959Z"),
        ] {
            assert_eq!(stamp(seconds).as_deref(), Some(text));
        }
        assert_eq!(day(1_700_000_000).as_deref(), Some("2023-11-14"));
        for absurd in [-1, 253_402_300_800, i64::MAX / 2, i64::MIN / 2] {
            assert_eq!(stamp(absurd), None);
        }
    }
}
