//! Rankings: variants of one benchmark, the best first, and which of them cannot be told apart.

use perf_schema::{BenchId, Unit};
use serde::Serialize;

use super::markdown::{code, escape};
use super::printable::printable;
use super::quantity::quantity;
use super::table::wrapped;
use crate::compare::Ranked;
use crate::compare::ranking::{By, Interval, Variant};

/// For a person; nothing where there are none.
pub(super) fn human(rankings: &[Ranked], width: Option<usize>) -> String {
    let mut text = String::new();
    for ranked in rankings {
        text.push_str(&wrapped(&printable(&heading(ranked)), "", width));
        let lines: Vec<[String; 4]> = (0..ranked.variants.len())
            .map(|variant| cells(ranked, variant).map(|cell| printable(&cell)))
            .collect();
        let wide = |column: usize| {
            let cells = lines.iter().map(|line| line[column].chars().count());
            cells.max().unwrap_or(0)
        };
        for [place, value, amount, remark] in &lines {
            let line = format!(
                "  {place:<place_wide$}  {value:<value_wide$}  {amount:>amount_wide$}  {remark}",
                place_wide = wide(0),
                value_wide = wide(1),
                amount_wide = wide(2),
            );
            text.push_str(line.trim_end());
            text.push('\n');
        }
    }
    text
}

/// For a comment.
pub(super) fn markdown(rankings: &[Ranked]) -> String {
    let mut text = String::new();
    for ranked in rankings {
        text.push_str(&format!("**{}**\n\n", escape(&heading(ranked))));
        text.push_str("| place | variant | | |\n|---|---|--:|---|\n");
        for variant in 0..ranked.variants.len() {
            let [place, value, amount, remark] = cells(ranked, variant);
            text.push_str(&format!(
                "| {place} | {} | {} | {} |\n",
                code(&value),
                escape(&amount),
                escape(&remark)
            ));
        }
        text.push('\n');
    }
    text
}

/// What is ranked, and by what.
pub(super) fn heading(ranked: &Ranked) -> String {
    let first = match ranked.by {
        By::Time => "the shortest time first",
        By::Limit => "the largest limit first",
    };
    let why = ranked.reason.as_ref();
    let why = why.map_or(String::new(), |why| format!("; not ranked: {why}"));
    format!(
        "ranking of {} by {}, {first}{why}",
        ranked.id.in_package(),
        ranked.axis
    )
}

/// Place, value, amount, and how it stands to others.
pub(super) fn cells(ranked: &Ranked, at: usize) -> [String; 4] {
    let Variant {
        value,
        amount,
        place,
        ..
    } = &ranked.variants[at];
    let place = if place.is_sure() {
        place.best.to_string()
    } else {
        format!("{}–{}", place.best, place.worst)
    };
    let amount = match ranked.by {
        By::Time => quantity(*amount, &Unit::NANOSECONDS),
        By::Limit => amount.to_string(),
    };
    let mut remarks = Vec::new();
    if let Some(ratio) = ranked.to_first(at).and_then(|pair| pair.ratio) {
        remarks.push(format!("{} of the first", interval(ratio)));
    }
    let tied: Vec<&str> = ranked
        .tied_with(at)
        .map(|other| other.value.as_str())
        .collect();
    if !tied.is_empty() {
        remarks.push(format!("cannot be told from {}", tied.join(", ")));
    }
    [place, value.clone(), amount, remarks.join("; ")]
}

/// `1.25 (1.20…1.31)`.
fn interval(ratio: Interval) -> String {
    let high = if ratio.high.is_finite() {
        ratio_in_words(ratio.high)
    } else {
        "∞".to_owned()
    };
    format!(
        "{} ({}…{high})",
        ratio_in_words(ratio.value),
        ratio_in_words(ratio.low)
    )
}

/// Three digits that count, so that a hundredth of the best is no zero.
fn ratio_in_words(ratio: f64) -> String {
    match ratio {
        r if r >= 99.95 => format!("{r:.0}"),
        r if r >= 9.995 => format!("{r:.1}"),
        r if r >= 0.0995 => format!("{r:.2}"),
        r if r >= 0.00995 => format!("{r:.3}"),
        0.0 => "0".to_owned(),
        r => format!("{r:.1e}"),
    }
}

/// A ranking for programs.
#[derive(Serialize)]
pub(super) struct RankingFigures<'a> {
    /// The benchmark, with the values of its other axes.
    benchmark: String,
    axis: &'a str,
    /// `time` or `limit`.
    by: &'static str,
    /// The best first.
    variants: Vec<VariantFigures<'a>>,
    /// Every pair, the better placed first; empty where there is a reason.
    pairs: Vec<PairFigures<'a>>,
    /// Why the places could not be told.
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct VariantFigures<'a> {
    value: &'a str,
    /// Nanoseconds of an iteration, or the largest level that passed.
    amount: f64,
    best_place: usize,
    worst_place: usize,
}

#[derive(Serialize)]
struct PairFigures<'a> {
    one: &'a str,
    other: &'a str,
    /// Amount of the other over that of the one; `null` where nothing is known of it.
    ratio: Option<f64>,
    low: Option<f64>,
    /// `null` without an upper end.
    high: Option<f64>,
    is_sure: bool,
}

