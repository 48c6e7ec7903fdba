//! What a tool says that a body takes.

/// A time, as the tool shows it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    /// This much, in nanoseconds.
    About(f64),
    /// Less than this.
    Below(f64),
}

impl Answer {
    /// Reads `12.3 ns` or `< 12.3 ns`.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (kind, text): (fn(f64) -> Self, &str) = match text.strip_prefix("< ") {
            Some(rest) => (Self::Below, rest),
            None => (Self::About, text),
        };
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
        Some(kind(value * scale))
    }
}
