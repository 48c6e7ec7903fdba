//! Where notices go, as it is typed or stands in a file.

use std::str::FromStr;

use super::Address;

/// A place that is told what a run or a comparison came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The desktop of whoever runs it.
    Desktop,
    /// An address.
    Webhook(Address),
}

/// What is told, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    /// Where it goes; nowhere, if nobody asked.
    pub channels: Vec<Channel>,
    /// Also when there is nothing to object to.
    pub always: bool,
}

impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            None if text == "desktop" => Ok(Self::Desktop),
            Some(("webhook", address)) => address.parse().map(Self::Webhook),
            _ => Err("write it as desktop, or webhook=https://…".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_is_one_of_two() {
        assert_eq!("desktop".parse(), Ok(Channel::Desktop));
        let address = "https://hooks.example/a=b";
        let hook = format!("webhook={address}");
        assert_eq!(hook.parse(), Ok(Channel::Webhook(address.parse().unwrap())));
        for text in [
            "",
            "mail",
            "desktop=1",
            "webhook",
            "webhook=http://example.com",
        ] {
            assert!(text.parse::<Channel>().is_err(), "{text}");
        }
    }
}
