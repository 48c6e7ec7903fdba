//! A list of records.

use perf_schema::Unit;
use serde::Serialize;

use super::Format;
use super::markdown::escape;
use super::printable::printable;
use super::quantity::quantity;

/// A record in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Path from the workspace root.
    pub file: String,
    /// How large the file is, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// First digits of its id.
    pub record: String,
    /// Branch and commit, with a remark if files differed from it.
    pub title: String,
    /// Day of the commit; absent without a commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed: Option<String>,
    /// First line of the commit's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The processor.
    pub machine: String,
    /// The compiler.
    pub rustc: String,
    /// Cargo profile.
    pub profile: String,
}

/// Renders the list.
#[must_use]
pub fn listing(listed: &[Listed], format: Format) -> String {
    match format {
        // Strings only, which always have a JSON form.
        Format::Json => serde_json::to_string_pretty(listed).unwrap_or_default() + "\n",
        _ if listed.is_empty() => {
            "no baseline is saved; `cargo perf run --save` makes one\n".to_owned()
        }
        Format::Human => listed.iter().map(human).collect(),
        Format::Markdown => markdown(listed),
    }
}

fn human(l: &Listed) -> String {
    let date = l.committed.as_deref().unwrap_or("-");
    let subject = l.subject.as_deref().unwrap_or_default();
    let lines = [
        format!("{}  {date}  {}  {subject}", l.record, l.title),
        format!("          {}, {}", l.machine, l.rustc),
        format!(
            "          {}{}",
            l.file,
            size(l).map_or(String::new(), |size| format!(", {size}"))
        ),
    ];
    lines
        .map(|line| format!("{}\n", printable(line.trim_end())))
        .concat()
}

fn size(listed: &Listed) -> Option<String> {
    listed
        .size
        .map(|bytes| quantity(bytes as f64, &Unit::BYTES))
}

fn markdown(listed: &[Listed]) -> String {
    let mut text =
        "| record | date | commit | subject | machine | compiler | size |\n|---|---|---|---|---|---|--:|\n"
            .to_owned();
    for l in listed {
        let cells = [
            &l.record,
            l.committed.as_deref().unwrap_or("-"),
            &l.title,
            l.subject.as_deref().unwrap_or("-"),
            &l.machine,
            &l.rustc,
            &size(l).unwrap_or_default(),
        ];
        text.push_str(&format!("| {} |\n", cells.map(escape).join(" | ")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed() -> Listed {
        Listed {
            file: "baselines/main/x/abc-123.json".into(),
            size: Some(2048),
            record: "12345678".into(),
            title: "main abcdef0".into(),
            committed: Some("2026-01-02".into()),
            subject: Some("a | b\u{1b}[31m".into()),
            machine: "CPU".into(),
            rustc: "rustc 1".into(),
            profile: "bench".into(),
        }
    }

    #[test]
    fn each_format_has_the_date_and_the_subject_made_harmless() {
        insta::assert_snapshot!(listing(&[listed()], Format::Human), @r"
        12345678  2026-01-02  main abcdef0  a | b [31m
                  CPU, rustc 1
                  baselines/main/x/abc-123.json, 2.000 KiB
        ");
        insta::assert_snapshot!(listing(&[listed()], Format::Markdown), @r"
        | record | date | commit | subject | machine | compiler | size |
        |---|---|---|---|---|---|--:|
        | 12345678 | 2026-01-02 | main abcdef0 | a \| b \[31m | CPU | rustc 1 | 2.000 KiB |
        ");
        let json = listing(&[listed()], Format::Json);
        assert!(json.contains(r#""committed": "2026-01-02""#), "{json}");
    }

    #[test]
    fn an_empty_list_says_how_to_begin_except_to_programs() {
        for format in [Format::Human, Format::Markdown] {
            assert!(listing(&[], format).contains("`cargo perf run --save`"));
        }
        assert_eq!(listing(&[], Format::Json), "[]\n");
    }
}
