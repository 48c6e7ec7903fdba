//! What values have above the smallest, launch by launch, in one piece of memory: a store is read with a million launches of
//! a few samples each, and a list of its own for each would cost more than what is in it.

use std::fmt;

use serde::de::{DeserializeSeed, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Lists of values, stored as a list of lists. None of them is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Deltas {
    values: Vec<u64>,
    /// Where each list ends among the values.
    ends: Vec<usize>,
}

impl Deltas {
    /// The lists, in order.
    pub(super) fn lists(&self) -> impl ExactSizeIterator<Item = &[u64]> {
        self.ends.iter().enumerate().map(|(i, &end)| {
            let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
            &self.values[start..end]
        })
    }

    /// The largest of all values; `None` where there is none.
    pub(super) fn largest(&self) -> Option<u64> {
        self.values.iter().max().copied()
    }

    /// Ends a list; an empty one is dropped.
    fn end_list(&mut self) {
        if self.ends.last().copied().unwrap_or(0) < self.values.len() {
            self.ends.push(self.values.len());
        }
    }

    /// Takes in a list of which each value may fail.
    ///
    /// # Errors
    /// That of the first value that fails.
    pub(super) fn add<E>(&mut self, list: impl Iterator<Item = Result<u64, E>>) -> Result<(), E> {
        for value in list {
            self.values.push(value?);
        }
        self.end_list();
        Ok(())
    }
}

impl Serialize for Deltas {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lists = serializer.serialize_seq(Some(self.ends.len()))?;
        for list in self.lists() {
            lists.serialize_element(list)?;
        }
        lists.end()
    }
}

impl<'de> Deserialize<'de> for Deltas {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Lists)
    }
}

/// Reads the list of lists.
struct Lists;

impl<'de> Visitor<'de> for Lists {
    type Value = Deltas;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of launches")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut lists: A) -> Result<Deltas, A::Error> {
        let mut deltas = Deltas::default();
        while lists.next_element_seed(List(&mut deltas))?.is_some() {}
        deltas.values.shrink_to_fit();
        deltas.ends.shrink_to_fit();
        Ok(deltas)
    }
}

/// Reads one list.
struct List<'a>(&'a mut Deltas);

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of whole numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element()? {
            self.0.values.push(value);
        }
        self.0.end_list();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_were_stored_without_those_that_are_empty() {
        let deltas: Deltas = serde_json::from_str("[[1,2],[],[0],[]]").unwrap();
        let lists: Vec<&[u64]> = deltas.lists().collect();
        assert_eq!(lists, [&[1, 2][..], &[0]]);
        assert_eq!(deltas.largest(), Some(2));
        assert_eq!(serde_json::to_string(&deltas).unwrap(), "[[1,2],[0]]");
        let none: Deltas = serde_json::from_str("[[],[]]").unwrap();
        assert_eq!((none.lists().len(), none.largest()), (0, None));
    }

    #[test]
    fn what_is_no_list_of_lists_of_whole_numbers_is_refused() {
        for text in ["[1]", "[[1.5]]", "[[-1]]", "[[\"1\"]]", "{}", "[[[1]]]"] {
            assert!(serde_json::from_str::<Deltas>(text).is_err(), "{text}");
        }
    }
}
