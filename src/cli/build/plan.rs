//! How a project's program is built: in a module made around it, or in its own.

use camino::{Utf8Path, Utf8PathBuf};

use super::cache::{Cache, Found, Lease};
use super::digest::{self, Inputs, SourceFile};
use super::error::BuildError;
use super::go::{Compilation, Go, INPUT_VARIABLES};
use super::gomod::GoMod;
use super::module;
use super::sdk::{SDK_MODULE, STUBS_MODULE, Sdk};
use crate::cli::console::Console;
use crate::cli::environment::Environment;
use crate::cli::project::Project;

/// Raised when builds come out different for the same inputs.
const FORMAT: &str = "1";

/// Each further attempt needs a program that was built and at once pushed out of the cache by dozens of others.
const ATTEMPTS: usize = 5;

#[derive(Debug)]
struct Plan {
    key: String,
    shape: Shape,
    /// What the go command is to build, as it is named from where it runs.
    target: String,
}

#[derive(Debug)]
enum Shape {
    /// A single file, or a directory without a module.
    Generated { files: Vec<SourceFile>, sdk: Sdk },
    /// A project with a module of its own.
    Own {
        root: Utf8PathBuf,
        directory: Utf8PathBuf,
        module: Box<GoMod>,
        sdk: Option<Sdk>,
        vendored: bool,
    },
}

/// The program of a project, built unless the same one is in the cache.
pub(crate) async fn build(
    project: &Project,
    directory: &Utf8Path,
    environment: &Environment,
    cache: &Cache,
    console: &Console,
) -> Result<Lease, BuildError> {
    let go = Go::find(environment, cache)?;
    let version = go.version().await?;
    let plan = {
        let (project, directory) = (project.clone(), directory.to_owned());
        let (environment, cache) = (environment.clone(), cache.clone());
        // Reads many files.
        let planning = move || plan(&project, &directory, &environment, &cache, &version);
        tokio::task::spawn_blocking(planning).await
    };
    let plan = plan.map_err(|error| BuildError::File {
        doing: "read",
        path: project.directory.clone(),
        source: std::io::Error::other(error),
    })??;
    let main = project.main.file_name().unwrap_or_default();
    for _ in 0..ATTEMPTS {
        let workshop = match cache.find(&plan.key).await? {
            Found::Program(lease) => return Ok(lease),
            Found::Nothing(workshop) => workshop,
        };
        if !workshop.is_done() {
            console.progress(format_args!("Compiling {main}..."));
            compile(&plan, main, &go, &workshop.folder).await?;
            workshop.finish()?;
        }
    }
    Err(BuildError::File {
        doing: "keep the program of",
        path: project.main.clone(),
        source: std::io::Error::other("it was removed as often as it was built"),
    })
}

fn plan(
    project: &Project,
    directory: &Utf8Path,
    environment: &Environment,
    cache: &Cache,
    go_version: &str,
) -> Result<Plan, BuildError> {
    let mut inputs = Inputs::new();
    inputs.add("format", FORMAT.as_bytes());
    inputs.add("go", go_version.as_bytes());
    for name in INPUT_VARIABLES {
        inputs.add(name, environment.get(name).unwrap_or_default().as_bytes());
    }
    let sdk = Sdk::find(environment, directory, &project.directory)?;
    let memory = cache.folder("digests");
    let (shape, target) = match own_module(project)? {
        Some((root, module)) => own(project, root, module, sdk, &memory, &mut inputs)?,
        None => generated(project, sdk.ok_or(BuildError::NoSdk)?, &memory, &mut inputs)?,
    };
    inputs.add("target", target.as_bytes());
    Ok(Plan {
        key: inputs.finish(),
        shape,
        target,
    })
}

/// The module that the program belongs to. One further up counts only where it speaks of the SDK: a stray `go.mod` in a
/// home directory is nobody's.
fn own_module(project: &Project) -> Result<Option<(Utf8PathBuf, GoMod)>, BuildError> {
    for (distance, folder) in project.directory.ancestors().enumerate() {
        let file = folder.join("go.mod");
        if !file.is_file() {
            continue;
        }
        let module = GoMod::read(&file)?;
        if distance == 0 || (project.file.is_some() && module.text.contains(SDK_MODULE)) {
            return Ok(Some((folder.to_owned(), module)));
        }
    }
    Ok(None)
}

