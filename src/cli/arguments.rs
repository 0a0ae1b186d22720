//! The command line's grammar. Texts of errors are in `usage.rs`.

use std::time::Duration;

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};

const AFTER_HELP: &str = "\
Server address, first that is set:
  --server HOST:PORT
  STIGMER_SERVER_ADDR
  STIGMER_SERVER
  `server:` in $HOME/.stigmer/config.yaml
  127.0.0.1:7234

Exit codes:
  0    it did what was asked
  1    it did not; not found is one of these
  2    the command line is wrong
  3    the execution that was followed failed
  4    the execution that was followed was cancelled
  130  left because of Ctrl-C";

/// Applies and runs agents and workflows.
#[derive(Debug, Parser)]
#[command(
    name = "stigmer",
    version,
    after_help = AFTER_HELP,
    disable_help_subcommand = true,
    subcommand_required = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: GlobalArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct GlobalArguments {
    /// Address of the server
    #[arg(long, global = true, value_name = "HOST:PORT", display_order = 100)]
    pub(crate) server: Option<String>,
    /// Organization of the resources
    #[arg(long, global = true, default_value = "local", display_order = 101)]
    pub(crate) org: String,
    /// What standard output carries; with json and yaml, prose goes to standard error
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        display_order = 102
    )]
    pub(crate) output: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Lines and tables for people
    #[default]
    Table,
    /// Protobuf's JSON, keys sorted
    Json,
    /// The same as YAML
    Yaml,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Deploy what a project's program declares
    Apply(ApplyArguments),
    /// Run an agent or a workflow and follow it
    Run(RunArguments),
    /// Show one resource
    Get(GetArguments),
    /// List executions, sessions or instances
    List(ListArguments),
    /// Remove one resource
    Delete(GetArguments),
    /// Store skills
    #[command(subcommand)]
    Skill(SkillCommand),
    /// Look at executions and end them
    #[command(subcommand)]
    Executions(ExecutionsCommand),
    /// Print the version
    Version,
    /// Print a script that completes commands in a shell
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(crate) struct ApplyArguments {
    #[command(flatten)]
    pub(crate) project: ProjectArguments,
    /// Show what would be applied; contacts no server
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Which project is meant.
#[derive(Debug, Args)]
pub(crate) struct ProjectArguments {
    /// Directory with a Stigmer.yaml, that file, or a single Go file [default: the current directory]
    #[arg(long, value_name = "DIR|FILE")]
    pub(crate) config: Option<Utf8PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// Agent or workflow to run [default: the one resource of the project here]
    #[arg(value_name = "NAME|ID")]
    pub(crate) reference: Option<String>,
    /// What to say to it
    #[arg(short, long, default_value = "execute")]
    pub(crate) message: String,
    /// Value for this run; `secret:` in front keeps it out of everything that is shown
    #[arg(long, value_name = "[secret:]NAME=VALUE")]
    pub(crate) runtime_env: Vec<String>,
    /// Wait, show what happens and exit by the outcome
    #[arg(
        long,
        value_name = "BOOL",
        default_value_t = true,
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = clap::ArgAction::Set
    )]
    pub(crate) follow: bool,
    /// Leave after this time (10s, 2m, 1h); the execution goes on
    #[arg(long, value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
    #[command(flatten)]
    pub(crate) project: ProjectArguments,
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    /// Kind, and then which one; or an id alone
    #[arg(value_name = "KIND|ID")]
    pub(crate) first: String,
    #[arg(value_name = "NAME|ID")]
    pub(crate) second: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// What to list
    #[arg(value_enum)]
    pub(crate) kind: ListKind,
    /// Only those of this agent (sessions, instances)
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) agent: Option<String>,
    /// Only those of this workflow (executions, instances)
    #[arg(long, value_name = "NAME|ID")]
    pub(crate) workflow: Option<String>,
    #[command(flatten)]
    pub(crate) executions: ExecutionFilter,
}

/// What can be listed. The hidden ones cannot: the API has no method for them, and they get an answer that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListKind {
    /// Runs of agents and workflows
    Executions,
    /// Conversations
    Sessions,
    /// Instances of an agent or a workflow
    Instances,
    #[value(hide = true)]
    Agents,
    #[value(hide = true)]
    Workflows,
    #[value(hide = true)]
    Skills,
    #[value(hide = true)]
    Environments,
}

/// Which executions.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExecutionFilter {
    /// Only executions of this session
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// Only executions in this phase
    #[arg(long, value_enum)]
    pub(crate) phase: Option<Phase>,
    /// Most entries to show
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) limit: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    Pending,
    InProgress,
    Completed,
    Failed,
    Cancelled,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SkillCommand {
    /// Store a directory with a SKILL.md as a skill
    Push(SkillPushArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SkillPushArguments {
    /// Directory of the skill; its name is the skill's name [default: the current directory]
    #[arg(value_name = "DIR")]
    pub(crate) directory: Option<Utf8PathBuf>,
    /// Name of this version
    #[arg(long, default_value = "latest")]
    pub(crate) tag: String,
    /// Check and show what would be stored; contacts no server
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExecutionsCommand {
    /// List executions, newest first
    List {
        /// Only executions of this workflow
        #[arg(long, value_name = "NAME|ID")]
        workflow: Option<String>,
        #[command(flatten)]
        filter: ExecutionFilter,
    },
    /// Show one execution
    Get {
        #[arg(value_name = "ID")]
        id: String,
    },
    /// Ask an execution to end
    Cancel {
        #[arg(value_name = "ID")]
        id: String,
        /// Kept with the execution
        #[arg(long, default_value = "cancelled by the user")]
        reason: String,
        /// End it at once, without asking it
        #[arg(long)]
        force: bool,
    },
    /// Show what an execution said and did
    Logs {
        #[arg(value_name = "ID")]
        id: String,
        /// Wait for what is to come and exit by the outcome
        #[arg(short, long)]
        follow: bool,
        /// Leave after this time (10s, 2m, 1h); the execution goes on
        #[arg(long, value_parser = parse_duration)]
        timeout: Option<Duration>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    #[arg(value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

/// Reads `10s`, `2m`, `1h` or a number of seconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let seconds: u64 = match unit {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err("expected a time like 10s, 2m or 1h".to_owned()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(seconds))
        .filter(|seconds| *seconds > 0)
        .map(Duration::from_secs)
        .ok_or_else(|| "expected a time like 10s, 2m or 1h".to_owned())
}
