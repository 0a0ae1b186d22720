//! What the model will say: data, from a file or from a test.

mod reply;

pub use reply::Reply;

use serde::{Deserialize, Serialize};

/// Everything a scripted model is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelScript {
    /// Given in order, each once.
    pub replies: Vec<Reply>,
}
