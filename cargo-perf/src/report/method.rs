//! How verdicts come about, in words.

use crate::compare::paired::{Instructions, Orders};

/// What was looked at besides pairs of launches of the builds themselves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Examined {
    /// Pairs of launches of the builds themselves.
    pub pairs: usize,
    /// What other link orders said.
    pub orders: Option<Orders>,
    /// What an iteration executes.
    pub instructions: Option<Instructions>,
}

/// How a verdict came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Against stored records.
    Records,
    /// The limit of both sides searched for, one after the other.
    Searches,
    /// Both sides measured beside each other, in so many pairs of launches.
    SideBySide(usize),
    /// Side by side, and it was looked into what a slowdown comes from.
    Examined(Examined),
    /// Both sides are the same program; nothing was measured.
    MachineCode,
}

impl Method {
    /// The word for it in machine output.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Records => "records",
            Self::SideBySide(_) | Self::Examined(_) | Self::Searches => "side by side",
            Self::MachineCode => "machine code",
        }
    }

    /// What was looked at besides, where something was.
    #[must_use]
    pub const fn examined(self) -> Option<Examined> {
        match self {
            Self::Examined(examined) => Some(examined),
            Self::Records | Self::Searches | Self::SideBySide(_) | Self::MachineCode => None,
        }
    }

    /// Pairs of launches, where there are some.
    #[must_use]
    pub const fn pairs(self) -> Option<usize> {
        match self {
            Self::SideBySide(pairs) | Self::Examined(Examined { pairs, .. }) => Some(pairs),
            Self::Records | Self::Searches | Self::MachineCode => None,
        }
    }

    /// What a person is told beside a verdict. That it comes from records is the ordinary case.
    #[must_use]
    pub fn remark(self) -> Option<String> {
        match self {
            Self::Records => None,
            Self::SideBySide(1) => Some("side by side, 1 pair of launches".to_owned()),
            Self::SideBySide(pairs) => Some(format!("side by side, {pairs} pairs of launches")),
            Self::Examined(Examined {
                pairs,
                orders: Some(orders),
                ..
            }) => {
                let relinked = format!(
                    "{} in {} link orders of each side",
                    orders.pairs, orders.orders
                );
                Some(if pairs == 0 {
                    format!("side by side, pairs of launches: {relinked}")
                } else {
                    format!("side by side, pairs of launches: {pairs} as built, {relinked}")
                })
            }
            Self::Examined(Examined { pairs, .. }) => Self::SideBySide(pairs).remark(),
            Self::Searches => Some("both sides searched now".to_owned()),
            Self::MachineCode => Some("the same machine code".to_owned()),
        }
    }
}
