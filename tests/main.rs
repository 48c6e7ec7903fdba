//! The real binary in a real repository. One file per command; what a command is not about belongs to another file.

mod harness;
mod run;
mod support;
