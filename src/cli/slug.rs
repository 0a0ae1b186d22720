//! Names for references.

use crate::wire::resource::ApiResourceMetadata;

/// The name for references: the slug where there is one, else what the server will make of the name.
pub(crate) fn slug_of(metadata: Option<&ApiResourceMetadata>) -> String {
    match metadata {
        Some(metadata) if !metadata.slug.is_empty() => metadata.slug.clone(),
        Some(metadata) => slugify(&metadata.name),
        None => String::new(),
    }
}

/// The server's rule: lower case, blanks become `-`, all but `a-z`, `0-9` and `-` goes, no `-` doubled or at an end.
pub(crate) fn slugify(name: &str) -> String {
    let mut slug = String::new();
    for character in name.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' => slug.push(character),
            ' ' | '-' if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}
