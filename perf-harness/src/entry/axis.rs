//! One axis of a benchmark: a name, and the values it takes.

use std::any::{Any, type_name};
use std::fmt::{self, Debug};
use std::sync::Arc;

/// A value with its label.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) label: String,
    value: Arc<dyn Any + Send + Sync>,
    type_name: &'static str,
}

impl Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.label)
    }
}

/// An axis.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) name: String,
    pub(crate) values: Vec<Value>,
}

impl Axis {
    pub(crate) fn new<T: Debug + Send + Sync + 'static>(
        name: &str,
        values: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::of(name, values.into_iter().map(Value::new))
    }

    /// An axis whose values say their names themselves.
    pub(crate) fn labelled<L: Into<String>, T: Send + Sync + 'static>(
        name: &str,
        values: impl IntoIterator<Item = (L, T)>,
    ) -> Self {
        let values = values.into_iter();
        Self::of(
            name,
            values.map(|(label, value)| Value::labelled(label.into(), value)),
        )
    }

    fn of(name: &str, values: impl Iterator<Item = Value>) -> Self {
        Self {
            name: name.to_owned(),
            values: values.collect(),
        }
    }
}

impl Value {
    fn new<T: Debug + Send + Sync + 'static>(value: T) -> Self {
        Self::labelled(label(&value), value)
    }

    fn labelled<T: Send + Sync + 'static>(label: String, value: T) -> Self {
        Self {
            label,
            value: Arc::new(value),
            type_name: type_name::<T>(),
        }
    }

    /// The value itself, if it is a `T`.
    pub(crate) fn get<T: Clone + 'static>(&self) -> Result<T, &'static str> {
        self.value
            .downcast_ref::<T>()
            .cloned()
            .ok_or(self.type_name)
    }
}

/// The `Debug` text: any type can have it, and for numbers and the variants of an enum it is what one would write. A
/// string goes without its quotes.
fn label<T: Debug + 'static>(value: &T) -> String {
    let any: &dyn Any = value;
    if let Some(text) = any.downcast_ref::<&str>() {
        return (*text).to_owned();
    }
    if let Some(text) = any.downcast_ref::<String>() {
        return text.clone();
    }
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_what_one_would_write() {
        #[derive(Debug)]
        enum Algo {
            Merge,
        }
        assert_eq!(label(&10_000_usize), "10000");
        assert_eq!(label(&0.5_f64), "0.5");
        assert_eq!(label(&"plain"), "plain");
        assert_eq!(label(&String::from("owned")), "owned");
        assert_eq!(label(&Algo::Merge), "Merge");
        assert_eq!(label(&Some(3)), "Some(3)");
    }
}
