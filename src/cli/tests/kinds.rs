//! Names, ids and slugs.

use crate::cli::kind::{self, Kind};
use crate::cli::slug::slugify;

const ULID: &str = "01kf5b8x7m9n2p4q6r8s0t2v4w";

#[test]
fn ids_are_known_by_prefix_and_shape_also_as_older_tools_wrote_them() {
    let id = |kind: Kind, text: &str| kind.id_in(&text.replace("ULID", ULID));
    let agent = Some(format!("agt-{ULID}"));
    let workflow = Some(format!("wfl-{ULID}"));
    assert_eq!(id(Kind::Agent, "agt-ULID"), agent);
    assert_eq!(id(Kind::Agent, "agt_ULID"), agent);
    assert_eq!(
        id(Kind::Agent, &format!("agt-{}", ULID.to_uppercase())),
        agent
    );
    assert_eq!(id(Kind::Workflow, "wfl-ULID"), workflow);
    assert_eq!(id(Kind::Workflow, "wfl_ULID"), workflow);
    assert_eq!(id(Kind::Workflow, "wf_ULID"), workflow);
    assert_eq!(id(Kind::Agent, "wfl-ULID"), None);
    assert_eq!(
        id(Kind::Agent, "agt-helper"),
        None,
        "a name that begins like an id"
    );
}

#[test]
fn a_kind_is_read_in_the_forms_that_people_write() {
    let read =
        |first: &str, second: Option<&str>| kind::parse(first, second).map(|(kind, _)| kind).ok();
    for word in ["agent", "agents", "Agent", "AGENTS"] {
        assert_eq!(read(word, Some("name")), Some(Kind::Agent));
    }
    assert_eq!(
        read("workflow_instances", Some("name")),
        Some(Kind::WorkflowInstance)
    );
    assert_eq!(
        read("execution", Some(&format!("wex-{ULID}"))),
        Some(Kind::WorkflowExecution)
    );
    assert_eq!(
        read("executions", Some(&format!("aex-{ULID}"))),
        Some(Kind::AgentExecution)
    );
    assert_eq!(
        read("instance", Some(&format!("win-{ULID}"))),
        Some(Kind::WorkflowInstance)
    );
    assert_eq!(read(&format!("ses-{ULID}"), None), Some(Kind::Session));
    assert_eq!(read("session", Some("name")), None);
    assert_eq!(read("instance", Some("name")), None);
    assert_eq!(read("thing", Some("name")), None);
    assert_eq!(read("name", None), None);
}

#[test]
fn slugs_are_what_the_server_makes_of_names() {
    for (name, slug) in [
        ("code-reviewer", "code-reviewer"),
        ("Code Reviewer", "code-reviewer"),
        ("  Two   spaces  ", "two-spaces"),
        ("a_b.c", "abc"),
        ("-Ümlaut-", "mlaut"),
        ("???", ""),
    ] {
        assert_eq!(slugify(name), slug, "{name:?}");
    }
}
