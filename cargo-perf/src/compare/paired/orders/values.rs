//! One value of each link order, out of rounds of launches.

use std::iter::zip;

use perf_runner::BySide;
use perf_stats::{choose_summary_of_pairs, median};

use super::super::metrics::Values;

/// One value of each order: the median over its launches. What the machine did to a whole round is taken off first, by the
/// median of the round, both sides together. And the noise of such a value, on the log scale.
pub(super) fn by_order(
    values: &Values,
    orders: &[BySide<usize>],
) -> Result<(BySide<Vec<f64>>, f64), String> {
    if values.baseline.len() != orders.len() {
        return Err("not every launch in other orders gave a value".to_owned());
    }
    let chosen = choose_summary_of_pairs(&values.baseline, &values.candidate)
        .map_err(|error| error.to_string())?;
    let count = orders
        .iter()
        .map(|orders| orders.baseline + 1)
        .max()
        .unwrap_or(0);
    let mut launches = [vec![Vec::new(); count], vec![Vec::new(); count]];
    let mut rounds = Vec::new();
    let pairs: Vec<_> = zip(zip(&chosen.baseline, &chosen.candidate), orders).collect();
    // The last one is left out if a side failed in it.
    for round in pairs.chunks_exact(count.max(1)) {
        let all = round
            .iter()
            .flat_map(|((old, new), _)| [old.ln(), new.ln()]);
        let centre = centre(&all.collect::<Vec<_>>())?;
        rounds.push(centre);
        for ((old, new), orders) in round {
            launches[0][orders.baseline].push(old.ln() - centre);
            launches[1][orders.candidate].push(new.ln() - centre);
        }
    }
    let level = centre(&rounds)?;
    let noise = noise_of_medians(launches.iter().flatten());
    let side = |launches: &[Vec<f64>]| -> Result<Vec<f64>, String> {
        let value = |of: &Vec<f64>| Ok((centre(of)? + level).exp());
        launches.iter().map(value).collect()
    };
    let [baseline, candidate] = launches;
    let sides = BySide {
        baseline: side(&baseline)?,
        candidate: side(&candidate)?,
    };
    Ok((sides, noise))
}

/// The standard deviation of an order's median, by how far its launches lie apart, pooled over all orders. That of normal values is
/// √(π/2) times that of their mean.
fn noise_of_medians<'a>(orders: impl Iterator<Item = &'a Vec<f64>>) -> f64 {
    let (mut squares, mut degrees, mut launches) = (0.0, 0_usize, usize::MAX);
    for order in orders {
        let mean = order.iter().sum::<f64>() / order.len().max(1) as f64;
        squares += order
            .iter()
            .map(|value| (value - mean).powi(2))
            .sum::<f64>();
        degrees += order.len().saturating_sub(1);
        launches = launches.min(order.len());
    }
    let variance = squares / degrees.max(1) as f64;
    (variance * std::f64::consts::FRAC_PI_2 / launches.max(1) as f64).sqrt()
}

fn centre(values: &[f64]) -> Result<f64, String> {
    median(values).map_err(|error| error.to_string())
}
