//! Usage errors in our words: one line that says what is wrong, one that says where the help is.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::exit::Exit;

/// What to print instead of running a command.
pub(crate) struct Refusal {
    pub(crate) exit: Exit,
    /// Help and version, which were asked for.
    pub(crate) stdout: String,
    /// What follows `Error: `.
    pub(crate) complaint: Option<String>,
    /// Lines under it.
    pub(crate) stderr: String,
}

pub(crate) fn refusal(error: &clap::Error, arguments: &[String]) -> Refusal {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Refusal {
            exit: Exit::Ok,
            stdout: error.render().to_string(),
            complaint: None,
            stderr: String::new(),
        },
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Refusal {
            exit: Exit::Usage,
            stdout: String::new(),
            complaint: None,
            stderr: error.render().to_string(),
        },
        _ => Refusal {
            exit: Exit::Usage,
            stdout: String::new(),
            complaint: Some(complaint(error)),
            stderr: format!("{}{}\n", suggestion(error), help_line(arguments)),
        },
    }
}

fn complaint(error: &clap::Error) -> String {
    let argument = text(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let command = text(error, ContextKind::InvalidSubcommand).unwrap_or_default();
            format!("unknown command \"{command}\" for \"{}\"", parent(error))
        }
        ErrorKind::UnknownArgument => match argument {
            Some(flag) if flag.starts_with("--") => format!("unknown flag: {flag}"),
            Some(flag) if flag.starts_with('-') => format!("unknown shorthand flag: {flag}"),
            other => format!("unexpected argument: {}", other.unwrap_or_default()),
        },
        ErrorKind::MissingSubcommand => format!("\"{}\" needs a command", parent(error)),
        _ => first_line(error),
    }
}

/// The first line of clap's own message, without its `error: `.
fn first_line(error: &clap::Error) -> String {
    let rendered = error.render().to_string();
    let mut lines = rendered.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    // Missing arguments stand one a line below a colon.
    let details: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    [&[first], details.as_slice()].concat().join(" ")
}

fn suggestion(error: &clap::Error) -> String {
    let suggested = text(error, ContextKind::SuggestedSubcommand)
        .or_else(|| text(error, ContextKind::SuggestedArg));
    suggested.map_or_else(String::new, |name| format!("Did you mean {name}?\n"))
}

fn help_line(arguments: &[String]) -> String {
    let command: Vec<&str> = arguments
        .iter()
        .map(String::as_str)
        .take_while(|argument| KNOWN.contains(argument))
        .collect();
    let command = [&["stigmer"], command.as_slice()].concat().join(" ");
    format!("Run '{command} --help' for usage.")
}

/// Commands, for the help line only; a test holds them against the grammar.
pub(crate) const KNOWN: &[&str] = &[
    "apply",
    "cancel",
    "completions",
    "delete",
    "executions",
    "get",
    "list",
    "logs",
    "push",
    "run",
    "skill",
    "version",
];

/// The command whose usage clap shows, `stigmer` or `stigmer executions`.
fn parent(error: &clap::Error) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let words = usage.trim_start_matches("Usage:").split_whitespace();
    let words: Vec<&str> = words
        .take_while(|word| !word.starts_with(['[', '<', '-']))
        .collect();
    if words.is_empty() {
        "stigmer".to_owned()
    } else {
        words.join(" ")
    }
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => texts.first().cloned(),
        _ => None,
    }
}
