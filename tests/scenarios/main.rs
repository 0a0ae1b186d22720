//! What Stigmer must do, on whatever distribution. `requirements.toml` is the list; each test cites it.

mod api;
mod apply;
mod drafts;
mod examples;
mod follow;
mod many;
mod projects;
mod proxy;
mod requirements;
mod run;
mod support;
mod temporal;
mod web;
mod workflow_runs;
mod workflow_tasks;
