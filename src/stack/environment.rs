//! The environment in which a command finds a stack: its own HOME, its server, the caches of the checkout.

use std::collections::BTreeMap;

use camino::Utf8Path;

use crate::service::{RUN_ID, STACK_ID};
use crate::supervisor::Ready;
use crate::toolset::{Surroundings, Tool, Toolset};

/// Variables for a `stigmer` command line, in this process or as a child, and for whatever a person runs beside it.
pub fn command_environment(
    surroundings: &Surroundings,
    run: &str,
    ready: &Ready,
) -> BTreeMap<String, String> {
    let folder = Utf8Path::new(&ready.folder);
    // Caches outlive the stack: a private HOME would compile everything anew.
    let cache = surroundings.cache_folder();
    let mut environment = BTreeMap::from([
        ("HOME", folder.join("home").into_string()),
        ("TMPDIR", folder.join("tmp").into_string()),
        (
            "PATH",
            surroundings.variable("PATH").unwrap_or_default().to_owned(),
        ),
        ("LANG", "C.UTF-8".to_owned()),
        ("STIGMER_SDK_DIR", surroundings.sdk_folder().into_string()),
        ("STIGMER_CACHE_DIR", cache.join("stigmer").into_string()),
        ("GOCACHE", cache.join("go-build").into_string()),
        ("GOMODCACHE", cache.join("go-mod").into_string()),
        ("GOPATH", cache.join("go").into_string()),
        (RUN_ID, run.to_owned()),
        (STACK_ID, ready.stack.clone()),
    ]);
    for (name, value) in [
        ("STIGMER_SERVER_ADDR", &ready.server),
        ("TEMPORAL_ADDRESS", &ready.temporal),
        ("TEMPORAL_NAMESPACE", &ready.namespace),
    ] {
        if !value.is_empty() {
            environment.insert(name, value.clone());
        }
    }
    // Without a Go that is new enough the command line says so itself.
    if let Ok(toolset) = Toolset::resolve(surroundings, &[Tool::Go]) {
        environment.insert("STIGMER_GO", toolset.path(Tool::Go).to_string());
    }
    environment
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}