/// The rankings for programs.
pub(super) fn figures(rankings: &[Ranked]) -> Vec<RankingFigures<'_>> {
    rankings.iter().map(of_one).collect()
}

fn of_one(ranked: &Ranked) -> RankingFigures<'_> {
    let value = |variant: usize| ranked.variants[variant].value.as_str();
    let variants = ranked.variants.iter().map(|variant| VariantFigures {
        value: &variant.value,
        amount: variant.amount,
        best_place: variant.place.best,
        worst_place: variant.place.worst,
    });
    let pairs = ranked.pairs.iter().map(|pair| PairFigures {
        one: value(pair.one),
        other: value(pair.other),
        ratio: pair.ratio.map(|ratio| ratio.value),
        low: pair.ratio.map(|ratio| ratio.low),
        high: pair
            .ratio
            .map(|ratio| ratio.high)
            .filter(|high| high.is_finite()),
        is_sure: pair.is_sure,
    });
    RankingFigures {
        benchmark: ranked.id.to_string(),
        axis: &ranked.axis,
        by: match ranked.by {
            By::Time => "time",
            By::Limit => "limit",
        },
        variants: variants.collect(),
        pairs: pairs.collect(),
        reason: ranked.reason.as_deref(),
    }
}

/// How a limit stands among its variants.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Standing {
    /// The best place that it may have; 1 is the best of all.
    rank: usize,
    /// And the worst.
    worst_rank: usize,
    of: usize,
    /// Its largest pass over that of the best.
    to_best: f64,
}

/// The standing of a limit; `None` where it is in no ranking, and where several axes ask several questions.
pub(super) fn standing(id: &BenchId, rankings: &[Ranked]) -> Option<Standing> {
    let of_it = |ranked: &&Ranked| ranked.variants.iter().any(|variant| variant.id == *id);
    let mut found = rankings.iter().filter(of_it);
    let (Some(ranked), None) = (found.next(), found.next()) else {
        return None;
    };
    let own = ranked.variants.iter().find(|variant| variant.id == *id)?;
    let best = ranked.variants.iter().map(|variant| variant.amount);
    Some(Standing {
        rank: own.place.best,
        worst_rank: own.place.worst,
        of: ranked.variants.len(),
        to_best: own.amount / best.fold(f64::MIN_POSITIVE, f64::max),
    })
}

#[cfg(test)]
mod tests {
    use perf_stats::Place;

    use super::*;
    use crate::compare::ranking::Pairwise;
    use crate::store::fixture::bench;

    fn ranked() -> Ranked {
        let variant = |value: &str, amount, best, worst| Variant {
            id: bench(&format!("f[way={value}]")),
            value: value.to_owned(),
            amount,
            place: Place { best, worst },
        };
        let pair = |one, other, value, low, high, is_sure| Pairwise {
            one,
            other,
            ratio: Some(Interval { value, low, high }),
            is_sure,
        };
        Ranked {
            id: bench("f"),
            axis: "way".to_owned(),
            by: By::Time,
            variants: vec![
                variant("Join", 1_000.0, 1, 1),
                variant("Pu|sh", 1_250.0, 2, 3),
                variant("Format", 1_260.0, 2, 3),
            ],
            pairs: vec![
                pair(0, 1, 1.25, 1.2, 1.3, true),
                pair(0, 2, 1.26, 1.21, 1.31, true),
                pair(1, 2, 1.008, 0.97, f64::INFINITY, false),
            ],
            reason: None,
        }
    }

    #[test]
    fn a_person_sees_places_ratios_and_ties() {
        insta::assert_snapshot!(human(&[ranked()], None), @r"
        ranking of cpu::f by way, the shortest time first
          1    Join    1.000 µs
          2–3  Pu|sh   1.250 µs  1.25 (1.20…1.30) of the first; cannot be told from Format
          2–3  Format  1.260 µs  1.26 (1.21…1.31) of the first; cannot be told from Pu|sh
        ");
    }

    #[test]
    fn a_comment_has_a_table_that_no_name_breaks() {
        let text = markdown(&[ranked()]);
        assert!(text.contains("| 2–3 | `Pu\\|sh` | 1.250 µs |"), "{text}");
    }

    #[test]
    fn a_program_gets_every_pair() {
        let value = serde_json::to_value(figures(&[ranked()])).unwrap();
        assert_eq!(value[0]["pairs"][2]["is_sure"], false);
        assert_eq!(value[0]["pairs"][2]["high"], serde_json::Value::Null);
        assert_eq!(value[0]["variants"][1]["worst_place"], 3);
    }

    #[test]
    fn what_cannot_be_ranked_says_why() {
        let few = Ranked {
            pairs: Vec::new(),
            reason: Some("too few launches".to_owned()),
            ..ranked()
        };
        assert!(human(&[few], None).contains("first; not ranked: too few launches\n"));
    }

    #[test]
    fn ratios_keep_their_digits() {
        for (ratio, told) in [
            (0.0, "0"),
            (0.000_123, "1.2e-4"),
            (0.0123, "0.012"),
            (0.5, "0.50"),
            (1.0, "1.00"),
            (12.34, "12.3"),
            (1234.5, "1234"),
        ] {
            assert_eq!(ratio_in_words(ratio), told);
        }
    }
}
