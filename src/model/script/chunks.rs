//! How a reply is divided for a stream.

use std::fmt;
use std::num::NonZeroUsize;

use serde::{Deserialize, Deserializer, Serialize, de};

/// Pieces of a streamed reply. In a script a number of characters, or the list of the pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Chunks {
    /// All in one.
    #[default]
    Whole,
    /// So many characters each; arguments of tool calls are divided too.
    Characters(NonZeroUsize),
    /// These pieces of text.
    Pieces(Vec<String>),
}

impl Chunks {
    pub(super) fn is_whole(&self) -> bool {
        *self == Self::Whole
    }

    /// The pieces of the text of a reply; an empty text has none.
    pub(in crate::model) fn of_text(&self, text: &str) -> Vec<String> {
        match self {
            Self::Pieces(pieces) => pieces.clone(),
            _ => self.of_arguments(text),
        }
    }

    /// The pieces of what a script cannot give piece by piece.
    pub(in crate::model) fn of_arguments(&self, text: &str) -> Vec<String> {
        match self {
            _ if text.is_empty() => Vec::new(),
            Self::Characters(length) => {
                let characters: Vec<char> = text.chars().collect();
                characters
                    .chunks(length.get())
                    .map(String::from_iter)
                    .collect()
            }
            Self::Whole | Self::Pieces(_) => vec![text.to_owned()],
        }
    }
}

impl<'de> Deserialize<'de> for Chunks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ChunksVisitor)
    }
}

struct ChunksVisitor;

impl<'de> de::Visitor<'de> for ChunksVisitor {
    type Value = Chunks;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "a number of characters above 0, or a list of pieces of text"
        )
    }

    fn visit_u64<E: de::Error>(self, length: u64) -> Result<Chunks, E> {
        usize::try_from(length)
            .ok()
            .and_then(NonZeroUsize::new)
            .map(Chunks::Characters)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(length), &self))
    }

    fn visit_i64<E: de::Error>(self, length: i64) -> Result<Chunks, E> {
        let positive = u64::try_from(length)
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(length), &self))?;
        self.visit_u64(positive)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Chunks, A::Error> {
        Vec::deserialize(de::value::SeqAccessDeserializer::new(list)).map(Chunks::Pieces)
    }
}
