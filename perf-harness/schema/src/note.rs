//! A note on a commit, as it is stored: what somebody wants to be known where its measurements are shown.

use serde::{Deserialize, Serialize};

use crate::{RecordError, Sha, TreeId};

/// The version of the shape of a note.
pub const NOTE_VERSION: u32 = 1;

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The version of this shape, [`NOTE_VERSION`].
    pub schema: u32,
    /// On which commit.
    pub commit: Sha,
    /// What that commit holds, so that the note is found where it went by a squash or a rebase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_tree: Option<TreeId>,
    /// What it says.
    pub text: String,
    /// Who wrote it, if they want that to be known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

#[derive(Deserialize)]
struct Version {
    #[serde(default)]
    schema: u32,
}

impl Note {
    /// The longest text, in characters.
    pub const LONGEST: usize = 1000;

    /// Reads one. Whether its id matches its content is for the caller to check, who has a hash function.
    ///
    /// # Errors
    /// When the bytes are not a note that this version reads.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, RecordError> {
        let wrong = |what: &str| RecordError::Shape(serde::de::Error::custom(what));
        // Apart from the rest and first, since a newer one need not have the rest.
        match serde_json::from_slice::<Version>(bytes)?.schema {
            0 => return Err(RecordError::Unknown { found: 0 }),
            1..=NOTE_VERSION => {}
            found => return Err(RecordError::TooNew { found }),
        }
        let note: Self = serde_json::from_slice(bytes)?;
        note.check().map_err(wrong)?;
        Ok(note)
    }

    /// What is wrong with it, if something is.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), &'static str> {
        let fits = |text: &str| {
            let length = text.chars().count();
            !text.trim().is_empty() && length <= Self::LONGEST
        };
        if !fits(&self.text) {
            return Err("its text is empty or longer than 1000 characters");
        }
        if !self.who.as_deref().is_none_or(fits) {
            return Err("its writer's name is empty or longer than 1000 characters");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> Note {
        Note {
            schema: NOTE_VERSION,
            commit: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
            source_tree: Some("89abcdef0123456789abcdef0123456789abcdef".parse().unwrap()),
            text: "arena allocator".to_owned(),
            who: None,
        }
    }

    #[test]
    fn the_one_that_was_written_first_is_still_read() {
        let first = include_bytes!("../tests/fixtures/note-v1.json");
        assert_eq!(Note::from_slice(first).unwrap(), note());
    }

    #[test]
    fn what_is_none_is_refused() {
        let with = |change: fn(&mut Note)| {
            let mut note = note();
            change(&mut note);
            Note::from_slice(&serde_json::to_vec(&note).unwrap())
        };
        assert_eq!(with(|_| ()).unwrap(), note());
        let faults: [fn(&mut Note); 4] = [
            |note| note.text = " \n".to_owned(),
            |note| note.text = "x".repeat(1001),
            |note| note.who = Some(String::new()),
            |note| note.who = Some("x".repeat(1001)),
        ];
        for (at, fault) in faults.into_iter().enumerate() {
            assert!(with(fault).is_err(), "{at}");
        }
        assert!(matches!(
            with(|note| note.schema = 2),
            Err(RecordError::TooNew { found: 2 })
        ));
        for text in ["", "[]", "{}", "{\"schema\":1}", "\u{fffd}"] {
            assert!(Note::from_slice(text.as_bytes()).is_err(), "{text}");
        }
    }
}
