//! Small files of `baselines/` that are no records: each has a folder with its like, is named by its content and never changed.
//!
//! One file for each, so that two branches that add some can always be merged.

use std::fmt::Display;

use perf_schema::{RecordError, RecordId, canonical_text, file_text};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::shelf::{Item, ItemKind, Shelf, listed};
use super::{Fault, Place, Reason};
use crate::hash::hex;
use crate::repository::BASELINES;

/// The largest file that is read, in bytes.
pub(super) const LARGEST: usize = 64 << 10;

/// How many files of a folder are read at most.
pub(super) const MOST: usize = 2_000;

/// Digits of the id in a file name.
const DIGITS: usize = 12;

/// What is stored so.
pub(super) trait ByContent: Serialize + Sized {
    /// The folder, in `baselines/`.
    const FOLDER: &'static str;
    /// What one is called, with its article.
    const ONE: &'static str;
    /// What many are called.
    const MANY: &'static str;

    /// Reads one.
    fn from_slice(bytes: &[u8]) -> Result<Self, RecordError>;

    /// What is wrong with it, if something is.
    fn check(&self) -> Result<(), &'static str>;
}

/// One whose id was checked against its content.
pub(super) struct Filed<T> {
    pub(super) file: String,
    pub(super) id: RecordId,
    pub(super) content: T,
}

/// Those of one place, by path, and what else was found there.
pub(super) struct Found<T> {
    pub(super) filed: Vec<Filed<T>>,
    pub(super) faults: Vec<Fault>,
}

/// One in the form that is written, with its file's name.
pub(super) fn encode<T: ByContent>(
    content: &T,
) -> Result<(RecordId, String, Vec<u8>), RecordError> {
    let custom =
        |error: &dyn Display| RecordError::Shape(serde::de::Error::custom(error.to_string()));
    content.check().map_err(|why| custom(&why))?;
    let value = serde_json::to_value(content)?;
    let canonical = canonical_text(&value).map_err(|error| custom(&error))?;
    let id = id_of(&canonical)?;
    let text = file_text(&value, id.as_str()).map_err(|error| custom(&error))?;
    let name = name_of(&id);
    Ok((id, name, text.into_bytes()))
}

fn name_of(id: &RecordId) -> String {
    format!("{}.json", id.short(DIGITS))
}

fn id_of(text: &str) -> Result<RecordId, RecordError> {
    hex(&Sha256::digest(text))
        .try_into()
        .map_err(|error: perf_schema::InvalidId| {
            RecordError::Shape(serde::de::Error::custom(error))
        })
}

#[derive(Deserialize)]
struct Claimed {
    id: Option<RecordId>,
}

fn decode<T: ByContent>(name: &str, bytes: &[u8]) -> Result<(RecordId, T), Reason> {
    let content = T::from_slice(bytes)?;
    let claimed = serde_json::from_slice::<Claimed>(bytes).map_err(RecordError::from)?;
    // Of the value, so that line ends of another system do no harm.
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(RecordError::from)?;
    let canonical = canonical_text(&value).map_err(|_| Reason::Id)?;
    let id = id_of(&canonical)?;
    if claimed.id.as_ref() != Some(&id) {
        return Err(Reason::Id);
    }
    if name_of(&id) != name {
        return Err(Reason::Misplaced { what: "name" });
    }
    Ok((id, content))
}

impl<T: ByContent> Found<T> {
    /// Nothing.
    pub(super) const fn none() -> Self {
        Self {
            filed: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Reads what is in the folder of that name in `baselines`. `bytes` reads a file, no more of it than [`LARGEST`].
    pub(super) fn of<S: Shelf>(
        shelf: &S,
        baselines: &S::Folder,
        bytes: impl Fn(&Place) -> Result<Vec<u8>, Reason>,
    ) -> Self {
        let mut found = Self::none();
        let path = format!("{BASELINES}/{}", T::FOLDER);
        let in_baselines = found.items(shelf, baselines, BASELINES);
        let Some(folder) = in_baselines.into_iter().find(|item| item.name == T::FOLDER) else {
            return found;
        };
        let folder = match folder.kind {
            ItemKind::Folder(folder) => folder,
            // The list of records names it too.
            ItemKind::Link => return found.with(path, Reason::Link),
            ItemKind::File(_) | ItemKind::Other => return found.with(path, Reason::NotAFile),
        };
        let items = found.items(shelf, &folder, &path);
        if items.len() > MOST {
            found.fault(path.clone(), Reason::TooManyOf(T::MANY));
        }
        for item in items.into_iter().take(MOST) {
            let file = format!("{path}/{}", item.name);
            let read = match &item.kind {
                ItemKind::File(place) if is_name(&item.name) => {
                    let bytes = bytes(place).map_err(too_large::<T>);
                    bytes.and_then(|bytes| decode(&item.name, &bytes))
                }
                ItemKind::File(_) => Err(Reason::Name),
                ItemKind::Link => Err(Reason::Link),
                ItemKind::Folder(_) | ItemKind::Other => Err(Reason::NotAFile),
            };
            match read {
                Ok((id, content)) => found.filed.push(Filed { file, id, content }),
                Err(reason) => found.fault(file, reason),
            }
        }
        found
    }

    fn items<S: Shelf>(
        &mut self,
        shelf: &S,
        folder: &S::Folder,
        path: &str,
    ) -> Vec<Item<S::Folder>> {
        listed(shelf, folder).unwrap_or_else(|reason| {
            self.fault(path.to_owned(), reason);
            Vec::new()
        })
    }

    fn with(mut self, file: String, reason: Reason) -> Self {
        self.fault(file, reason);
        self
    }

    fn fault(&mut self, file: String, reason: Reason) {
        self.faults.push(Fault { file, reason });
    }
}

/// The reason in the words of what is read here.
fn too_large<T: ByContent>(reason: Reason) -> Reason {
    match reason {
        Reason::TooLarge => Reason::TooLargeOf(T::ONE),
        other => other,
    }
}

fn is_name(name: &str) -> bool {
    let digits = name.strip_suffix(".json").unwrap_or_default();
    digits.len() == DIGITS
        && digits
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}
