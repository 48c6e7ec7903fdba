//! Which cases the command line selects.

use super::arguments::{Arguments, Mode};
use crate::entry::Runnable;

/// The cases, each selected or filtered out.
pub(crate) struct Selection {
    cases: Vec<(Runnable, bool)>,
}

impl Selection {
    /// All cases in their order, those that `arguments` leave out marked as such.
    pub(crate) fn of(cases: Vec<Runnable>, arguments: &Arguments) -> Self {
        // A quick run takes of each benchmark the first case that the filters leave, which is the smallest of them. What
        // is asked for by its full name is run, however large.
        let one_each =
            arguments.mode == Mode::Smoke && (!arguments.exact || arguments.filters.is_empty());
        let mut taken = false;
        let mut cases: Vec<_> = cases
            .into_iter()
            .map(|case| {
                // The cases of a benchmark stand together, the smallest in front.
                taken &= !case.named.smallest;
                let selected = selected(&case, arguments) && !(one_each && taken);
                taken |= selected;
                (selected, case)
            })
            .collect();
        if arguments.shuffle || arguments.shuffle_seed.is_some() {
            let mut rng = arguments
                .shuffle_seed
                .map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
            rng.shuffle(&mut cases);
        }
        Self {
            cases: cases
                .into_iter()
                .map(|(selected, case)| (case, selected))
                .collect(),
        }
    }

    /// The cases that are selected. Ignored ones are among them: whoever runs them reports them as ignored.
    pub(crate) fn selected(&self) -> impl Iterator<Item = &Runnable> {
        self.cases
            .iter()
            .filter(|(_, selected)| *selected)
            .map(|(case, _)| case)
    }

    /// The others.
    pub(crate) fn filtered_out(&self) -> impl Iterator<Item = &Runnable> {
        self.cases
            .iter()
            .filter(|(_, selected)| !*selected)
            .map(|(case, _)| case)
    }
}

fn selected(case: &Runnable, arguments: &Arguments) -> bool {
    let name = &case.named.name;
    let matches = |filter: &String| {
        if arguments.exact {
            name == filter
        } else {
            name.contains(filter.as_str())
        }
    };
    let named = arguments.filters.is_empty() || arguments.filters.iter().any(matches);
    let is_under_stress = case.description.chaos.is_some();
    // Measured is what was asked for, and under `--test` or in a list each is one of all.
    let is_of_sort = match arguments.mode {
        Mode::Measure => arguments.chaos == is_under_stress,
        Mode::List | Mode::Smoke => !arguments.chaos || is_under_stress,
    };
    let wanted = (!arguments.ignored || case.description.ignored) && is_of_sort;
    named && wanted && !arguments.skip.iter().any(matches)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Suite;

    /// The names that are selected of `f` with two cases, `g` with one, and `f` again with another two.
    fn selected(arguments: &[&str]) -> Vec<String> {
        let mut suite = Suite::new();
        suite.bench("f").axis("n", [1, 3]).run(|_, _| ());
        suite.bench("g").run(|_, _| ());
        suite.bench("f").axis("n", [30, 31]).run(|_, _| ());
        let arguments =
            Arguments::parse(arguments.iter().map(|&a| a.to_owned()), |_| None).unwrap();
        let selection = Selection::of(suite.cases().unwrap(), &arguments);
        assert_eq!(
            selection.selected().count() + selection.filtered_out().count(),
            5,
            "each case is selected or counted as filtered out"
        );
        selection
            .selected()
            .map(|case| case.named.name.clone())
            .collect()
    }

    #[test]
    fn a_quick_run_takes_the_first_selected_case_of_each_benchmark() {
        assert_eq!(selected(&[]), ["f[n=1]", "g", "f[n=30]"]);
        assert_eq!(selected(&["f"]), ["f[n=1]", "f[n=30]"]);
        assert_eq!(selected(&["f[n=3]"]), ["f[n=3]"]);
        assert_eq!(selected(&["f[n=3"]), ["f[n=3]", "f[n=30]"]);
        assert_eq!(selected(&["n=31", "n=3]"]), ["f[n=3]", "f[n=31]"]);
        assert_eq!(selected(&["--skip", "n=1"]), ["f[n=3]", "g", "f[n=30]"]);
        assert!(selected(&["h"]).is_empty());
        let mut shuffled = selected(&["--shuffle-seed", "7"]);
        shuffled.sort_unstable();
        assert_eq!(shuffled, ["f[n=1]", "f[n=30]", "g"]);
    }

    #[test]
    fn a_full_name_is_taken_as_it_stands() {
        assert_eq!(selected(&["--exact", "f[n=3]"]), ["f[n=3]"]);
        assert_eq!(
            selected(&["--exact", "f[n=1]", "f[n=3]"]),
            ["f[n=1]", "f[n=3]"]
        );
        assert!(selected(&["--exact", "f"]).is_empty());
        assert_eq!(selected(&["--exact"]), selected(&[]));
    }

    #[test]
    fn stress_is_for_those_that_run_under_it() {
        let mut suite = Suite::new();
        suite.bench("f").run(|_, _| ());
        let stress = [perf_schema::Stress::Io];
        suite.bench("g").under(stress).run(|_, _| ());
        let cases = suite.cases().unwrap();
        let selected = |line: &[&str]| {
            let line = line.iter().map(|&word| word.to_owned());
            let arguments = Arguments::parse(line, |_| None).unwrap();
            let selection = Selection::of(cases.clone(), &arguments);
            let names = selection.selected().map(|case| case.named.name.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(selected(&["--bench"]), ["f"]);
        assert_eq!(selected(&["--bench", "--chaos"]), ["g"]);
        assert_eq!(selected(&[]), ["f", "g"]);
        assert_eq!(selected(&["--chaos"]), ["g"]);
        assert_eq!(selected(&["--list"]), ["f", "g"]);
    }

    #[test]
    fn a_measurement_takes_every_selected_case() {
        assert_eq!(selected(&["--bench"]).len(), 5);
        assert_eq!(
            selected(&["--bench", "n=3"]),
            ["f[n=3]", "f[n=30]", "f[n=31]"]
        );
    }
}
