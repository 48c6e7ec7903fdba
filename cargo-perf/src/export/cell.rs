//! A cell of CSV that a spreadsheet takes for what it is.

use crate::report::printable;

/// What stands before a text that a spreadsheet would compute, and before one that begins with this itself: who takes one away from
/// the beginning of every cell of text has the texts as they were.
const GUARD: char = '\'';

/// What a cell of text begins with that some spreadsheet takes for a formula; the wide forms are those of Japanese and Chinese keyboards.
const FORMULAS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A text of others: on one line, with nothing that a terminal obeys, and no formula.
pub(super) fn text(text: &str) -> String {
    let text = printable(text);
    if text.starts_with(FORMULAS) || text.starts_with(GUARD) {
        format!("{GUARD}{text}")
    } else {
        text
    }
}

/// A text that there need not be.
pub(super) fn some_text(found: Option<&str>) -> String {
    found.map(text).unwrap_or_default()
}

/// A number as short as it can be written to come back the same.
pub(super) fn number(value: Option<f64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula() {
        for (hostile, cell) in [
            ("=1+1", "'=1+1"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", " =1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("plain", "plain"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(text(hostile), cell);
        }
    }

    #[test]
    fn a_number_comes_back_as_it_was() {
        for value in [0.1 + 0.2, 1e-9, 123_456_789.125, 1e21] {
            assert!(
                (number(Some(value)).parse::<f64>().unwrap() - value).abs() < f64::EPSILON * value
            );
        }
        assert_eq!(number(None), "");
    }
}