fn own(
    project: &Project,
    root: Utf8PathBuf,
    module: GoMod,
    sdk: Option<Sdk>,
    memory: &Utf8Path,
    inputs: &mut Inputs,
) -> Result<(Shape, String), BuildError> {
    let vendored = root.join("vendor/modules.txt").is_file();
    let complete = module.replaces_module(SDK_MODULE) && module.replaces_module(STUBS_MODULE);
    let sdk = sdk.filter(|_| !vendored && !complete);
    let place = project.directory.strip_prefix(&root).unwrap_or(&root);
    inputs.add("place", place.as_str().as_bytes());
    inputs.add("module", digest::tree(&root, memory)?.as_bytes());
    for replace in &module.replaces {
        if let Some(folder) = replace.directory(&root).filter(|folder| folder.is_dir()) {
            inputs.add(&replace.old, digest::tree(&folder, memory)?.as_bytes());
        }
    }
    if let Some(sdk) = &sdk {
        add_sdk(sdk, memory, inputs)?;
    }
    let target = target(&project.main, &project.directory);
    let shape = Shape::Own {
        root,
        directory: project.directory.clone(),
        module: Box::new(module),
        sdk,
        vendored,
    };
    Ok((shape, target))
}

fn generated(
    project: &Project,
    sdk: Sdk,
    memory: &Utf8Path,
    inputs: &mut Inputs,
) -> Result<(Shape, String), BuildError> {
    let inside = project.main.starts_with(&project.directory);
    let whole = project.file.is_some() && inside;
    let folder = project.main.parent().unwrap_or(Utf8Path::new("/"));
    let root = if inside { &project.directory } else { folder };
    let mut files = digest::files(root)?;
    if !whole {
        files.retain(|file| file.path == project.main);
    }
    for file in &files {
        let content = std::fs::read(&file.path).map_err(BuildError::file("read", &file.path))?;
        inputs.add(file.name.as_str(), &content);
    }
    add_sdk(&sdk, memory, inputs)?;
    let target = if whole {
        target(&project.main, root)
    } else {
        format!("./{}", project.main.file_name().unwrap_or_default())
    };
    Ok((Shape::Generated { files, sdk }, target))
}

fn add_sdk(sdk: &Sdk, memory: &Utf8Path, inputs: &mut Inputs) -> Result<(), BuildError> {
    inputs.add("sdk", digest::tree(&sdk.directory, memory)?.as_bytes());
    if sdk.stubs.is_dir() {
        inputs.add("stubs", digest::tree(&sdk.stubs, memory)?.as_bytes());
    }
    Ok(())
}

/// The main file's package; the file alone where the package has several programs or leaves this one out.
fn target(main: &Utf8Path, root: &Utf8Path) -> String {
    let folder = main.parent().unwrap_or(root);
    let relative = folder.strip_prefix(root).unwrap_or(folder);
    let file_only = has_constraint(main) || has_other_program(main, folder);
    let package = match relative.as_str() {
        "" => ".".to_owned(),
        below => format!("./{below}"),
    };
    if file_only {
        format!("{package}/{}", main.file_name().unwrap_or_default())
    } else {
        package
    }
}

fn has_constraint(file: &Utf8Path) -> bool {
    source(file)
        .lines()
        .take_while(|line| !line.starts_with("package "))
        .any(|line| line.starts_with("//go:build "))
}

fn has_other_program(main: &Utf8Path, folder: &Utf8Path) -> bool {
    let Ok(entries) = folder.read_dir_utf8() else {
        return false;
    };
    entries
        .flatten()
        .map(|entry| entry.path().to_owned())
        .filter(|path| path.extension() == Some("go") && path != main)
        .filter(|path| !path.as_str().ends_with("_test.go"))
        .any(|path| {
            source(&path)
                .lines()
                .any(|line| line.starts_with("func main()"))
        })
}

fn source(file: &Utf8Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

async fn compile(plan: &Plan, main: &str, go: &Go, work: &Utf8Path) -> Result<(), BuildError> {
    let module_folder = work.join("module");
    std::fs::create_dir(&module_folder).map_err(BuildError::file("make", &module_folder))?;
    let (directory, mut arguments, offline) = match &plan.shape {
        Shape::Generated { files, sdk } => {
            module::generate(&module_folder, files, sdk)?;
            let vendored = sdk.vendor().is_some();
            let mode = if vendored { "-mod=vendor" } else { "-mod=mod" };
            (&module_folder, vec![mode.to_owned()], vendored)
        }
        Shape::Own {
            directory,
            vendored: true,
            ..
        } => (directory, vec!["-mod=vendor".to_owned()], true),
        Shape::Own {
            root,
            directory,
            module,
            sdk,
            ..
        } => {
            let file = module::extend(&module_folder, root, module, sdk.as_ref())?;
            let modfile = format!("-modfile={file}");
            (directory, vec!["-mod=mod".to_owned(), modfile], false)
        }
    };
    arguments.push(plan.target.clone());
    go.compile(&Compilation {
        main,
        directory,
        arguments,
        offline,
        work,
    })
    .await
}
