//! The statistics of cargo perf: pure functions over slices.
