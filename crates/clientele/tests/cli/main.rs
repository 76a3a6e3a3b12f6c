//! The program as an administrator meets it: commands, exit codes, and what a power cut leaves.

mod admin;
mod duplicates;
mod files;
mod power_cut;
mod program;
mod queue;
mod server;
