//! Kinds of resources, and the words for them.

use super::error::CliError;
use crate::wire::resource::apiresourcekind::ApiResourceKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Agent,
    AgentExecution,
    AgentInstance,
    Environment,
    Session,
    Skill,
    Workflow,
    WorkflowExecution,
    WorkflowInstance,
}

/// What is fixed about a kind.
struct Facts {
    kind: Kind,
    /// What people call it.
    word: &'static str,
    /// Its own name in messages.
    title: &'static str,
    /// First part of its ids.
    prefix: &'static str,
    /// First part that older tools wrote.
    older_prefix: &'static str,
    wire: ApiResourceKind,
    /// Can be found by name; the others have ids only.
    named: bool,
}

const ALL: [Facts; 9] = [
    facts(
        Kind::Agent,
        "agent",
        "Agent",
        "agt",
        ApiResourceKind::Agent,
        true,
    ),
    facts(
        Kind::Workflow,
        "workflow",
        "Workflow",
        "wfl",
        ApiResourceKind::Workflow,
        true,
    ),
    facts(
        Kind::Skill,
        "skill",
        "Skill",
        "skl",
        ApiResourceKind::Skill,
        true,
    ),
    facts(
        Kind::Environment,
        "environment",
        "Environment",
        "env",
        ApiResourceKind::Environment,
        true,
    ),
    facts(
        Kind::AgentInstance,
        "agent-instance",
        "Agent instance",
        "ain",
        ApiResourceKind::AgentInstance,
        true,
    ),
    facts(
        Kind::WorkflowInstance,
        "workflow-instance",
        "Workflow instance",
        "win",
        ApiResourceKind::WorkflowInstance,
        true,
    ),
    facts(
        Kind::Session,
        "session",
        "Session",
        "ses",
        ApiResourceKind::Session,
        false,
    ),
    facts(
        Kind::AgentExecution,
        "execution",
        "Agent execution",
        "aex",
        ApiResourceKind::AgentExecution,
        false,
    ),
    facts(
        Kind::WorkflowExecution,
        "execution",
        "Workflow execution",
        "wex",
        ApiResourceKind::WorkflowExecution,
        false,
    ),
];

const fn facts(
    kind: Kind,
    word: &'static str,
    title: &'static str,
    prefix: &'static str,
    wire: ApiResourceKind,
    named: bool,
) -> Facts {
    let older_prefix = match kind {
        Kind::Workflow => "wf",
        _ => prefix,
    };
    Facts {
        kind,
        word,
        title,
        prefix,
        older_prefix,
        wire,
        named,
    }
}

/// Characters of the ULID behind an id's prefix.
const ULID_LENGTH: usize = 26;

impl Kind {
    fn facts(self) -> &'static Facts {
        ALL.iter()
            .find(|facts| facts.kind == self)
            .expect("ALL has every kind")
    }

    pub(crate) fn word(self) -> &'static str {
        self.facts().word
    }

    pub(crate) fn title(self) -> &'static str {
        self.facts().title
    }

    pub(crate) fn wire(self) -> ApiResourceKind {
        self.facts().wire
    }

    pub(crate) fn is_named(self) -> bool {
        self.facts().named
    }

    /// The id that `text` is, where it has the shape of one of this kind. Older tools wrote `agt_…` and `wf_…`.
    pub(crate) fn id_in(self, text: &str) -> Option<String> {
        let Facts {
            prefix,
            older_prefix,
            ..
        } = self.facts();
        let rest = [prefix, older_prefix]
            .into_iter()
            .find_map(|prefix| text.strip_prefix(*prefix)?.strip_prefix(['-', '_']))?;
        let is_ulid =
            rest.len() == ULID_LENGTH && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_ulid.then(|| format!("{prefix}-{}", rest.to_lowercase()))
    }

    /// The kind of the id that `text` is.
    fn of_id(text: &str) -> Option<Self> {
        ALL.iter()
            .map(|facts| facts.kind)
            .find(|kind| kind.id_in(text).is_some())
    }
}

/// Reads `KIND NAME`, `KIND ID` or `ID`, as `get` and `delete` take them.
pub(crate) fn parse(first: &str, second: Option<&str>) -> Result<(Kind, String), CliError> {
    let Some(which) = second else {
        return Kind::of_id(first)
            .map(|kind| (kind, first.to_owned()))
            .ok_or_else(|| {
                let hint = format!("Give an id, or a kind and a name: {}.", words());
                CliError::usage(format!("\"{first}\" is not an id"), hint)
            });
    };
    let word = first.to_lowercase().replace('_', "-");
    let word = word.strip_suffix('s').unwrap_or(&word);
    let by_id = Kind::of_id(which).filter(|kind| word == "instance" && kind.word().ends_with(word));
    let of_word = |kind: &Kind| kind.word() == word;
    let known = ALL.iter().map(|facts| facts.kind).filter(of_word);
    // Both kinds of executions have one word; the id tells which.
    let kind = by_id
        .or_else(|| known.clone().find(|kind| kind.id_in(which).is_some()))
        .or_else(|| known.clone().find(|kind| kind.is_named()));
    match kind {
        Some(kind) => Ok((kind, which.to_owned())),
        None if known.clone().next().is_some() || word == "instance" => Err(CliError::usage(
            format!("\"{which}\" is not the id of such a resource"),
            format!("Give its id: see `stigmer list {word}s`."),
        )),
        None => Err(CliError::usage(
            format!("unknown kind \"{first}\""),
            format!("Kinds are {}.", words()),
        )),
    }
}

fn words() -> String {
    let mut words: Vec<&str> = ALL.iter().map(|facts| facts.word).collect();
    words.dedup();
    words.join(", ")
}
