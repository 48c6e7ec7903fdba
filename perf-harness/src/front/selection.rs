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
        let mut cases: Vec<_> = cases
            .into_iter()
            .map(|case| (selected(&case, arguments), case))
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
    let wanted = !arguments.ignored || case.description.ignored;
    // A quick run takes the smallest case of each benchmark, unless a case is asked for by its full name.
    let quick_enough = arguments.mode != Mode::Smoke || case.named.smallest || arguments.exact;
    named && wanted && quick_enough && !arguments.skip.iter().any(matches)
}
