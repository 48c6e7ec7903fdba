//! What a record or a report holds.

use serde_json::Value;

use super::Project;

/// The record of a run that is made for it and committed as a baseline.
pub fn saved_record(project: &Project) -> Value {
    read_record(project, &project.save_baseline())
}

/// A record in the project.
pub fn read_record(project: &Project, file: &str) -> Value {
    serde_json::from_str(&project.read(file)).expect("a record is JSON")
}

/// The benchmark with the name that its id ends in.
#[track_caller]
pub fn benchmark<'a>(record: &'a Value, name: &str) -> &'a Value {
    entry(record, "suite", "id", name)
}

/// The same in a report as JSON.
#[track_caller]
pub fn row<'a>(report: &'a Value, name: &str) -> &'a Value {
    entry(report, "benchmarks", "id", name)
}

/// What a list of a document has under a name that ends in this; `key` is what its members call it.
#[track_caller]
pub fn entry<'a>(document: &'a Value, list: &str, key: &str, end: &str) -> &'a Value {
    let all = document[list].as_array();
    let mut all = all
        .unwrap_or_else(|| panic!("it has {list}: {document:#}"))
        .iter();
    let found = all.find(|entry| entry[key].as_str().is_some_and(|name| name.ends_with(end)));
    found.unwrap_or_else(|| panic!("{end} is not among its {list}: {document:#}"))
}

/// The values of a metric: the least and the largest. It must have been measured.
pub fn range(metric: &Value) -> (f64, f64) {
    let samples = &metric["samples"];
    let number = |value: &Value| value.as_f64().expect("a number");
    let scale = 10_f64.powf(number(&samples["exponent"]));
    let values: Vec<f64> = samples["launches"]
        .as_array()
        .unwrap_or_else(|| panic!("it was measured: {metric:#}"))
        .iter()
        .flat_map(|launch| launch.as_array().expect("a list"))
        .map(|value| (number(&samples["base"]) + number(value)) * scale)
        .collect();
    let fold = |f: fn(f64, f64) -> f64| values.iter().copied().reduce(f).expect("values");
    (fold(f64::min), fold(f64::max))
}
