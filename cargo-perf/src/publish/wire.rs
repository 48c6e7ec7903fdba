//! One request and its answer. The one place that speaks HTTP.

use std::time::Duration;

use ureq::Agent;
use ureq::http;

/// How long an exchange may take as a whole.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// To be told something.
    Get,
    /// That something is made.
    Post,
    /// That something is changed.
    Patch,
    /// That something has other content.
    Put,
}

/// A request. It may hold secrets, so it has no form for people.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// Of whom.
    pub address: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// What is sent; empty with [`Method::Get`].
    pub body: Vec<u8>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// For how many seconds it wants to be left alone, if it says so.
    pub retry_after: Option<u64>,
    /// How many requests are left.
    pub left: Option<u64>,
    /// When there are more again, in seconds since 1970.
    pub reset: Option<u64>,
    /// What it says.
    pub body: Vec<u8>,
}

/// Whoever carries requests; a script in tests.
pub trait Wire {
    /// Carries one request.
    ///
    /// # Errors
    /// When nothing came back, with what the network says.
    fn send(&self, request: &Request) -> Result<Answer, String>;
}

/// The network.
#[derive(Clone, Debug)]
pub struct Network(Agent);

impl Default for Network {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            // Nothing that was meant for one machine is taken to another.
            .max_redirects(0)
            .user_agent(concat!("cargo-perf/", env!("CARGO_PKG_VERSION")))
            .build();
        Self(config.new_agent())
    }
}

impl Wire for Network {
    fn send(&self, request: &Request) -> Result<Answer, String> {
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Patch => http::Method::PATCH,
            Method::Put => http::Method::PUT,
        };
        let mut asked = http::Request::builder()
            .method(method)
            .uri(&request.address);
        for (name, value) in &request.headers {
            asked = asked.header(*name, value);
        }
        let answer = match request.method {
            Method::Get => asked.body(()).map(|asked| self.0.run(asked)),
            Method::Post | Method::Patch | Method::Put => asked
                .body(request.body.as_slice())
                .map(|asked| self.0.run(asked)),
        };
        let answer = answer.map_err(|error| error.to_string())?;
        let mut answer = answer.map_err(|error| error.to_string())?;
        let header = |name: &str| -> Option<u64> {
            let value = answer.headers().get(name)?;
            value.to_str().ok()?.trim().parse().ok()
        };
        let (retry_after, left, reset) = (
            header("retry-after"),
            header("x-ratelimit-remaining"),
            header("x-ratelimit-reset"),
        );
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(LARGEST).read_to_vec();
        Ok(Answer {
            status,
            retry_after,
            left,
            reset,
            body: body.map_err(|error| error.to_string())?,
        })
    }
}
