//! The list of what Stigmer must do, and the proof that list and tests belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use camino::Utf8Path;
use regex::Regex;
use serde::Deserialize;
use stigmer_e2e::stack::TestResult;

use crate::support::workspace;

/// The first line of every test: which entries of `requirements.toml` it proves.
macro_rules! requirement {
    ($($id:literal),+ $(,)?) => {
        $(crate::requirements::cited($id);)+
    };
}
pub(crate) use requirement;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Where requirements come from.
    sources: BTreeMap<String, String>,
    requirements: BTreeMap<String, Requirement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    /// A key of the table of sources; several are separated by commas.
    source: String,
    must: String,
    /// What else a distribution is known to do, by its name. The reference diverges nowhere.
    #[serde(default)]
    diverges: BTreeMap<String, String>,
}

static LIST: LazyLock<List> = LazyLock::new(|| {
    toml::from_str(include_str!("requirements.toml")).expect("requirements.toml is well formed")
});

/// Fails a test that cites what is not on the list.
#[track_caller]
pub(crate) fn cited(id: &str) {
    assert!(
        LIST.requirements.contains_key(id),
        "requirements.toml has no {id:?}: add it, or cite another one"
    );
}

/// A test as it stands in the source.
struct Found {
    name: String,
    cites: Vec<String>,
    /// From its attribute to the brace that ends it.
    body: String,
}

/// Tests of a file. They begin with an attribute and end their signature with a brace at the end of a line.
fn tests_in(text: &str) -> Vec<Found> {
    let attribute = Regex::new(r"(?m)^#\[(?:tokio::)?test\b").unwrap();
    let signature =
        Regex::new(r"(?s)^.*?\bfn (\w+)\(.*?\{\n\s*(?:requirement!\(([^)]*)\))?").unwrap();
    let literal = Regex::new(r#""([^"]+)""#).unwrap();
    attribute
        .find_iter(text)
        .map(|found| {
            let text = &text[found.start()..];
            let parts = signature.captures(text).expect("a test is a function");
            let cited = parts.get(2).map_or("", |list| list.as_str());
            Found {
                name: parts[1].to_owned(),
                cites: literal
                    .captures_iter(cited)
                    .map(|literal| literal[1].to_owned())
                    .collect(),
                body: text.split("\n}\n").next().unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// The files of this folder, by their names without ending; this one proves nothing about Stigmer.
fn files(folder: &Utf8Path) -> BTreeMap<String, String> {
    let paths = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path());
    paths
        .filter(|path| path.extension() == Some("rs") && path.file_stem() != Some("requirements"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap_or_default().to_owned(), text)
        })
        .collect()
}

#[test]
fn every_test_cites_a_requirement_and_every_requirement_has_a_test() -> TestResult {
    let mut problems = Vec::new();
    let mut proven = BTreeSet::new();
    for (file, text) in files(&workspace()?.join("tests/scenarios")) {
        for test in tests_in(&text) {
            if test.cites.is_empty() {
                problems.push(format!("{file}::{} cites nothing", test.name));
            }
            for id in test.cites {
                if !LIST.requirements.contains_key(&id) {
                    problems.push(format!(
                        "{file}::{} cites {id}, which is not on the list",
                        test.name
                    ));
                }
                proven.insert(id);
            }
        }
    }
    let unproven = LIST.requirements.keys().filter(|id| !proven.contains(*id));
    problems.extend(unproven.map(|id| format!("no test cites {id}")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

#[test]
fn the_list_is_well_formed() {
    let form = Regex::new(r"^[a-z]+(:[a-z0-9-]+){1,2}$").unwrap();
    let mut problems = Vec::new();
    let mut used = BTreeSet::new();
    for (id, requirement) in &LIST.requirements {
        if !form.is_match(id) {
            problems.push(format!(
                "{id} is not `area:feature` or `area:feature:variant`"
            ));
        }
        if requirement.must.is_empty() || requirement.must.ends_with('.') {
            problems.push(format!(
                "{id}: `must` is one sentence without its full stop"
            ));
        }
        if requirement.diverges.contains_key("reference") {
            problems.push(format!(
                "{id}: the reference diverges nowhere, it is mended"
            ));
        }
        for source in requirement.source.split(", ") {
            if !LIST.sources.contains_key(source) {
                problems.push(format!("{id}: there is no source {source:?}"));
            }
            used.insert(source);
        }
    }
    let unused = LIST
        .sources
        .keys()
        .filter(|source| !used.contains(source.as_str()));
    problems.extend(unused.map(|source| format!("no requirement comes from {source}")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn no_file_is_left_out() -> TestResult {
    let main = std::fs::read_to_string(workspace()?.join("tests/scenarios/main.rs"))?;
    let forgotten: Vec<String> = files(&workspace()?.join("tests/scenarios"))
        .into_keys()
        .filter(|file| file != "main" && !main.contains(&format!("\nmod {file};\n")))
        .collect();
    assert!(forgotten.is_empty(), "main.rs leaves out {forgotten:?}");
    Ok(())
}

#[test]
fn every_example_is_applied_and_run_by_a_test() -> TestResult {
    let root = workspace()?;
    let folders: BTreeSet<String> = root
        .join("examples")
        .read_dir_utf8()?
        .map(|entry| entry.unwrap().file_name().to_owned())
        .collect();
    let text = std::fs::read_to_string(root.join("tests/scenarios/examples.rs"))?;
    let mut problems = Vec::new();
    for name in &folders {
        let id = format!("examples:{name}");
        let proofs = tests_in(&text)
            .into_iter()
            .filter(|test| test.cites.contains(&id));
        let runs = |test: &Found| {
            let body = test.body.as_str();
            body.contains(&format!("\"examples/{name}\"")) && body.contains("\"run\",")
        };
        if !proofs.into_iter().any(|test| runs(&test)) {
            problems.push(format!(
                "no test of examples.rs cites {id}, applies examples/{name} and runs it"
            ));
        }
    }
    let listed = LIST
        .requirements
        .keys()
        .filter_map(|id| id.strip_prefix("examples:"));
    let gone = listed.filter(|name| *name != "dry-run" && !folders.contains(*name));
    problems.extend(gone.map(|name| format!("there is no examples/{name}")));
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}

#[test]
fn tests_are_found_with_what_they_cite() {
    let text = "\
#[rstest]
#[tokio::test]
async fn with_cases(
    #[future(awt)] stack: Stack,
) -> TestResult {
    requirement!(\"a:b\");
    Ok(())
}

#[tokio::test(flavor = \"multi_thread\")]
#[ignore = \"reason\"]
async fn with_two() -> TestResult {
    requirement!(
        \"a:b\",
        \"c:d:e\",
    );
}

#[test]
fn without() {
    let other = requirement!(\"f:g\");
}
";
    let found: Vec<(String, Vec<String>)> = tests_in(text)
        .into_iter()
        .map(|test| (test.name, test.cites))
        .collect();
    let expected = [
        ("with_cases", vec!["a:b"]),
        ("with_two", vec!["a:b", "c:d:e"]),
        ("without", vec![]),
    ]
    .map(|(name, cites)| {
        (
            name.to_owned(),
            cites.into_iter().map(str::to_owned).collect(),
        )
    });
    assert_eq!(found, expected);
}
