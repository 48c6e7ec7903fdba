//! One case: a benchmark with one value of each axis.

use std::any::type_name;
use std::collections::BTreeMap;

use super::axis::{Axis, Value};

/// The values that a benchmark's axes have in the case that is running.
#[derive(Clone, Debug)]
pub struct Case {
    values: Vec<(String, Value)>,
}

/// A case with its full name.
#[derive(Clone, Debug)]
pub(crate) struct NamedCase {
    pub(crate) name: String,
    pub(crate) case: Case,
    /// Whether every axis has its first value.
    pub(crate) smallest: bool,
}

impl Case {
    /// The value of an axis.
    ///
    /// # Panics
    /// When the benchmark has no such axis, or its values are of another type than `T`.
    #[must_use]
    pub fn get<T: Clone + 'static>(&self, axis: &str) -> T {
        let Some((_, value)) = self.values.iter().find(|(name, _)| name == axis) else {
            panic!("the benchmark has no axis `{axis}`");
        };
        match value.get() {
            Ok(value) => value,
            Err(actual) => panic!(
                "the values of axis `{axis}` are of type {actual}, not {}",
                type_name::<T>()
            ),
        }
    }

    /// The label of each axis.
    pub(crate) fn labels(&self) -> BTreeMap<String, String> {
        self.values
            .iter()
            .map(|(name, value)| (name.clone(), value.label.clone()))
            .collect()
    }

    /// The number of threads, one unless there is an axis for it.
    pub(crate) fn threads(&self) -> usize {
        self.values
            .iter()
            .find(|(name, _)| name == THREADS)
            .and_then(|(_, value)| value.get().ok())
            .unwrap_or(1)
    }

    /// Every combination of the axes' values: the last axis changes fastest, as digits do.
    pub(crate) fn all(name: &str, axes: &[Axis]) -> Vec<NamedCase> {
        let mut combinations = vec![Vec::new()];
        for axis in axes {
            combinations = combinations
                .into_iter()
                .flat_map(|chosen: Vec<(String, Value)>| {
                    axis.values.iter().map(move |value| {
                        let mut chosen = chosen.clone();
                        chosen.push((axis.name.clone(), value.clone()));
                        chosen
                    })
                })
                .collect();
        }
        combinations
            .into_iter()
            .enumerate()
            .map(|(index, values)| NamedCase {
                name: full_name(name, &values),
                case: Self { values },
                smallest: index == 0,
            })
            .collect()
    }
}

/// The axis that says how many threads run the body.
pub(crate) const THREADS: &str = "threads";

fn full_name(name: &str, values: &[(String, Value)]) -> String {
    if values.is_empty() {
        return name.to_owned();
    }
    let arguments: Vec<String> = values
        .iter()
        .map(|(axis, value)| format!("{axis}={}", value.label))
        .collect();
    format!("{name}[{}]", arguments.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_multiply_in_the_order_of_their_declaration() {
        let axes = [Axis::new("n", [1, 20]), Axis::new("kind", ["a", "b"])];
        let cases = Case::all("sort", &axes);
        let names: Vec<&str> = cases.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "sort[n=1,kind=a]",
                "sort[n=1,kind=b]",
                "sort[n=20,kind=a]",
                "sort[n=20,kind=b]"
            ]
        );
        assert_eq!(
            cases.iter().map(|c| c.smallest).collect::<Vec<_>>(),
            [true, false, false, false]
        );
        assert_eq!(cases[3].case.get::<i32>("n"), 20);
        assert_eq!(cases[3].case.get::<&str>("kind"), "b");
    }

    #[test]
    fn no_axis_makes_one_case_and_an_empty_one_makes_none() {
        assert_eq!(
            Case::all("f", &[])
                .iter()
                .map(|c| c.name.as_str())
                .collect::<Vec<_>>(),
            ["f"]
        );
        assert!(Case::all("f", &[Axis::new("n", [0_u8; 0])]).is_empty());
    }

    #[test]
    #[should_panic(expected = "are of type i32, not u64")]
    fn a_value_of_another_type_is_named() {
        let _turn = crate::scripted::alone();
        let _ = Case::all("f", &[Axis::new("n", [1])])[0]
            .case
            .get::<u64>("n");
    }
}
