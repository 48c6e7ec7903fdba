//! What leaves this machine: comments of pull requests, issues, notices. Nothing here measures or judges, and nothing here
//! changes a verdict.
//!
//! [`wire`] sends one request, [`courier`] tries again within bounds, [`github`] and [`gitlab`] know the interfaces of forges, [`sticky`]
//! keeps one text up to date, and [`untrusted`] makes a text of what a stranger's run says. [`webhook`] and [`desktop`] are
//! where notices go.

mod address;
mod channel;
pub mod courier;
pub mod desktop;
mod error;
pub mod event;
pub mod github;
pub mod gitlab;
mod rest;
#[cfg(test)]
mod script;
mod slug;
pub mod sticky;
pub mod untrusted;
pub mod webhook;
pub mod wire;

pub use address::Address;
pub use channel::{Channel, Notify};
pub use error::PublishError;
pub use slug::Slug;
