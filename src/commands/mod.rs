//! The commands of `stigmer-e2e`, one a file.

mod arguments;
mod demo;
mod doctor;
mod provision;
mod report;
mod requirements;
mod session;
mod soak;
mod soak_round;
mod supervisor;
mod test;
mod up;

pub(crate) use arguments::run;
