//! `stigmer get` and `stigmer delete`

use unicode_width::UnicodeWidthStr as _;

use crate::cli::arguments::GetArguments;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::kind;
use crate::cli::lookup;
use crate::cli::session::Session;
use crate::cli::shown::Shown;

pub(super) async fn show(arguments: &GetArguments, session: &Session) -> Result<Exit, CliError> {
    let (kind, which) = kind::parse(&arguments.first, arguments.second.as_deref())?;
    let connection = session.connect().await?;
    let shown = lookup::get(&connection, session.org(), kind, &which).await?;
    print(session, &shown)?;
    Ok(Exit::Ok)
}

pub(super) async fn delete(arguments: &GetArguments, session: &Session) -> Result<Exit, CliError> {
    let (kind, which) = kind::parse(&arguments.first, arguments.second.as_deref())?;
    let connection = session.connect().await?;
    let id = match kind.id_in(&which) {
        Some(id) => id,
        None => {
            let found = lookup::get(&connection, session.org(), kind, &which).await?;
            found.metadata.id
        }
    };
    let removed = lookup::remove(&connection, kind, &id).await?;
    let (title, name) = (kind.title(), &removed.metadata.name);
    session
        .console
        .success(format_args!("✓ {title} deleted: {name} (ID: {id})"));
    session.print_data(&removed.document)?;
    Ok(Exit::Ok)
}

/// One resource: its lines, or the whole of it as data.
pub(super) fn print(session: &Session, shown: &Shown) -> Result<(), CliError> {
    if session.prints_data() {
        return session.print_data(&shown.document);
    }
    let lines = shown.lines();
    let width = lines
        .iter()
        .map(|(label, _)| label.width())
        .max()
        .unwrap_or_default();
    for (label, value) in lines {
        let gap = " ".repeat(width - label.width());
        session.console.line(format_args!("{label}:{gap} {value}"));
    }
    Ok(())
}
