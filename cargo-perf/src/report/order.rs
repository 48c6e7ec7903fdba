//! The order in which names are shown: as a person would sort them, so that `n=20` stands before `n=100`.

use std::cmp::Ordering;

use super::model::Row;

/// What a person has to look at first: what is over its budget, then by verdict, the gravest and surest of it first.
pub(super) fn gravest_first(one: &Row, other: &Row) -> Ordering {
    let certainty = |row: &Row| row.certainty().unwrap_or(0.0);
    (!one.breaks_a_budget(), one.verdict)
        .cmp(&(!other.breaks_a_budget(), other.verdict))
        .then_with(|| other.severity().cmp(&one.severity()))
        .then_with(|| certainty(other).total_cmp(&certainty(one)))
}

/// Compares two names; runs of digits compare as the numbers they are.
pub(super) fn natural(left: &str, right: &str) -> Ordering {
    let (mut left_rest, mut right_rest) = (left, right);
    while let (Some(one), Some(other)) = (piece(&mut left_rest), piece(&mut right_rest)) {
        let order = match (one.is_number, other.is_number) {
            (true, true) => number(one.text).cmp(&number(other.text)),
            _ => one.text.cmp(other.text),
        };
        if order.is_ne() {
            return order;
        }
    }
    // Equal up to the shorter one's end, or up to leading zeros: the plain order decides, so that it is a total one.
    left_rest
        .len()
        .cmp(&right_rest.len())
        .then_with(|| left.cmp(right))
}

struct Piece<'a> {
    text: &'a str,
    is_number: bool,
}

/// Takes the next run of digits, or the next run of anything else.
fn piece<'a>(rest: &mut &'a str) -> Option<Piece<'a>> {
    let is_number = rest.chars().next()?.is_ascii_digit();
    let end = rest
        .find(|c: char| c.is_ascii_digit() != is_number)
        .unwrap_or(rest.len());
    let (text, tail) = rest.split_at(end);
    *rest = tail;
    Some(Piece { text, is_number })
}

/// A number of any length: the longer one, zeros in front apart, is the larger.
fn number(digits: &str) -> (usize, &str) {
    let digits = digits.trim_start_matches('0');
    (digits.len(), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_names_are_numbers() {
        let mut names = [
            "f[n=100]",
            "f[n=20,k=b]",
            "f[n=20,k=a]",
            "f[n=3]",
            "e",
            "f",
            "f[n=020]",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            [
                "e",
                "f",
                "f[n=3]",
                "f[n=20,k=a]",
                "f[n=20,k=b]",
                "f[n=020]",
                "f[n=100]"
            ]
        );
    }

    #[test]
    fn numbers_of_any_length_have_an_order() {
        let long = "9".repeat(400);
        assert_eq!(natural(&long, &format!("1{long}")), Ordering::Less);
    }
}
