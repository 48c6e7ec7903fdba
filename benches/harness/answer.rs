//! What a tool says that a body takes.

/// A time, as the tool shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// This much, in nanoseconds.
    About(f64),
    /// Less than this; and by its own account so much of it is not the tool's doing.
    Below { bound: f64, rest: f64 },
}

impl Answer {
    /// Reads `12.3 ns`.
    pub fn read(text: &str) -> Option<Self> {
        time(text).map(Self::About)
    }
}

/// The time at the beginning of a text, in nanoseconds.
pub fn time(text: &str) -> Option<f64> {
    let mut words = text.split_whitespace();
    let value: f64 = words.next()?.parse().ok()?;
    let scale = match words.next()? {
        "ps" => 1e-3,
        "ns" => 1.0,
        "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        _ => return None,
    };
    Some(value * scale)
}
