//! Requests that are tried again, within bounds: few times, and never for long.

use std::time::Duration;

use super::PublishError;
use super::wire::{Answer, Method, Request, Wire};

/// How often something is tried.
const TRIES: u32 = 4;

/// The longest wait before the next try, in seconds. Whoever wants to be left alone for longer is.
const LONGEST: u64 = 60;

/// Carries requests.
#[derive(Clone, Copy)]
pub struct Courier<'a> {
    wire: &'a dyn Wire,
    /// Lets time pass.
    pause: &'a dyn Fn(Duration),
    /// Seconds since 1970 at which this began.
    now: i64,
}

/// Whether the request may be sent again.
enum Next {
    /// The answer stands.
    Done,
    /// Not carried out, in so many seconds it may be.
    Later(u64),
    /// Nobody knows whether it was carried out.
    Unsure,
}

impl<'a> Courier<'a> {
    /// One who waits with `pause`.
    #[must_use]
    pub fn new(wire: &'a dyn Wire, pause: &'a dyn Fn(Duration), now: i64) -> Self {
        Self { wire, pause, now }
    }

    /// Sends, and tries again where that can help and does no harm: what makes something new is sent again only where it
    /// is certain that nothing was made.
    ///
    /// # Errors
    /// When nothing came back, or the machine at the other end wants to be left alone for longer than anybody waits.
    pub fn send(&self, host: &str, request: &Request) -> Result<Answer, PublishError> {
        let mut tries = 1;
        loop {
            let sent = self.wire.send(request);
            let next = match &sent {
                Ok(answer) => self.after(answer),
                Err(_) => Next::Unsure,
            };
            let wait = match next {
                Next::Done => None,
                Next::Later(seconds) if seconds > LONGEST => {
                    let host = host.to_owned();
                    return Err(PublishError::Exhausted { host, seconds });
                }
                Next::Later(seconds) => Some(seconds),
                Next::Unsure if request.method == Method::Post => None,
                Next::Unsure => Some(1 << tries),
            };
            match wait {
                Some(seconds) if tries < TRIES => (self.pause)(Duration::from_secs(seconds)),
                _ => {
                    return sent.map_err(|why| PublishError::Unreachable {
                        host: host.to_owned(),
                        why,
                    });
                }
            }
            tries += 1;
        }
    }

    /// GitHub answers 403 to what is forbidden and to what is too much; what is too much says until when.
    fn after(&self, answer: &Answer) -> Next {
        match answer.status {
            403 | 429 => {
                let until_reset = || {
                    let is_spent = answer.left == Some(0);
                    let now = u64::try_from(self.now).unwrap_or_default();
                    let reset = answer.reset.filter(|_| is_spent)?;
                    Some(reset.saturating_sub(now).max(1))
                };
                let asked = answer.retry_after.or_else(until_reset);
                match (asked, answer.status) {
                    (Some(seconds), _) => Next::Later(seconds),
                    (None, 429) => Next::Later(5),
                    (None, _) => Next::Done,
                }
            }
            500..=599 => Next::Unsure,
            _ => Next::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::script::{Script, answer};
    use super::*;
    use std::cell::RefCell;

    fn sent(
        method: Method,
        answers: Vec<Result<Answer, String>>,
    ) -> (Result<Answer, PublishError>, Vec<u64>, usize) {
        let script = Script::new(answers);
        let pauses = RefCell::new(Vec::new());
        let pause = |time: Duration| pauses.borrow_mut().push(time.as_secs());
        let request = Request {
            method,
            address: "https://x.example/".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let result = Courier::new(&script, &pause, 1000).send("x.example", &request);
        (result, pauses.into_inner(), script.requests().len())
    }

    #[test]
    fn what_cannot_do_harm_is_tried_again_and_not_for_ever() {
        let broken = || Ok(answer(502, ""));
        let (result, pauses, count) = sent(
            Method::Get,
            vec![broken(), Err("reset".to_owned()), Ok(answer(200, "ok"))],
        );
        assert_eq!(
            (result.unwrap().status, pauses, count),
            (200, vec![2, 4], 3)
        );
        let (result, pauses, count) = sent(
            Method::Patch,
            vec![broken(), broken(), broken(), broken(), broken()],
        );
        assert_eq!(
            (result.unwrap().status, pauses, count),
            (502, vec![2, 4, 8], 4)
        );
        let unreachable = || Err("refused".to_owned());
        let (result, _, count) = sent(
            Method::Get,
            vec![unreachable(), unreachable(), unreachable(), unreachable()],
        );
        assert_eq!(
            result.unwrap_err().to_string(),
            "x.example could not be reached: refused"
        );
        assert_eq!(count, 4);
    }

    #[test]
    fn nothing_is_made_twice() {
        let (result, _, count) = sent(Method::Post, vec![Ok(answer(502, ""))]);
        assert_eq!((result.unwrap().status, count), (502, 1));
        let (result, _, count) = sent(Method::Post, vec![Err("timeout".to_owned())]);
        assert!(result.is_err() && count == 1);
        // What was too much was certainly not carried out.
        let too_much = Answer {
            status: 429,
            retry_after: Some(3),
            ..Answer::default()
        };
        let (result, pauses, _) = sent(Method::Post, vec![Ok(too_much), Ok(answer(201, "{}"))]);
        assert_eq!((result.unwrap().status, pauses), (201, vec![3]));
    }

    #[test]
    fn whoever_wants_to_be_left_alone_for_long_is() {
        let spent = |reset| Answer {
            status: 403,
            left: Some(0),
            reset: Some(reset),
            ..Answer::default()
        };
        let (result, pauses, _) = sent(Method::Get, vec![Ok(spent(1007)), Ok(answer(200, ""))]);
        assert_eq!((result.unwrap().status, pauses), (200, vec![7]));
        let (result, pauses, count) = sent(Method::Get, vec![Ok(spent(5000))]);
        assert_eq!(
            result.unwrap_err().to_string(),
            "x.example takes no more requests for another 4000 seconds"
        );
        assert_eq!((pauses, count), (vec![], 1));
        // Forbidden is forbidden.
        let (result, _, count) = sent(Method::Get, vec![Ok(answer(403, ""))]);
        assert_eq!((result.unwrap().status, count), (403, 1));
    }
}
