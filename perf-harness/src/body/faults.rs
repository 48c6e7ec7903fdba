//! The fault that a benchmark injects itself, and how it takes it away.

use std::cell::RefCell;

use perf_schema::wire::{Event, Order};

type Hook = Box<dyn FnMut()>;

/// What the author has said of it so far.
#[derive(Default)]
pub(crate) struct Faults {
    /// Whether the benchmark runs under one.
    is_wanted: bool,
    inject: RefCell<Option<Hook>>,
    recover: RefCell<Option<Hook>>,
}

impl Faults {
    /// Those of a benchmark that runs under one, or does not.
    pub(super) fn wanted(is_wanted: bool) -> Self {
        Self {
            is_wanted,
            ..Self::default()
        }
    }

    /// # Errors
    /// When nobody would ever inject it.
    pub(super) fn inject(&self, fault: impl FnMut() + 'static) -> Result<(), &'static str> {
        self.takes("`b.inject` is never called: the benchmark does not run `under = [fault]`")?;
        *self.inject.borrow_mut() = Some(Box::new(fault));
        Ok(())
    }

    /// # Errors
    /// When there would never be anything to take away.
    pub(super) fn recover(&self, recovery: impl FnMut() + 'static) -> Result<(), &'static str> {
        self.takes("`b.recover` is never called: the benchmark does not run `under = [fault]`")?;
        *self.recover.borrow_mut() = Some(Box::new(recovery));
        Ok(())
    }

    fn takes(&self, otherwise: &'static str) -> Result<(), &'static str> {
        self.is_wanted.then_some(()).ok_or(otherwise)
    }

    /// Obeys an order about the fault.
    ///
    /// # Errors
    /// With what its author has left out.
    pub(super) fn obey(&self, order: &Order) -> Result<Event, &'static str> {
        let (hook, event) = match order {
            Order::Inject => (&self.inject, Event::Injected),
            _ => (&self.recover, Event::Recovered),
        };
        match hook.borrow_mut().as_mut() {
            Some(hook) => hook(),
            None if event == Event::Injected => {
                return Err("a benchmark under `fault` says what that is: `b.inject(|| …)`");
            }
            None => return Err("a fault has to be taken away again: `b.recover(|| …)`"),
        }
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;

    #[test]
    fn a_fault_is_injected_and_taken_away_as_often_as_it_is_ordered() {
        let faults = Faults::wanted(true);
        let there = Rc::new(Cell::new(0));
        let (more, less) = (Rc::clone(&there), Rc::clone(&there));
        faults.inject(move || more.set(more.get() + 1)).unwrap();
        assert_eq!(faults.obey(&Order::Inject), Ok(Event::Injected));
        assert_eq!(faults.obey(&Order::Inject), Ok(Event::Injected));
        assert_eq!(there.get(), 2);
        assert!(
            faults
                .obey(&Order::Recover)
                .unwrap_err()
                .contains("taken away")
        );
        faults.recover(move || less.set(0)).unwrap();
        assert_eq!(faults.obey(&Order::Recover), Ok(Event::Recovered));
        assert_eq!(there.get(), 0);
    }

    #[test]
    fn no_fault_is_an_error() {
        let why = Faults::wanted(true).obey(&Order::Inject).unwrap_err();
        assert!(why.contains("b.inject"), "{why}");
    }

    #[test]
    fn a_fault_that_nobody_would_inject_is_an_error() {
        let faults = Faults::default();
        for why in [faults.inject(|| ()), faults.recover(|| ())] {
            assert!(why.unwrap_err().contains("under = [fault]"), "{why:?}");
        }
    }
}
