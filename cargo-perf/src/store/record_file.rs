//! A record as bytes and back. The id is SHA-256 of the canonical text, so a changed byte shows.

use std::sync::Arc;

use perf_schema::{RecordError, RecordHeader, RecordId, RunRecord, canonical_text, file_text};
use sha2::{Digest, Sha256};

use super::Reason;
use crate::hash::hex;

/// The largest file that is read as a record, in bytes.
pub const MAX_RECORD: usize = 16 << 20;

/// A record whose id was checked against its content.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// Its id.
    pub id: RecordId,
    /// What it says. Shared, for it is large, and needed both to compare with and to learn from.
    pub record: Arc<RunRecord>,
}

impl StoredRecord {
    /// What it says, to be changed.
    #[must_use]
    pub fn into_record(self) -> RunRecord {
        Arc::unwrap_or_clone(self.record)
    }
}

/// A record in the form that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Encoded {
    pub(super) id: RecordId,
    pub(super) bytes: Vec<u8>,
}

/// Gives a record its id and its bytes.
pub(super) fn encode(record: &RunRecord) -> Result<Encoded, RecordError> {
    let value = record.to_value()?;
    let canonical = canonical_text(&value).map_err(not_a_record)?;
    let id = id_of(canonical.as_bytes())?;
    let bytes = file_text(&value, id.as_str())
        .map_err(not_a_record)?
        .into_bytes();
    Ok(Encoded { id, bytes })
}

/// Reads a whole record and checks its id.
pub(super) fn decode(bytes: &[u8]) -> Result<StoredRecord, Reason> {
    if bytes.len() > MAX_RECORD {
        return Err(Reason::TooLarge);
    }
    let record = RunRecord::from_slice(bytes)?;
    let claimed = decode_header(bytes)?.id.ok_or(Reason::Id)?;
    let hashed = hash_without_id(bytes, &claimed)?;
    if hashed.as_ref() != Some(&claimed) && hash_of_value(bytes)? != claimed {
        return Err(Reason::Id);
    }
    Ok(StoredRecord {
        id: claimed,
        record: Arc::new(record),
    })
}

/// Reads what a record is about. Nothing vouches for it until the whole record was read.
pub(super) fn decode_header(bytes: &[u8]) -> Result<RecordHeader, Reason> {
    if bytes.len() > MAX_RECORD {
        return Err(Reason::TooLarge);
    }
    match header_in_head(bytes) {
        Some(header) => Ok(header),
        None => Ok(RecordHeader::from_slice(bytes)?),
    }
}

/// Reads the header from the beginning of a record as it is written: what comes before the benchmarks. `None` when `head`
/// does not hold all of that, or is not so written; then the whole has to be read.
pub(super) fn header_in_head(head: &[u8]) -> Option<RecordHeader> {
    let mut members = head[..suite_in(head)?].to_vec();
    members.push(b'}');
    RecordHeader::from_slice(&members).ok()
}

/// What begins the list of benchmarks in a record as it is written. No string of the header holds it: a line's end is
/// escaped in those.
pub(super) const SUITE: &[u8] = b",\n\"suite\":[";

/// Where the header ends and [`SUITE`] begins.
pub(super) fn suite_in(bytes: &[u8]) -> Option<usize> {
    bytes
        .windows(SUITE.len())
        .position(|window| window == SUITE)
}

fn not_a_record(error: perf_schema::CanonicalError) -> RecordError {
    RecordError::Shape(serde::de::Error::custom(error))
}

fn id_of(text: &[u8]) -> Result<RecordId, RecordError> {
    id_of_digest(&Sha256::digest(text))
}

/// The hash of the bytes without their line `"id":…`, which is the canonical text if the file is as it was written.
fn hash_without_id(bytes: &[u8], id: &RecordId) -> Result<Option<RecordId>, RecordError> {
    let line = format!("\n\"id\":\"{id}\",\n");
    let line = line.as_bytes();
    let Some(at) = bytes.windows(line.len()).position(|window| window == line) else {
        return Ok(None);
    };
    let mut hash = Sha256::new();
    hash.update(&bytes[..=at]);
    hash.update(&bytes[at + line.len()..]);
    Ok(Some(id_of_digest(&hash.finalize())?))
}

