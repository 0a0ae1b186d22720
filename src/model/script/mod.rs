//! What the model will say: data, from a file or from a test. `docs/model.md` shows every field.

mod chunks;
mod duration;
mod fault;
mod load;
mod model_script;
mod reply;
mod text_match;
mod times;
mod when;

pub use chunks::Chunks;
pub use fault::{Fault, Until};
pub use model_script::ModelScript;
pub use reply::{Delay, PlannedCall, Reply, StopReason, Usage};
pub use text_match::{Pattern, TextMatch};
pub use times::Times;
pub use when::When;
