//! What leaves this machine: comments of pull requests, issues, notices. Nothing here measures or judges, and nothing here
//! changes a verdict.
//!
//! [`wire`] sends one request, [`courier`] tries again within bounds, [`github`] knows the interface of GitHub, [`sticky`]
//! keeps one text up to date, and [`untrusted`] makes a text of what a stranger's run says.

mod address;
pub mod courier;
pub mod desktop;
mod error;
pub mod event;
pub mod github;
#[cfg(test)]
mod script;
mod slug;
pub mod sticky;
pub mod untrusted;
pub mod webhook;
pub mod wire;

pub use address::Address;
pub use error::PublishError;
pub use slug::Slug;
