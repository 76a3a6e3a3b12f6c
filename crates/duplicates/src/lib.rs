//! Several records of one person or company: merging them into one, and taking a merge back.

pub mod likely;
pub mod merge;
pub mod module;
pub mod review;
