//! What is kept of a stack whose test failed: one folder that holds all that is needed to understand it.

mod folder;
mod manifest;

pub use folder::EvidenceFolder;
pub use manifest::{Manifest, ServiceEntry};
