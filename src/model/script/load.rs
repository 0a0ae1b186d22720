//! Scripts from text and from files.

use std::fs;

use camino::Utf8Path;

use super::ModelScript;
use crate::model::error::ModelError;

impl ModelScript {
    /// Reads a script from a file that ends in `.yaml`, `.yml` or `.json`.
    ///
    /// # Errors
    /// When the file cannot be read or is not a script; the error names line and column.
    pub fn read(path: &Utf8Path) -> Result<Self, ModelError> {
        let parse = match path.extension() {
            Some("yaml" | "yml") => Self::from_yaml,
            Some("json") => Self::from_json,
            _ => {
                return Err(ModelError::Extension {
                    path: path.to_owned(),
                });
            }
        };
        let text = fs::read_to_string(path).map_err(|source| ModelError::Read {
            path: path.to_owned(),
            source,
        })?;
        parse(&text).map_err(|source| ModelError::File {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// Reads a script from YAML.
    ///
    /// # Errors
    /// When it is not a script; the error names line and column.
    pub fn from_yaml(text: &str) -> Result<Self, ModelError> {
        // What a script writes without quotes in the arguments of a tool call stays what it looks like: `no`, `007` and
        // `1_000` are texts.
        let options = serde_saphyr::options! {
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
        };
        let script: Self = serde_saphyr::from_str_with_options(text, options)
            .map_err(|source| ModelError::Yaml(Box::new(source)))?;
        script.checked()
    }

    /// Reads a script from JSON.
    ///
    /// # Errors
    /// When it is not a script; the error names line and column.
    pub fn from_json(text: &str) -> Result<Self, ModelError> {
        let script: Self = serde_json::from_str(text).map_err(ModelError::Json)?;
        script.checked()
    }

    fn checked(self) -> Result<Self, ModelError> {
        let problems = self.problems();
        if problems.is_empty() {
            Ok(self)
        } else {
            Err(ModelError::Script { problems })
        }
    }
}
