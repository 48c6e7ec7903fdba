//! Showing a page to whoever asked for it.

use std::path::Path;

use crate::failure::{Failure, Kind};

/// Opens a file with what the desktop opens such files with.
///
/// # Errors
/// When there is no desktop.
pub(super) fn in_browser(file: &Path) -> Result<(), Failure> {
    open::that(file).map_err(|error| {
        Failure::new(
            Kind::Setup,
            anyhow::Error::new(error).context("the page is written, and could not be opened"),
        )
    })
}
