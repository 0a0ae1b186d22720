//! `stigmer apply`

use crate::cli::apply::{self, Voice};
use crate::cli::arguments::ApplyArguments;
use crate::cli::console::Console;
use crate::cli::deploy::{self, Deployed, Resource};
use crate::cli::document::Document;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::session::Session;
use crate::cli::shown::Shown;
use crate::cli::table::Table;

pub(super) async fn execute(
    arguments: &ApplyArguments,
    session: &Session,
) -> Result<Exit, CliError> {
    session.console.info("Loading project configuration...");
    let project = Project::load(arguments.project.config.as_deref(), &session.directory)?;
    let synthesis = apply::synthesize(session, &project, Voice::Loud).await?;
    if arguments.dry_run {
        let declared: Vec<Resource> = deploy::items(synthesis)
            .into_iter()
            .map(|item| item.resource)
            .collect();
        preview(&session.console, &declared);
        print_data(session, declared.into_iter())?;
        return Ok(Exit::Ok);
    }
    let deployed = apply::deploy(session, synthesis, Voice::Loud).await?;
    report(&session.console, &deployed);
    print_data(session, deployed.into_iter().map(|one| one.resource))?;
    Ok(Exit::Ok)
}

fn print_data(
    session: &Session,
    resources: impl Iterator<Item = Resource>,
) -> Result<(), CliError> {
    if !session.prints_data() {
        return Ok(());
    }
    let documents: Vec<Document> = resources
        .map(|resource| Shown::from(resource).document)
        .collect();
    session.print_data(&documents)
}

fn preview(console: &Console, declared: &[Resource]) {
    let mut table = Table::new(["TYPE", "NAME", "ACTION"]);
    for resource in declared {
        // What the server has is not known here.
        table.row([
            resource.kind().to_owned(),
            resource.name().to_owned(),
            "Create".to_owned(),
        ]);
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
    if let Some(skill) = first("Skill") {
        let name = skill.resource.name();
        console.info(format_args!("  - View skills: stigmer get skill {name}"));
    }
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
