//! What is to be kept, as it is typed: `within=90d,weekly=52,monthly=all`.

use std::str::FromStr;

/// How many runs of each benchmark are kept as its newest ones, where the rule does not say: as many as other commands look at to
/// learn what sessions differ by.
const NEWEST: u32 = 10;

/// How many of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// So many.
    Of(u32),
    /// As many as there are.
    All,
}

/// A part of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Every run.
    All,
    /// The newest ones.
    Last(u32),
    /// Everything of the last so many days.
    Within(u32),
    /// The newest of each day, of so many days that have one.
    Daily(Many),
    /// The same of weeks, which begin on Mondays.
    Weekly(Many),
    /// The same of months.
    Monthly(Many),
    /// The same of years.
    Yearly(Many),
}

/// Why a text is no part of a rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write all, or within=90d, last=20, daily=14, weekly=52, monthly=24, yearly=all; several with commas between them"
)]
pub struct KeepError;

impl FromStr for Keep {
    type Err = KeepError;

    fn from_str(text: &str) -> Result<Self, KeepError> {
        if text == "all" {
            return Ok(Self::All);
        }
        let (kind, amount) = text.split_once('=').ok_or(KeepError)?;
        let number = |text: &str| {
            let number = text.parse().map_err(|_| KeepError);
            number.and_then(|number| {
                if number > 0 {
                    Ok(number)
                } else {
                    Err(KeepError)
                }
            })
        };
        let many = || match amount {
            "all" => Ok(Many::All),
            _ => number(amount).map(Many::Of),
        };
        match kind {
            "last" => number(amount).map(Self::Last),
            "within" => number(amount.strip_suffix('d').ok_or(KeepError)?).map(Self::Within),
            "daily" => many().map(Self::Daily),
            "weekly" => many().map(Self::Weekly),
            "monthly" => many().map(Self::Monthly),
            "yearly" => many().map(Self::Yearly),
            _ => Err(KeepError),
        }
    }
}

/// What is to be kept, all parts of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    parts: Vec<Keep>,
}

impl Rule {
    /// Of these parts; none keeps everything.
    #[must_use]
    pub fn new(parts: Vec<Keep>) -> Self {
        Self { parts }
    }

    /// Whether nothing is given up.
    #[must_use]
    pub fn keeps_all(&self) -> bool {
        self.parts.is_empty() || self.parts.contains(&Keep::All)
    }

    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &[Keep] {
        &self.parts
    }

    /// How many of the newest runs are kept whatever their age.
    #[must_use]
    pub fn newest(&self) -> u32 {
        let said = self.parts.iter().filter_map(|part| match part {
            Keep::Last(count) => Some(*count),
            _ => None,
        });
        said.max().unwrap_or(NEWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_it_is_typed() {
        for (text, part) in [
            ("all", Keep::All),
            ("last=3", Keep::Last(3)),
            ("within=90d", Keep::Within(90)),
            ("daily=14", Keep::Daily(Many::Of(14))),
            ("weekly=52", Keep::Weekly(Many::Of(52))),
            ("monthly=all", Keep::Monthly(Many::All)),
            ("yearly=all", Keep::Yearly(Many::All)),
        ] {
            assert_eq!(text.parse(), Ok(part));
        }
        for none in [
            "",
            "90d",
            "last",
            "last=",
            "last=0",
            "last=all",
            "within=90",
            "within=d",
            "hourly=3",
            "daily=-1",
            "daily=0",
            "Daily=3",
            "all=3",
        ] {
            assert_eq!(none.parse::<Keep>(), Err(KeepError), "{none}");
        }
    }

    #[test]
    fn without_a_part_everything_is_kept() {
        assert!(Rule::default().keeps_all());
        assert!(Rule::new(vec![Keep::Within(1), Keep::All]).keeps_all());
        let within = Rule::new(vec![Keep::Within(1)]);
        assert!(!within.keeps_all());
        assert_eq!(within.newest(), NEWEST);
        assert_eq!(Rule::new(vec![Keep::Last(2), Keep::Last(4)]).newest(), 4);
    }
}
