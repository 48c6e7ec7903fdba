//! Why something was not published.

use crate::report::printable;

/// What went wrong. No variant holds a token, a key or a whole address.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// Nothing came back.
    #[error("{host} could not be reached: {why}")]
    Unreachable {
        /// The machine that was asked.
        host: String,
        /// What the network says.
        why: String,
    },
    /// The answer was no.
    #[error("{host} answered {status} to {what}{}", said(.message))]
    Refused {
        /// The machine that was asked.
        host: String,
        /// What was asked for.
        what: String,
        /// Its status.
        status: u16,
        /// What it says to that, if it says something.
        message: Option<String>,
    },
    /// Too much was asked lately, and waiting would take too long.
    #[error("{host} takes no more requests for another {seconds} seconds")]
    Exhausted {
        /// The machine that was asked.
        host: String,
        /// How long it wants to be left alone.
        seconds: u64,
    },
    /// The answer makes no sense.
    #[error("{host} answered {what} with something else than what its interface promises: {why}")]
    Strange {
        /// The machine that was asked.
        host: String,
        /// What was asked for.
        what: String,
        /// What is strange.
        why: String,
    },
    /// There is more than is read.
    #[error("there are more than {0} comments or issues, and no more are looked through")]
    TooMany(usize),
    /// The text is longer than forges take.
    #[error("the text has {0} characters, and 65536 are taken")]
    TooLong(usize),
}

fn said(message: &Option<String>) -> String {
    match message {
        Some(message) => {
            let begin: String = printable(message).chars().take(300).collect();
            format!(": {begin}")
        }
        None => String::new(),
    }
}
