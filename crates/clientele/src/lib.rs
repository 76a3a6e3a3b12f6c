//! The program: which modules it is made of and how they are put together.

pub mod program;
