//! Values of the file that are more than texts and numbers.

use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer, Unexpected, Visitor};

use crate::alert::Condition;
use crate::compare::rules::{Selector, percent};

/// `"5%"`, as a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Percent(pub(super) f64);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        percent(&text).map(Self).map_err(de::Error::custom)
    }
}

/// `"10s"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Time(pub(super) Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        crate::cli::duration(&text)
            .map(Self)
            .map_err(de::Error::custom)
    }
}

/// A selector of benchmarks or metrics.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Select(pub(super) Selector);

impl<'de> Deserialize<'de> for Select {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Selector::new(&text).map(Self).map_err(de::Error::custom)
    }
}

/// A text or a number, as it is written; what it means depends on the metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written(pub(super) String);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AsWritten).map(Self)
    }
}

struct AsWritten;

impl Visitor<'_> for AsWritten {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number, or a text such as \"2ms\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<String, E> {
        if number.is_finite() {
            Ok(number.to_string())
        } else {
            Err(E::invalid_value(Unexpected::Float(number), &self))
        }
    }
}

/// `"wall > 2ms"`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct When(pub(super) Condition);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Condition::new(&text).map(Self).map_err(de::Error::custom)
    }
}
