//! `stigmer apply`

use crate::cli::apply::{self, Voice};
use crate::cli::arguments::ApplyArguments;
use crate::cli::console::Console;
use crate::cli::deploy::Deployed;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::session::Session;
use crate::cli::synthesis::Synthesis;
use crate::cli::table::Table;
use crate::wire::resource::ApiResourceMetadata;

pub(super) async fn execute(
    arguments: &ApplyArguments,
    session: &Session,
) -> Result<Exit, CliError> {
    session.console.info("Loading project configuration...");
    let project = Project::load(arguments.project.config.as_deref(), &session.directory)?;
    let synthesis = apply::synthesize(session, &project, Voice::Loud).await?;
    if arguments.dry_run {
        preview(&session.console, &synthesis);
        return Ok(Exit::Ok);
    }
    let deployed = apply::deploy(session, synthesis, Voice::Loud).await?;
    report(&session.console, &deployed);
    Ok(Exit::Ok)
}

fn preview(console: &Console, synthesis: &Synthesis) {
    let mut table = Table::new(["TYPE", "NAME", "ACTION"]);
    let mut add = |kind: &str, metadata: Option<&ApiResourceMetadata>| {
        let name = metadata.map_or("", |metadata| &metadata.name);
        // What the server has is not known here.
        table.row([kind.to_owned(), name.to_owned(), "Create".to_owned()]);
    };
    for skill in &synthesis.skills {
        add("Skill", skill.resource.metadata.as_ref());
    }
    for agent in &synthesis.agents {
        add("Agent", agent.resource.metadata.as_ref());
    }
    for workflow in &synthesis.workflows {
        add("Workflow", workflow.resource.metadata.as_ref());
    }
    console.blank();
    console.heading("Dry run: The following resources would be applied:");
    console.blank();
    table.print(console);
    console.blank();
    console.heading("💡 Dry run successful - no resources were deployed");
    console.blank();
}

fn report(console: &Console, deployed: &[Deployed]) {
    console.success("🚀 Deployment successful!");
    console.blank();
    let mut table = Table::new(["TYPE", "NAME", "STATUS", "ID"]);
    for Deployed { resource, updated } in deployed {
        let status = if *updated {
            "✓ Updated"
        } else {
            "✓ Created"
        };
        table.row([
            resource.kind().to_owned(),
            resource.name().to_owned(),
            status.to_owned(),
            resource.id().to_owned(),
        ]);
    }
    table.print(console);
    console.blank();
    console.heading(format_args!(
        "✅ Successfully applied {} resource(s)",
        deployed.len()
    ));
    console.blank();
    console.info("Next steps:");
    let first = |kind| deployed.iter().find(|one| one.resource.kind() == kind);
    if let Some(agent) = first("Agent") {
        let name = agent.resource.name();
        console.info(format_args!("  - View agents: stigmer get agent {name}"));
    }
    if let Some(workflow) = first("Workflow") {
        let name = workflow.resource.name();
        console.info(format_args!(
            "  - View workflows: stigmer get workflow {name}"
        ));
    }
    console.info("  - Update and redeploy: edit code and run 'stigmer apply' again");
    console.blank();
}
