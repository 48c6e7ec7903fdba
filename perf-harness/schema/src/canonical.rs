//! The text of a record: JSON with sorted keys, one top-level member per line, one benchmark per line.
//!
//! A diff of two records then reads benchmark by benchmark, and the same value has the same bytes on every machine. The
//! *canonical* text leaves out the id, which is its hash; the *file* text has the id among the other members.

use serde_json::Value;

/// A value that is not the document it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a record must be a JSON object")]
pub struct CanonicalError;

/// The text whose hash is the record's id: everything except `id` itself.
///
/// # Errors
/// When `record` is not a JSON object.
pub fn canonical_text(record: &Value) -> Result<String, CanonicalError> {
    lines(record, None)
}

/// The text that is written to a file: the canonical text with the member `id` in its sorted place.
///
/// # Errors
/// When `record` is not a JSON object.
pub fn file_text(record: &Value, id: &str) -> Result<String, CanonicalError> {
    lines(record, Some(Value::from(id)))
}

fn lines(record: &Value, id: Option<Value>) -> Result<String, CanonicalError> {
    let mut members: Vec<(&str, &Value)> = record
        .as_object()
        .ok_or(CanonicalError)?
        .iter()
        .map(|(key, value)| (key.as_str(), value))
        .collect();
    members.retain(|(key, _)| *key != "id");
    if let Some(id) = &id {
        members.push(("id", id));
    }
    // Sorted here and in `write`, since the order of a `Value` depends on a feature that any crate may turn on.
    members.sort_unstable_by_key(|(key, _)| *key);
    let mut text = String::from("{\n");
    for (i, (key, value)) in members.iter().enumerate() {
        write_string(key, &mut text);
        text.push(':');
        match value {
            Value::Array(items) if *key == "suite" && !items.is_empty() => {
                text.push_str("[\n");
                for (j, item) in items.iter().enumerate() {
                    write(item, &mut text);
                    text.push_str(if j + 1 < items.len() { ",\n" } else { "\n" });
                }
                text.push(']');
            }
            value => write(value, &mut text),
        }
        text.push_str(if i + 1 < members.len() { ",\n" } else { "\n" });
    }
    text.push_str("}\n");
    Ok(text)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write_string(key, text);
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        Value::String(string) => write_string(string, text),
        plain => text.push_str(&plain.to_string()),
    }
}

fn write_string(string: &str, text: &mut String) {
    text.push_str(&Value::from(string).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_sorted_and_benchmarks_have_a_line_each() {
        let record = json!({"z": 1, "suite": [{"b": 1, "a": [2, {"d": 1, "c": 2}]}, {}], "id": "old", "a": "x\n"});
        let text = file_text(&record, "new").unwrap();
        assert_eq!(
            text,
            "{\n\"a\":\"x\\n\",\n\"id\":\"new\",\n\"suite\":[\n{\"a\":[2,{\"c\":2,\"d\":1}],\"b\":1},\n{}\n],\n\"z\":1\n}\n"
        );
    }

    #[test]
    fn the_id_is_not_part_of_what_it_is_the_hash_of() {
        let bare = json!({"schema": 1, "suite": []});
        let file = file_text(&bare, "abc").unwrap();
        let read: Value = serde_json::from_str(&file).unwrap();
        assert_eq!(
            canonical_text(&read).unwrap(),
            canonical_text(&bare).unwrap()
        );
    }

    #[test]
    fn only_an_object_is_a_record() {
        assert_eq!(canonical_text(&json!([])), Err(CanonicalError));
    }
}
