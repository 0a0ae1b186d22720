//! What a wire format has to be able to do.

use serde_json::Value;

use super::completion::Completion;
use super::frame::Frame;
use crate::model::chat::Chat;

/// One way to read requests and to write replies and errors.
pub(in crate::model) trait WireFormat: Sync {
    /// Understands a request, or says in a sentence what the provider would refuse.
    fn parse(&self, body: &Value) -> Result<Chat, String>;

    /// The reply in one piece.
    fn whole(&self, completion: &Completion) -> Value;

    /// The reply as a stream.
    fn stream(&self, completion: &Completion) -> Vec<Frame>;

    /// The media type of a stream.
    fn stream_type(&self) -> &'static str;

    /// The body of an HTTP error.
    fn error(&self, status: u16, message: &str) -> Value;

    /// An error in mid-stream.
    fn error_frame(&self, message: &str) -> Frame;

    /// A frame with data that need not be JSON.
    fn raw_frame(&self, data: &str) -> Frame;

    /// The answer to the question which models there are.
    fn model_list(&self, models: &[String]) -> Value;

    /// The header that carries the number of a request.
    fn request_id_header(&self) -> Option<&'static str> {
        None
    }
}
