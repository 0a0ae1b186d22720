//! What Stigmer must do, on whatever distribution. `requirements.toml` is the list; each test cites it.

mod agent_runs;
mod agent_tools;
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
mod tool_server;
mod web;
mod workflow_runs;
mod workflow_tasks;
