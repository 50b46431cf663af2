//! The page: what it says, whatever it is given.
