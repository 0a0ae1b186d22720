//! From a project to a program that declares its resources: compiled once per content, then run.

mod cache;
mod digest;
mod error;
mod go;
mod gomod;
mod module;
mod plan;
mod program;
mod sdk;

pub(crate) use cache::Cache;
pub(crate) use error::BuildError;
pub(crate) use plan::build;
pub(crate) use program::{out_directory, run};
