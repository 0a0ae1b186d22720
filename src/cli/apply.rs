//! From a project to resources on a server.

use super::build::{self, Cache};
use super::checks;
use super::deploy::{self, Deployed};
use super::error::CliError;
use super::project::{PROJECT_FILE, Project};
use super::session::Session;
use super::synthesis::{Declared, Synthesis};
use crate::wire::resource::ApiResourceMetadata;

/// How much of the way is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    Loud,
    /// For `run`, where applying is only the beginning.
    Quiet,
}

/// Builds and runs the project's program, and checks what it declared.
pub(crate) async fn synthesize(
    session: &Session,
    project: &Project,
    voice: Voice,
) -> Result<Synthesis, CliError> {
    let console = &session.console;
    if voice == Voice::Loud {
        introduce(session, project);
        console.info("Executing entry point to discover resources...");
    }
    let cache = Cache::locate(&session.environment, &session.directory)?;
    let lease = build::build(
        project,
        &session.directory,
        &session.environment,
        &cache,
        console,
    )
    .await?;
    // Fresh for each run: files of an earlier one must not count again.
    let (_removed_at_the_end, out) = build::out_directory(&session.environment)?;
    let printed = build::run(&lease, project, &out, &session.environment, console).await?;
    drop(lease);
    let synthesis = Synthesis::read(&out)?;
    checks::check(&synthesis)?;
    if voice == Voice::Loud {
        if printed {
            console.blank();
        }
        list(session, &synthesis);
    }
    Ok(synthesis)
}

/// Connects and deploys.
pub(crate) async fn deploy(
    session: &Session,
    synthesis: Synthesis,
    voice: Voice,
) -> Result<Vec<Deployed>, CliError> {
    let console = &session.console;
    if voice == Voice::Loud {
        match session.org() {
            "local" => console.info("Using local backend (organization: local)"),
            org => console.info(format_args!("Using organization: {org}")),
        }
        console.info("Connecting to backend...");
    }
    let connection = session.connect().await?;
    if voice == Voice::Loud {
        console.success("✓ Connected to backend");
        console.blank();
    }
    let told = (voice == Voice::Loud).then_some(console);
    let deployed = deploy::deploy(&connection, synthesis, session.org(), told).await?;
    if voice == Voice::Loud {
        console.blank();
    }
    Ok(deployed)
}

fn introduce(session: &Session, project: &Project) {
    let console = &session.console;
    if let Some(file) = &project.file {
        console.success(format_args!("✓ Loaded {PROJECT_FILE}"));
        console.info(format_args!("  Project:  {}", file.name));
        console.info(format_args!("  Runtime:  {}", file.runtime));
        if let Some(version) = &file.version {
            console.info(format_args!("  Version:  {version}"));
        }
        console.info(format_args!("  Main:     {}", file.main));
    } else {
        let name = project.main.file_name().unwrap_or_default();
        console.success(format_args!("✓ Loaded {name}"));
        console.info(format_args!("  Main:     {name}"));
    }
    console.blank();
}

fn list(session: &Session, synthesis: &Synthesis) {
    let (skills, agents, workflows) = (&synthesis.skills, &synthesis.agents, &synthesis.workflows);
    session.console.success(format_args!(
        "✓ Synthesis complete: {} resource(s) discovered ({} skill(s), {} agent(s), {} workflow(s))",
        synthesis.total(),
        skills.len(),
        agents.len(),
        workflows.len(),
    ));
    session.console.blank();
    list_kind(session, "Skills", skills, |skill| {
        (skill.metadata.as_ref(), "")
    });
    list_kind(session, "Agents", agents, |agent| {
        let spec = agent.spec.as_ref();
        (
            agent.metadata.as_ref(),
            spec.map_or("", |spec| &spec.description),
        )
    });
    list_kind(session, "Workflows", workflows, |workflow| {
        let spec = workflow.spec.as_ref();
        (
            workflow.metadata.as_ref(),
            spec.map_or("", |spec| &spec.description),
        )
    });
}

fn list_kind<T>(
    session: &Session,
    title: &str,
    declared: &[Declared<T>],
    describe: impl Fn(&T) -> (Option<&ApiResourceMetadata>, &str),
) {
    let console = &session.console;
    if declared.is_empty() {
        return;
    }
    console.info(format_args!("{title} discovered: {}", declared.len()));
    for (number, item) in declared.iter().enumerate() {
        let (metadata, description) = describe(&item.resource);
        let name = metadata.map_or("", |metadata| &metadata.name);
        console.info(format_args!("  {}. {name}", number + 1));
        if !description.is_empty() {
            console.info(format_args!("     Description: {description}"));
        }
    }
    console.blank();
}
