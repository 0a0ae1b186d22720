//! What Stigmer must do, on whatever distribution. `requirements.toml` is the list; each test cites it.

// The lint's own exception for tests does not reach the helpers of a test binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod agent_runs;
mod agent_tools;
mod api;
mod apply;
mod binary;
mod commands;
mod data;
mod drafts;
mod examples;
mod executions;
mod follow;
mod interrupts;
mod many;
mod projects;
mod proxy;
mod requirements;
mod resources;
mod run;
mod secrets;
mod stopping;
mod subscriptions;
mod support;
mod temporal;
mod tool_server;
mod web;
mod workflow_agents;
mod workflow_runs;
mod workflow_tasks;
