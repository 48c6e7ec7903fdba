//! Families: the cases of one benchmark that differ by the value of one axis, and by nothing else.

use std::collections::BTreeMap;

use perf_schema::{BenchId, size_of};

/// The axis that says how many threads run a benchmark at once.
pub const THREADS: &str = "threads";

/// A family. `T` is whatever is known of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Family<T> {
    /// What they have in common: the benchmark, with the values of the other axes.
    pub id: BenchId,
    /// The axis that they differ by.
    pub axis: String,
    /// Value of that axis and case, in the order of the cases.
    pub members: Vec<(String, T)>,
}

/// All families of some cases, each of which stands in one for each of its axes. In the order of what they have in common.
pub fn families<'a, T: Copy>(
    cases: impl IntoIterator<Item = (&'a BenchId, &'a BTreeMap<String, String>, T)>,
) -> Vec<Family<T>> {
    let mut families: BTreeMap<(BenchId, &str), Vec<(String, T)>> = BTreeMap::new();
    for (id, parameters, case) in cases {
        for (axis, value) in parameters {
            let Some(common) = without(id, parameters, axis) else {
                continue;
            };
            let family = families.entry((common, axis)).or_default();
            family.push((value.clone(), case));
        }
    }
    let family = |((id, axis), members): ((BenchId, &str), Vec<(String, T)>)| Family {
        id,
        axis: axis.to_owned(),
        members,
    };
    families.into_iter().map(family).collect()
}

impl<T: Copy> Family<T> {
    /// The cases with their sizes in rising order, where every value of the axis is a size, and each another one.
    #[must_use]
    pub fn sizes(&self) -> Option<Vec<(f64, T)>> {
        let members = self.members.iter();
        let sized = members.map(|(value, case)| Some((size_of(&self.axis, value)?, *case)));
        let mut sizes: Vec<(f64, T)> = sized.collect::<Option<_>>()?;
        sizes.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let rise = |pair: &[(f64, T)]| pair[0].0 < pair[1].0;
        sizes.windows(2).all(rise).then_some(sizes)
    }
}

/// The benchmark with the values of all axes but one.
fn without(id: &BenchId, parameters: &BTreeMap<String, String>, axis: &str) -> Option<BenchId> {
    let (function, _) = id.name().split_once('[')?;
    let others = parameters.iter().filter(|(name, _)| *name != axis);
    let others: Vec<String> = others
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let name = if others.is_empty() {
        function.to_owned()
    } else {
        format!("{function}[{}]", others.join(","))
    };
    BenchId::new(id.package(), id.target(), &name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::bench;

    fn cases(all: &[(&str, &[(&str, &str)])]) -> Vec<(BenchId, BTreeMap<String, String>)> {
        let parameters = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(a, v)| ((*a).to_owned(), (*v).to_owned()));
            owned.collect()
        };
        all.iter()
            .map(|(name, pairs)| (bench(name), parameters(pairs)))
            .collect()
    }

    fn families_of(cases: &[(BenchId, BTreeMap<String, String>)]) -> Vec<Family<usize>> {
        let all = cases.iter().enumerate();
        families(all.map(|(index, (id, parameters))| (id, parameters, index)))
    }

    #[test]
    fn a_case_stands_in_a_family_for_each_of_its_axes() {
        let cases = cases(&[
            ("sort[n=10,algo=a]", &[("n", "10"), ("algo", "a")]),
            ("sort[n=9,algo=a]", &[("n", "9"), ("algo", "a")]),
            ("sort[n=10,algo=b]", &[("n", "10"), ("algo", "b")]),
            ("plain", &[]),
        ]);
        let families = families_of(&cases);
        let told: Vec<(String, &str, Vec<usize>)> = families
            .iter()
            .map(|family| {
                let members = family.members.iter().map(|(_, case)| *case);
                (
                    family.id.in_package(),
                    family.axis.as_str(),
                    members.collect(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("cpu::sort[algo=a]".to_owned(), "n", vec![0, 1]),
                ("cpu::sort[algo=b]".to_owned(), "n", vec![2]),
                ("cpu::sort[n=10]".to_owned(), "algo", vec![0, 2]),
                ("cpu::sort[n=9]".to_owned(), "algo", vec![1]),
            ]
        );
        assert_eq!(families[0].sizes(), Some(vec![(9.0, 1), (10.0, 0)]));
        assert_eq!(families[2].sizes(), None);
    }

    #[test]
    fn two_texts_of_one_number_are_no_two_sizes() {
        let cases = cases(&[("f[n=1]", &[("n", "1")]), ("f[n=1.0]", &[("n", "1.0")])]);
        assert_eq!(families_of(&cases)[0].sizes(), None);
    }
}
