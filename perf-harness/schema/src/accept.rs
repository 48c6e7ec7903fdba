//! An accepted regression, as it is stored: one step of one metric for the worse that somebody agreed to, and why.

use serde::{Deserialize, Serialize};

use crate::{Amount, BenchId, Better, MetricName, Ratio, RecordError, Unit};

/// The version of the shape of an accepted regression.
pub const ACCEPT_VERSION: u32 = 1;

/// An accepted regression.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accept {
    /// The version of this shape, [`ACCEPT_VERSION`].
    pub schema: u32,
    /// Which benchmark.
    pub benchmark: BenchId,
    /// Which metric of it.
    pub metric: MetricName,
    /// What that is counted in.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// The machine class it was seen on; absent for what is the same on all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The level before.
    pub from: Amount,
    /// The level that is accepted.
    pub to: Amount,
    /// Why.
    pub reason: String,
    /// Who agreed, if they want that to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The last day it counts, `YYYY-MM-DD`, by UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    schema: u32,
}

impl Accept {
    /// The longest reason, in characters.
    pub const LONGEST_REASON: usize = 1000;

    /// Reads one. Whether its id matches its content is for the caller to check, who has a hash function.
    ///
    /// # Errors
    /// When the bytes are not an accepted regression that this version reads.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        let wrong = |what: &str| RecordError::Shape(serde::de::Error::custom(what));
        // Apart from the rest and first, since a newer one need not have the rest.
        match serde_json::from_slice::<Version>(bytes)?.schema {
            0 => return Err(RecordError::Unknown { found: 0 }),
            1..=ACCEPT_VERSION => {}
            found => return Err(RecordError::TooNew { found }),
        }
        let accept: Self = serde_json::from_slice(bytes)?;
        accept.check().map_err(wrong)?;
        Ok(accept)
    }

    /// What is wrong with it, if something is.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), &'static str> {
        let worse = match self.better {
            Better::Lower => self.to > self.from,
            Better::Higher => self.to < self.from,
            Better::Neither => false,
        };
        if !worse {
            return Err("the level it accepts is no worse than the level before");
        }
        let length = self.reason.chars().count();
        if self.reason.trim().is_empty() || length > Self::LONGEST_REASON {
            return Err("its reason is empty or longer than 1000 characters");
        }
        if !self.expires.as_deref().is_none_or(is_day) {
            return Err("the day it expires is no day written YYYY-MM-DD");
        }
        Ok(())
    }

    /// Whether it is of this metric of this benchmark.
    #[must_use]
    pub fn is_of(&self, benchmark: &BenchId, metric: &str) -> bool {
        self.benchmark == *benchmark && self.metric == metric
    }

    /// Whether it counts no longer on a day, `YYYY-MM-DD`.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        // Days so written are in order as text.
        self.expires.as_deref().is_some_and(|last| today > last)
    }

    /// How much was accepted; `None` where a level is zero.
    #[must_use]
    pub fn ratio(&self) -> Option<Ratio> {
        Ratio::new(self.to.get() / self.from.get())
    }
}

/// Whether a text is `YYYY-MM-DD`, a day that there is.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let number = |part: &str, digits: usize| {
        let plain = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    match parts.as_slice() {
        [year, month, day] => {
            let date = (number(year, 4), number(month, 2), number(day, 2));
            matches!(date, (Some(year), Some(month), Some(day))
                if (1..=days_of(year, month)).contains(&day))
        }
        _ => false,
    }
}

/// How many days a month has; none, if there is no such month.
const fn days_of(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept() -> Accept {
        Accept {
            schema: ACCEPT_VERSION,
            benchmark: BenchId::new("demo", "cpu", "sort[n=10]").unwrap(),
            metric: "wall".to_owned(),
            unit: Unit::NANOSECONDS,
            better: Better::Lower,
            class: Some("k3v9".to_owned()),
            from: Amount::new(20_000.0).unwrap(),
            to: Amount::new(24_000.0).unwrap(),
            reason: "stable now".to_owned(),
            who: None,
            expires: Some("2026-12-31".to_owned()),
        }
    }

    #[test]
    fn it_survives_its_text() {
        let text = serde_json::to_string(&accept()).unwrap();
        assert!(text.contains(r#""from":20000,"to":24000"#), "{text}");
        assert!(!text.contains("who"), "{text}");
        assert_eq!(Accept::from_slice(text.as_bytes()).unwrap(), accept());
    }

    #[test]
    fn the_one_that_was_written_first_is_still_read() {
        let first = include_bytes!("../tests/fixtures/accept-v1.json");
        assert_eq!(Accept::from_slice(first).unwrap(), accept());
    }

    #[test]
    fn what_is_none_is_refused() {
        let with = |change: fn(&mut Accept)| {
            let mut accept = accept();
            change(&mut accept);
            Accept::from_slice(&serde_json::to_vec(&accept).unwrap())
        };
        assert!(with(|_| ()).is_ok());
        let faults: [fn(&mut Accept); 8] = [
            |a| a.to = a.from,
            |a| a.better = Better::Higher,
            |a| a.better = Better::Neither,
            |a| a.reason = " ".to_owned(),
            |a| a.reason = "x".repeat(1001),
            |a| a.expires = Some("tomorrow".to_owned()),
            |a| a.expires = Some("2026-13-01".to_owned()),
            |a| a.expires = Some("2026-1-1".to_owned()),
        ];
        for (i, fault) in faults.into_iter().enumerate() {
            assert!(with(fault).is_err(), "{i}");
        }
        assert!(matches!(
            with(|a| a.schema = 2),
            Err(RecordError::TooNew { found: 2 })
        ));
        assert!(matches!(
            with(|a| a.schema = 0),
            Err(RecordError::Unknown { found: 0 })
        ));
        for text in ["", "[]", "{}", "{\"schema\":1}", "\u{fffd}"] {
            assert!(Accept::from_slice(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn every_day_there_is_may_be_its_last_and_no_other() {
        for day in ["2026-02-28", "2028-02-29", "2000-02-29", "2026-12-31"] {
            assert!(is_day(day), "{day}");
        }
        for day in [
            "2026-02-29",
            "2026-02-31",
            "2100-02-29",
            "2026-04-31",
            "2026-01-00",
            "2026-00-01",
            "2026-13-01",
        ] {
            assert!(!is_day(day), "{day}");
        }
    }

    #[test]
    fn it_counts_to_the_end_of_its_last_day() {
        assert!(!accept().is_expired("2026-12-31") && accept().is_expired("2027-01-01"));
        let for_ever = Accept {
            expires: None,
            ..accept()
        };
        assert!(!for_ever.is_expired("9999-12-31"));
    }
}
