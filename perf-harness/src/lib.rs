//! A test harness for CPU, memory and limit benchmarks, compatible with libtest.
