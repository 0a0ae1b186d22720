//! Which server address wins.

use super::sandbox::Sandbox;
use crate::cli::environment::Environment;
use crate::cli::settings::ServerAddress;

fn environment(sandbox: &Sandbox, variables: &[(&str, &str)]) -> Environment {
    let mut environment = Environment::default();
    environment.set("HOME", sandbox.path("home").into_string());
    for (name, value) in variables {
        environment.set(*name, *value);
    }
    environment
}

fn found(flag: Option<&str>, environment: &Environment) -> String {
    match ServerAddress::find(flag, environment) {
        Ok(address) => format!("{address} ({})", address.origin()),
        Err(error) => format!("{error}; {}", error.hint()),
    }
}

#[test]
fn the_first_that_is_set_wins() {
    let sandbox = Sandbox::new();
    let both = [
        ("STIGMER_SERVER_ADDR", "127.0.0.1:2"),
        ("STIGMER_SERVER", "127.0.0.1:3"),
    ];
    let none = environment(&sandbox, &[]);
    assert_eq!(found(None, &none), "127.0.0.1:7234 (the default)");
    sandbox.write(
        "home/.stigmer/config.yaml",
        "backend:\n  type: local\nserver: 127.0.0.1:4\n",
    );
    let path = sandbox.path("home/.stigmer/config.yaml");
    assert_eq!(found(None, &none), format!("127.0.0.1:4 (from {path})"));
    let second = environment(&sandbox, &both[1..]);
    assert_eq!(found(None, &second), "127.0.0.1:3 (from STIGMER_SERVER)");
    let all = environment(&sandbox, &both);
    assert_eq!(found(None, &all), "127.0.0.1:2 (from STIGMER_SERVER_ADDR)");
    assert_eq!(
        found(Some("127.0.0.1:1"), &all),
        "127.0.0.1:1 (from --server)"
    );
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let sandbox = Sandbox::new();
    let environment = environment(
        &sandbox,
        &[
            ("STIGMER_SERVER_ADDR", ""),
            ("STIGMER_SERVER", "127.0.0.1:3"),
        ],
    );
    assert_eq!(
        found(None, &environment),
        "127.0.0.1:3 (from STIGMER_SERVER)"
    );
}

#[test]
fn localhost_is_dialled_as_the_address_that_servers_bind() {
    let none = Environment::default();
    assert_eq!(
        found(Some("localhost:7"), &none),
        "127.0.0.1:7 (from --server)"
    );
    assert_eq!(
        found(Some("http://LOCALHOST:7/"), &none),
        "127.0.0.1:7 (from --server)"
    );
    let address = ServerAddress::find(Some("localhost:7"), &none).unwrap();
    assert_eq!(address.uri(), "http://127.0.0.1:7");
}

#[test]
fn what_is_no_address_is_refused_with_its_origin() {
    let none = Environment::default();
    for text in [
        "nonsense",
        "127.0.0.1",
        "127.0.0.1:",
        ":7",
        "host:0",
        "host:99999",
        "a b:1",
        "https://host:1/path",
    ] {
        let told = found(Some(text), &none);
        assert_eq!(
            told,
            format!(
                "the server address {text:?} (from --server) is not HOST:PORT; Write it like 127.0.0.1:7234."
            )
        );
    }
}

#[test]
fn a_file_that_is_no_yaml_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("home/.stigmer/config.yaml", "server: [\n");
    let path = sandbox.path("home/.stigmer/config.yaml");
    let told = found(None, &environment(&sandbox, &[]));
    assert_eq!(
        told,
        format!("{path} is not valid YAML; Correct {path} or set STIGMER_SERVER_ADDR.")
    );
    sandbox.write("home/.stigmer/config.yaml", "");
    assert_eq!(
        found(None, &environment(&sandbox, &[])),
        "127.0.0.1:7234 (the default)"
    );
}
