//! What git knows of the code that is measured.
