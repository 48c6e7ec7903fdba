//! The conductor: starts benchmark workers, gives them orders, ends them.
