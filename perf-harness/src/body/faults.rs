//! The fault that a benchmark injects itself, and how it takes it away.

use std::cell::RefCell;

use perf_schema::wire::{Event, Order};

type Hook = Box<dyn FnMut()>;

/// What the author has said of it so far.
#[derive(Default)]
pub(crate) struct Faults {
    inject: RefCell<Option<Hook>>,
    recover: RefCell<Option<Hook>>,
}

impl Faults {
    pub(super) fn inject(&self, fault: impl FnMut() + 'static) {
        *self.inject.borrow_mut() = Some(Box::new(fault));
    }

    pub(super) fn recover(&self, recovery: impl FnMut() + 'static) {
        *self.recover.borrow_mut() = Some(Box::new(recovery));
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
        let faults = Faults::default();
        let there = Rc::new(Cell::new(0));
        let (more, less) = (Rc::clone(&there), Rc::clone(&there));
        faults.inject(move || more.set(more.get() + 1));
        assert_eq!(faults.obey(&Order::Inject), Ok(Event::Injected));
        assert_eq!(faults.obey(&Order::Inject), Ok(Event::Injected));
        assert_eq!(there.get(), 2);
        assert!(
            faults
                .obey(&Order::Recover)
                .unwrap_err()
                .contains("taken away")
        );
        faults.recover(move || less.set(0));
        assert_eq!(faults.obey(&Order::Recover), Ok(Event::Recovered));
        assert_eq!(there.get(), 0);
    }

    #[test]
    fn no_fault_is_an_error() {
        let why = Faults::default().obey(&Order::Inject).unwrap_err();
        assert!(why.contains("b.inject"), "{why}");
    }
}
