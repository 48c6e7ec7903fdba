//! The way that a benchmark came: its last values as a line so small that it fits a table.

/// Values that are shown at most.
const SHOWN: usize = 24;

/// The last values as blocks of rising height: `▁▁▂▁▇█`. Empty below two values. What repeats within two per cent of the
/// middle is drawn flat, so that noise is no mountain range.
pub(super) fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let shown = &values[values.len().saturating_sub(SHOWN)..];
    if shown.len() < 2 {
        return String::new();
    }
    let least = shown.iter().copied().fold(f64::INFINITY, f64::min);
    let most = shown.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let middle = f64::midpoint(least, most);
    let room = ((most - least) / 2.0).max(middle.abs() * 0.02);
    let place = |value: f64| {
        let part = if room > 0.0 {
            (value - middle) / room
        } else {
            0.0
        };
        let steps = BLOCKS.len() as f64 - 1.0;
        let step = ((part + 1.0) / 2.0 * steps).round().clamp(0.0, steps);
        // The middle of eight is drawn low, as what is flat should be.
        BLOCKS
            .iter()
            .zip(0_u8..)
            .find(|(_, at)| f64::from(*at) >= step)
    };
    let blocks = shown.iter().filter_map(|&value| place(value));
    blocks.map(|(block, _)| *block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_and_noise_does_not() {
        assert_eq!(sparkline(&[10.0, 10.0, 20.0, 20.0]), "▁▁██");
        assert_eq!(sparkline(&[100.0, 100.1, 99.9]), "▅▅▄");
        assert_eq!(sparkline(&[0.0, 0.0]), "▅▅");
        assert_eq!(sparkline(&[1.0]), "");
        assert_eq!(sparkline(&[1.0; 100]).chars().count(), SHOWN);
    }
}
