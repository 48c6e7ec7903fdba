//! A wire that answers what a test wrote down.

use std::cell::RefCell;
use std::collections::VecDeque;

use super::wire::{Answer, Request, Wire};

/// Answers one after the other.
pub(super) struct Script {
    answers: RefCell<VecDeque<Result<Answer, String>>>,
    requests: RefCell<Vec<Request>>,
}

/// An answer that says no more than this.
pub(super) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        body: body.as_bytes().to_vec(),
        ..Answer::default()
    }
}

impl Script {
    pub(super) fn new(answers: impl IntoIterator<Item = Result<Answer, String>>) -> Self {
        Self {
            answers: RefCell::new(answers.into_iter().collect()),
            requests: RefCell::default(),
        }
    }

    /// What was asked so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }
}

impl Wire for Script {
    fn send(&self, request: &Request) -> Result<Answer, String> {
        self.requests.borrow_mut().push(request.clone());
        let next = self.answers.borrow_mut().pop_front();
        next.expect("the script has an answer left")
    }
}
