//! One file per command.

mod apply;
mod dispatch;
mod run;

pub(crate) use dispatch::execute;
