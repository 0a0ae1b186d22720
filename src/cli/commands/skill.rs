//! `stigmer skill`

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::archive::{self, ArchiveError};
use crate::cli::arguments::{SkillCommand, SkillPushArguments};
use crate::cli::connection::APPLY_LIMIT;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::session::Session;
use crate::cli::shown::Shown;
use crate::wire::resource::ApiResourceOwnerScope;
use crate::wire::skill::PushSkillRequest;
use crate::wire::skill::skill_command_controller_client::SkillCommandControllerClient;

pub(super) async fn execute(command: &SkillCommand, session: &Session) -> Result<Exit, CliError> {
    match command {
        SkillCommand::Push(arguments) => push(arguments, session).await,
    }
}

async fn push(arguments: &SkillPushArguments, session: &Session) -> Result<Exit, CliError> {
    let console = &session.console;
    let directory = match &arguments.directory {
        Some(directory) => session.directory.join(directory),
        None => session.directory.clone(),
    };
    let (artifact, files) = archive::pack(&directory)?;
    let name = name_of(&directory)?;
    let size = artifact.len();
    console.info(format_args!("Pushing skill from: {directory}"));
    console.blank();
    if arguments.dry_run {
        console.info("Dry run mode - would push skill with:");
        console.info(format_args!("  Name:      {name}"));
        console.info(format_args!("  Directory: {directory}"));
        console.info(format_args!("  Tag:       {}", arguments.tag));
        console.info(format_args!(
            "  Size:      {} ({files} file(s))",
            bytes(size)
        ));
        return Ok(Exit::Ok);
    }
    console.info("Connecting to backend...");
    let connection = session.connect().await?;
    console.success("✓ Connected to backend");
    console.blank();
    let mut client = SkillCommandControllerClient::new(connection.channel());
    let call = client.push(PushSkillRequest {
        name: name.clone(),
        scope: ApiResourceOwnerScope::Organization.into(),
        org: session.org().to_owned(),
        artifact,
        tag: arguments.tag.clone(),
    });
    let doing = format!("push skill '{name}'");
    let skill = connection.call(doing, APPLY_LIMIT, call).await?;
    let shown = Shown::from(skill);
    console.success("Skill pushed successfully!");
    console.blank();
    console.info("Skill Details:");
    console.info(format_args!("  Name:         {name}"));
    console.info(format_args!("  ID:           {}", shown.metadata.id));
    console.info(format_args!(
        "  Version Hash: {}",
        shown.fact("Version hash")
    ));
    console.info(format_args!("  Tag:          {}", shown.fact("Tag")));
    console.info(format_args!("  Size:         {}", bytes(size)));
    console.blank();
    session.print_data(&shown.document)?;
    Ok(Exit::Ok)
}

/// The directory's own name, also where it was given as `.` or through a link.
fn name_of(directory: &Utf8Path) -> Result<String, ArchiveError> {
    let real: Utf8PathBuf =
        directory
            .canonicalize_utf8()
            .map_err(|source| ArchiveError::Unreadable {
                path: directory.to_owned(),
                source,
            })?;
    real.file_name()
        .map(str::to_owned)
        .ok_or(ArchiveError::NoDirectory {
            directory: real.clone(),
        })
}

fn bytes(count: usize) -> String {
    if count < 1024 {
        return format!("{count} B");
    }
    let kilobytes = count.div_ceil(1024);
    format!("{kilobytes} KB")
}
