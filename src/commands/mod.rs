//! The commands of `stigmer-e2e`, one a file.

mod arguments;
mod doctor;
mod provision;
mod report;
mod supervisor;

pub(crate) use arguments::run;
