//! Choosing, in real repositories.

mod scene;

mod along;
mod anchors;
mod found_by;
mod messages;
mod shallow;
mod taken;
mod trust;
