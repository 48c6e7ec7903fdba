//! Promises of growth, as authors write them: a law, and over which axis.

use perf_schema::{Fit, LAWS, law_named, size_of};

use super::axis::Axis;

/// The promise that `text` is, for a benchmark with these axes.
///
/// # Errors
/// With what is wrong with it, for the author.
pub(super) fn promised(text: &str, axes: &[Axis]) -> Result<Fit, String> {
    let (law, axis) = match text.split_once(" over ") {
        Some((law, axis)) => (law, named(axis.trim(), axes)?),
        None => (text, only(axes)?),
    };
    Ok(Fit {
        axis: axis.name.clone(),
        law: self::law(law)?,
    })
}

/// A law by its name.
///
/// # Errors
/// When there is no such law.
pub(super) fn law(text: &str) -> Result<String, String> {
    match law_named(text) {
        Some(name) => Ok(name.to_owned()),
        None => Err(format!(
            "{text:?} is no law of growth; there are {}",
            LAWS.join(", ")
        )),
    }
}

fn named<'a>(name: &str, axes: &'a [Axis]) -> Result<&'a Axis, String> {
    match axes.iter().find(|axis| axis.name == name) {
        Some(axis) if is_of_sizes(axis) => Ok(axis),
        Some(_) => Err(format!(
            "time cannot be said to grow over `{name}`: its values are no numbers from 1 up"
        )),
        None => Err(format!(
            "it promises growth over `{name}`, and has no such axis"
        )),
    }
}

fn only(axes: &[Axis]) -> Result<&Axis, String> {
    let mut sizes = axes.iter().filter(|axis| is_of_sizes(axis));
    match (sizes.next(), sizes.next()) {
        (Some(axis), None) => Ok(axis),
        (None, _) => Err("it promises growth, and no axis has numbers from 1 up".to_owned()),
        (Some(one), Some(other)) => Err(format!(
            "over which of its axes does it promise growth? Write `… over {}` or `… over {}`",
            one.name, other.name
        )),
    }
}

fn is_of_sizes(axis: &Axis) -> bool {
    let mut values = axis.values.iter();
    values.all(|value| size_of(&axis.name, &value.label).is_some())
}

#[cfg(test)]
mod tests {
    use super::super::case::THREADS;
    use super::*;

    fn over(text: &str, axes: &[Axis]) -> Result<(String, String), String> {
        promised(text, axes).map(|fit| (fit.axis, fit.law))
    }

    #[test]
    fn the_only_axis_of_numbers_is_meant() {
        let axes = [
            Axis::new("algorithm", ["merge", "quick"]),
            Axis::new("n", [10_u64, 100]),
            Axis::new(THREADS, [1_usize, 2]),
        ];
        let meant = ("n".to_owned(), "n log n".to_owned());
        assert_eq!(over("N log n", &axes), Ok(meant.clone()));
        assert_eq!(over("n log n over n", &axes), Ok(meant));
    }

    #[test]
    fn a_promise_that_means_no_axis_says_what_to_write() {
        let two = [Axis::new("n", [1, 10]), Axis::new("m", [1.5, 2.5])];
        let refused = |text, axes: &[Axis], part: &str| {
            let message = over(text, axes).expect_err("it is refused");
            assert!(message.contains(part), "{message}");
        };
        refused("n", &two, "`… over n` or `… over m`");
        assert_eq!(over("n over m", &two).unwrap().0, "m");
        refused("n over k", &two, "no such axis");
        refused("n^4 over n", &two, "there are 1, log n");
        let words = [Axis::new("way", ["a", "b"]), Axis::new("n", [0, 1])];
        refused("n over way", &words, "no numbers");
        refused("n", &words, "no axis has numbers");
    }
}
