//! The way that a benchmark came: its values as a line so small that it fits a table.

/// Characters of a line, at most.
const ROOM: usize = 16;

/// The least share of the greatest value that is drawn from the bottom to the top: scatter of a few per cent is no mountain range.
const LEAST_RANGE: f64 = 0.1;

/// Values as blocks of rising height, `▁▁▂▁▇█`, each the median of the runs it stands for. Empty below two values.
pub(super) fn sparkline(values: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    if values.len() < 2 {
        return String::new();
    }
    let groups = values.chunks(values.len().div_ceil(ROOM));
    let heights: Vec<f64> = groups
        .filter_map(|group| perf_stats::median(group).ok())
        .collect();
    let least = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let most = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let range = (most - least).max(LEAST_RANGE * most);
    let block = |value: &f64| {
        let part = if range > 0.0 {
            (value - least) / range
        } else {
            0.0
        };
        let last = BLOCKS.len() - 1;
        let nth = (0..last)
            .rev()
            .find(|&nth| part * last as f64 >= nth as f64 + 0.5);
        BLOCKS[nth.map_or(0, |nth| nth + 1)]
    };
    heights.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_shows_and_noise_does_not() {
        assert_eq!(sparkline(&[10.0, 10.0, 20.0, 20.0]), "▁▁██");
        assert_eq!(sparkline(&[100.0, 100.1, 99.9]), "▁▁▁");
        assert_eq!(sparkline(&[0.0, 0.0]), "▁▁");
    }

    proptest::proptest! {
        #[test]
        fn a_line_is_as_long_as_there_is_room(values in proptest::collection::vec(0.0..1e9_f64, 0..200)) {
            let drawn = sparkline(&values);
            proptest::prop_assert!(drawn.chars().count() <= ROOM);
            proptest::prop_assert_eq!(drawn.is_empty(), values.len() < 2);
        }
    }
}
