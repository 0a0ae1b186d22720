//! One file per command.

mod apply;
mod dispatch;
mod executions;
mod get;
mod list;
mod run;
mod skill;

pub(crate) use dispatch::execute;
