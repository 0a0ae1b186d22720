//! Where the SDK is that projects import.

use camino::{Utf8Path, Utf8PathBuf};

use super::error::BuildError;
use super::gomod::GoMod;
use crate::cli::environment::Environment;

pub(super) const SDK_MODULE: &str = "github.com/stigmer/stigmer/sdk/go";
pub(super) const STUBS_MODULE: &str = "github.com/stigmer/stigmer/apis/stubs/go";
pub(super) const SDK_VARIABLE: &str = "STIGMER_SDK_DIR";
const IN_A_CHECKOUT: &str = "services/sdk-go";
const STUBS_BESIDE: &str = "../stubs-go";

/// The SDK's sources, and those of the wire contract's Go code beside them.
#[derive(Debug, Clone)]
pub(super) struct Sdk {
    pub(super) directory: Utf8PathBuf,
    pub(super) stubs: Utf8PathBuf,
}

impl Sdk {
    /// The variable, else `services/sdk-go` of the nearest directory that has it, upward from the current directory,
    /// then from the project's.
    pub(super) fn find(
        environment: &Environment,
        directory: &Utf8Path,
        project: &Utf8Path,
    ) -> Result<Option<Self>, BuildError> {
        if let Some(path) = environment.path(SDK_VARIABLE) {
            return Self::at(directory.join(path))
                .map(Some)
                .ok_or_else(|| BuildError::NotTheSdk {
                    variable: SDK_VARIABLE.to_owned(),
                    path: environment.path(SDK_VARIABLE).unwrap_or_default(),
                    module: SDK_MODULE,
                });
        }
        let found = directory
            .ancestors()
            .chain(project.ancestors())
            .find_map(|ancestor| Self::at(ancestor.join(IN_A_CHECKOUT)));
        Ok(found)
    }

    fn at(directory: Utf8PathBuf) -> Option<Self> {
        let module = GoMod::read(&directory.join("go.mod")).ok()?;
        let directory = directory.canonicalize_utf8().ok()?;
        let stubs = directory.join(STUBS_BESIDE);
        // A vendored SDK carries the stubs in its vendor folder, and may stand alone.
        let stubs = stubs.canonicalize_utf8().unwrap_or(stubs);
        (module.path == SDK_MODULE).then_some(Self { directory, stubs })
    }

    /// The folder of its dependencies, where they came along.
    pub(super) fn vendor(&self) -> Option<Utf8PathBuf> {
        let vendor = self.directory.join("vendor");
        vendor.join("modules.txt").is_file().then_some(vendor)
    }
}