fn id_of_digest(digest: &[u8]) -> Result<RecordId, RecordError> {
    hex(digest)
        .try_into()
        .map_err(|error: perf_schema::InvalidId| {
            RecordError::Shape(serde::de::Error::custom(error))
        })
}

/// The same for a file whose line ends or spaces were changed by some tool, but not its content.
fn hash_of_value(bytes: &[u8]) -> Result<RecordId, RecordError> {
    let value: serde_json::Value = serde_json::from_slice(bytes)?;
    id_of(canonical_text(&value).map_err(not_a_record)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Sample;
    use super::*;

    fn encoded() -> (RunRecord, Encoded) {
        let record = Sample::new().benches(&["a", "b"]).record();
        let encoded = encode(&record).unwrap();
        (record, encoded)
    }

    #[test]
    fn a_record_comes_back_with_the_hash_of_its_text_as_id() {
        let (record, Encoded { id, bytes }) = encoded();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(&format!("\n\"id\":\"{id}\",\n")), "{text}");
        let canonical = text.replace(&format!("\"id\":\"{id}\",\n"), "");
        assert_eq!(hex(&Sha256::digest(canonical)), id.as_str());
        let record = Arc::new(record);
        assert_eq!(decode(&bytes).unwrap(), StoredRecord { id, record });
    }

    #[test]
    fn every_changed_or_missing_byte_shows() {
        let (_, Encoded { bytes, .. }) = encoded();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            if let Ok(stored) = decode(&changed) {
                // White space is no content.
                assert_eq!(encode(&stored.record).unwrap().bytes, bytes, "byte {at}");
            }
            assert!(
                decode(&bytes[..at]).is_err() || bytes[at..].iter().all(u8::is_ascii_whitespace)
            );
        }
    }

    #[test]
    fn line_ends_of_another_system_do_no_harm() {
        let (_, Encoded { id, bytes }) = encoded();
        let dos = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        assert_eq!(decode(dos.as_bytes()).unwrap().id, id);
        assert_eq!(decode_header(dos.as_bytes()).unwrap().id, Some(id));
    }

    #[test]
    fn a_newer_schema_is_an_error_of_its_own() {
        let newer = br#"{"schema":99,"anything":"else"}"#;
        for reason in [
            decode(newer).unwrap_err(),
            decode_header(newer).unwrap_err(),
        ] {
            assert!(reason.is_too_new(), "{reason}");
            assert!(reason.to_string().contains("update cargo perf"), "{reason}");
        }
        let nested = b"{\n\"benchmarks\":[\n],\n\"schema\":99\n}\n";
        assert!(decode_header(nested).unwrap_err().is_too_new());
    }

    #[test]
    fn a_member_of_a_later_release_is_kept_in_the_hash() {
        let (record, _) = encoded();
        let mut value = record.to_value().unwrap();
        value["zeal"] = 7.into();
        let id = hex(&Sha256::digest(canonical_text(&value).unwrap()));
        let bytes = file_text(&value, &id).unwrap();
        assert_eq!(decode(bytes.as_bytes()).unwrap().id.as_str(), id);
    }

    #[test]
    fn too_large_a_file_is_not_parsed() {
        let bytes = vec![b' '; MAX_RECORD + 1];
        assert!(matches!(decode(&bytes), Err(Reason::TooLarge)));
        assert!(matches!(decode_header(&bytes), Err(Reason::TooLarge)));
    }

    #[test]
    fn the_header_is_found_without_the_benchmarks() {
        let (record, Encoded { id, bytes }) = encoded();
        let header = header_in_head(&bytes).unwrap();
        assert_eq!(header, RecordHeader::from_slice(&bytes).unwrap());
        assert_eq!((header.id, header.commit), (Some(id), record.commit));
        assert!(header_in_head(b"nothing of the kind").is_none());
    }
}
