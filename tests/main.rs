//! The real binary in a real repository. One file for each command, and one for each thing that may go wrong around it.

mod asynchronous;
mod bad_input;
mod baseline;
mod command;
mod compare;
mod example;
mod harness;
mod history_rewriting;
mod latency;
mod libtest;
mod run;
mod support;
