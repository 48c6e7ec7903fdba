//! Notes on commits, as sentences and as a list.

use serde::Serialize;

use super::Format;
use super::markdown::escape;
use super::printable::printable;
use crate::series::Noted;
use crate::store::day;

/// Notes that a report tells, the newest of them.
const TOLD: usize = 20;

/// A note to be listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedNote {
    /// Its id.
    pub id: String,
    /// Path from the workspace root.
    pub file: String,
    /// The commit.
    pub commit: String,
    /// What it says.
    pub text: String,
    /// Who wrote it, if they said so.
    pub who: Option<String>,
}

/// A sentence for each note along a line, the newest last. The texts are not ours: whoever shows them makes them harmless.
#[must_use]
pub fn noted_sentences(noted: &[Noted]) -> Vec<String> {
    let untold = noted.len().saturating_sub(TOLD);
    let mut said = Vec::new();
    if untold > 0 {
        said.push(format!(
            "{untold} earlier notes on commits, in `cargo perf note --list`"
        ));
    }
    said.extend(noted[untold..].iter().map(|note| {
        let day = day(note.committed).map_or(String::new(), |day| format!(" ({day})"));
        let who = note.who.as_ref().map(|who| format!(" – {who}"));
        format!(
            "noted at {}{day}: {}{}",
            note.sha.short(7),
            note.text,
            who.unwrap_or_default()
        )
    }));
    said
}

/// All of them.
#[must_use]
pub fn notes_listing(all: &[ListedNote], format: Format) -> String {
    let cells = |note: &ListedNote| {
        let short = |text: &str, digits| text.chars().take(digits).collect::<String>();
        let who = note.who.clone().unwrap_or_default();
        [
            short(&note.id, 8),
            short(&note.commit, 12),
            note.text.clone(),
            who,
        ]
    };
    match format {
        // Texts only, which always have a JSON form.
        Format::Json => serde_json::to_string_pretty(all).unwrap_or_default() + "\n",
        _ if all.is_empty() => "there are no notes\n".to_owned(),
        Format::Human => all
            .iter()
            .map(|note| {
                let [id, commit, text, who] = cells(note);
                let who = if who.is_empty() {
                    who
                } else {
                    format!(" – {who}")
                };
                printable(&format!("{id}  {commit}  {text}{who}")) + "\n"
            })
            .collect(),
        Format::Markdown => {
            let mut text = "| note | commit | text | who |\n|---|---|---|---|\n".to_owned();
            for note in all {
                let cells = cells(note).map(|cell| escape(&cell));
                text.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(position: usize, text: &str) -> Noted {
        Noted {
            sha: format!("{position:040x}").parse().unwrap(),
            subject: "change".to_owned(),
            committed: 1_700_000_000,
            position,
            text: text.to_owned(),
            who: None,
        }
    }

    #[test]
    fn a_note_is_a_sentence_and_the_newest_are_told() {
        let few = [note(1, "first"), note(2, "second")];
        assert_eq!(
            noted_sentences(&few),
            [
                "noted at 0000000 (2023-11-14): first",
                "noted at 0000000 (2023-11-14): second"
            ]
        );
        let many: Vec<Noted> = (0..25).map(|at| note(at, &format!("n{at}"))).collect();
        let said = noted_sentences(&many);
        assert_eq!(said.len(), 21);
        assert!(said[0].starts_with("5 earlier notes") && said[20].ends_with("n24"));
        assert!(noted_sentences(&[]).is_empty());
    }

    #[test]
    fn a_hostile_note_is_harmless_in_every_list() {
        let hostile = ListedNote {
            id: "ab".repeat(32),
            file: "baselines/notes/abababababab.json".to_owned(),
            commit: "0".repeat(40),
            text: "<script>alert(1)</script> \u{1b}[2J | @all \u{202e}x\ny".to_owned(),
            who: Some("*Ada*".to_owned()),
        };
        let all = [hostile];
        let human = notes_listing(&all, Format::Human);
        assert_eq!(human.lines().count(), 1, "{human}");
        assert!(!human.contains('\u{1b}') && !human.contains('\u{202e}'));
        let markdown = notes_listing(&all, Format::Markdown);
        assert!(
            !markdown.contains("<script") && markdown.contains(r"\|"),
            "{markdown}"
        );
        let json = notes_listing(&all, Format::Json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(read[0]["text"], all[0].text.as_str());
        assert_eq!(notes_listing(&[], Format::Human), "there are no notes\n");
    }
}
