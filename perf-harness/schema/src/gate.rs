//! Gates: how much worse a benchmark may become without anyone being stopped.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::InvalidId;

/// What its author says of a benchmark whose noise is known to be beyond the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Gate {
    /// Noisy changes up to this are not spoken of, in thousandths of a per cent.
    Beyond(u32),
    /// Its changes are shown, and never stop anyone.
    Never,
}

impl Gate {
    /// The relative change that is not spoken of, 0.05 for five per cent; none for a gate that is never shut.
    #[must_use]
    pub fn floor(self) -> Option<f64> {
        match self {
            Self::Beyond(thousandths) => Some(f64::from(thousandths) / 100_000.0),
            Self::Never => None,
        }
    }
}

impl FromStr for Gate {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        const HUNDRED_FOLD: u32 = 10_000_000;
        if text == "never" {
            return Ok(Self::Never);
        }
        let thousandths = text.strip_suffix('%').and_then(thousandths);
        match thousandths {
            Some(beyond @ 1..=HUNDRED_FOLD) => Ok(Self::Beyond(beyond)),
            _ => Err(InvalidId::new(
                text,
                "a gate",
                "one is written `5%`, `2.5%` or `never`",
            )),
        }
    }
}

/// `2.5` as 2500: up to three decimals, so that a record holds what was written.
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 3 {
        return None;
    }
    let decimals: u32 = format!("{decimals:0<3}").parse().ok()?;
    let whole: u32 = whole.parse().ok()?;
    whole.checked_mul(1000)?.checked_add(decimals)
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::Beyond(thousandths) => {
                let decimals = format!("{:03}", thousandths % 1000);
                let decimals = decimals.trim_end_matches('0');
                let point = if decimals.is_empty() { "" } else { "." };
                write!(f, "{}{point}{decimals}%", thousandths / 1000)
            }
        }
    }
}

impl TryFrom<String> for Gate {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<Gate> for String {
    fn from(gate: Gate) -> Self {
        gate.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_survives_its_text() {
        for (text, gate) in [
            ("5%", Gate::Beyond(5000)),
            ("2.5%", Gate::Beyond(2500)),
            ("0.125%", Gate::Beyond(125)),
            ("300%", Gate::Beyond(300_000)),
            ("never", Gate::Never),
        ] {
            assert_eq!(text.parse::<Gate>().unwrap(), gate);
            assert_eq!(gate.to_string(), text);
        }
        assert_eq!("5.0 %".parse::<Gate>().unwrap(), Gate::Beyond(5000));
        assert!((Gate::Beyond(2500).floor().unwrap() - 0.025).abs() < 1e-15);
        assert_eq!(Gate::Never.floor(), None);
    }

    #[test]
    fn what_is_no_gate_is_refused() {
        for text in [
            "", "5", "%", "0%", "-5%", "5,5%", "1.2345%", "nan%", "always", "99999%", "1e3%",
        ] {
            assert!(text.parse::<Gate>().is_err(), "{text}");
        }
    }
}
