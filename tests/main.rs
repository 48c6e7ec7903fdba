//! The real binary in a real repository. One file for each command, and one for each thing that may go wrong around it.

mod accept;
mod asynchronous;
mod bad_input;
mod baseline;
mod budgets;
mod calibrate;
mod command;
mod compare;
mod config;
mod declared;
mod doctor;
mod example;
mod growth;
mod harness;
mod history_rewriting;
mod instructions;
mod latency;
mod layout;
mod libtest;
mod limits;
mod metrics;
mod noise;
mod paired;
mod run;
mod severity;
mod support;
