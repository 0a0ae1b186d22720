//! Scripts as text: what is read, and how mistakes are named.

use std::error::Error;
use std::time::Duration;

use camino::Utf8PathBuf;
use rstest::rstest;
use serde_json::json;

use crate::model::{
    Chunks, Fault, ModelError, ModelScript, PlannedCall, Provider, Reply, StopReason, TextMatch,
    Times, Until, When,
};

const EVERYTHING: &str = r#"
lenient: true
models: [scripted, other]
default: { text: I do not know. }
replies:
  - text: Hello from the model.
  - text: Sunny
    when:
      user: { contains: weather }
      tool_result: { matches: "^[0-9]+" }
      system: { contains: agent }
      model: scripted
      provider: openai
      headers: { authorization: { equals: Bearer k } }
    times: at least 1
    chunks: 3
    delay: { first: 20ms, between: 1s }
  - expect: { user: next }
    tool_calls:
      - name: read_file
        arguments: { path: a.txt, lines: 3 }
      - { id: mine, name: ls }
    usage: { input_tokens: 7, output_tokens: 3 }
    stop: length
  - chunks: [Hel, lo]
    fault: { hang: { until: forever, after_chunks: 1 } }
"#;

fn everything() -> anyhow::Result<ModelScript> {
    let when = When::user_contains("weather")
        .and(When::tool_result(TextMatch::matches("^[0-9]+")?))
        .and(When::system_contains("agent"))
        .and(When::model("scripted"))
        .and(When::provider(Provider::OpenAi))
        .and(When::header("authorization", "Bearer k"));
    let mine = PlannedCall {
        id: Some("mine".to_owned()),
        name: "ls".to_owned(),
        arguments: json!({}),
    };
    let mut calls = Reply::call("read_file", json!({ "path": "a.txt", "lines": 3 }))
        .expect(When::user("next"))
        .usage(7, 3)
        .stop(StopReason::Length);
    calls.tool_calls.push(mine);
    Ok(ModelScript {
        models: vec!["scripted".to_owned(), "other".to_owned()],
        ..ModelScript::new()
            .lenient()
            .reply_by_default("I do not know.")
            .reply("Hello from the model.")
            .reply(
                Reply::text("Sunny")
                    .when(when)
                    .times(Times::at_least(1))
                    .chunks_of(3)
                    .delay_first(Duration::from_millis(20))
                    .delay_between(Duration::from_secs(1)),
            )
            .reply(calls)
            .reply(Reply::pieces(["Hel", "lo"]).fault(Fault::hang_forever().after(1)))
    })
}

#[test]
fn yaml_says_all_that_the_builder_says() -> anyhow::Result<()> {
    assert_eq!(ModelScript::from_yaml(EVERYTHING)?, everything()?);
    Ok(())
}

#[test]
fn a_script_goes_through_json_unchanged() -> anyhow::Result<()> {
    let mut script = everything()?;
    for fault in [
        Fault::status(503),
        Fault::hang(),
        Fault::cut_after(1),
        Fault::reset_after(2),
        Fault::malformed_after(3),
        Fault::error_event(0, "x"),
        Fault::drip(Duration::from_millis(5)),
    ] {
        script = script.reply(Reply::failing(fault));
    }
    let text = serde_json::to_string(&script)?;
    assert_eq!(ModelScript::from_json(&text)?, script);
    assert_eq!(ModelScript::from_yaml(&text)?, script, "JSON is YAML");
    Ok(())
}

#[rstest]
#[case("2", Times::exactly(2))]
#[case("any", Times::any())]
#[case("at least 1", Times::at_least(1))]
#[case("at most 3", Times::at_most(3))]
fn times_are_words_or_a_number(#[case] text: &str, #[case] times: Times) -> anyhow::Result<()> {
    let yaml = format!("replies: [{{ when: {{ user: x }}, times: {text} }}]");
    assert_eq!(ModelScript::from_yaml(&yaml)?.replies[0].times, times);
    assert_eq!(times.to_string(), text);
    Ok(())
}

#[test]
fn words_without_quotes_stay_words() -> anyhow::Result<()> {
    let arguments = "{ answer: no, code: 007, key: 1_000, day: 2026-01-01, count: 7, sure: true }";
    let yaml = format!("replies: [{{ tool_calls: [{{ name: x, arguments: {arguments} }}] }}]");
    let script = ModelScript::from_yaml(&yaml)?;
    let expected = json!({
        "answer": "no", "code": "007", "key": "1_000", "day": "2026-01-01", "count": 7, "sure": true,
    });
    assert_eq!(script.replies[0].tool_calls[0].arguments, expected);
    Ok(())
}

#[test]
fn what_is_left_out_of_a_fault_has_a_meaning() -> anyhow::Result<()> {
    let script =
        ModelScript::from_yaml("replies: [{ fault: { hang: {} } }, { fault: { cut: {} } }]")?;
    let hang = Fault::Hang {
        until: Until::Released,
        after_chunks: 0,
    };
    assert_eq!(script.replies[0].fault, Some(hang));
    assert_eq!(script.replies[1].fault, Some(Fault::cut_after(0)));
    assert_eq!(script.replies[0].chunks, Chunks::Whole);
    Ok(())
}

/// The message and its causes, as a person sees them.
fn told(error: &ModelError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[rstest]
#[case::field("replies:\n  - text: x\n    tool_call: []\n", &["line 3", "tool_call", "tool_calls"])]
#[case::top("reply: []\n", &["line 1", "reply", "replies"])]
#[case::condition("replies:\n  - when: { users: x }\n", &["line 2", "users", "user"])]
#[case::fault("replies:\n  - text: x\n    fault: { crash: {} }\n", &["line 3", "crash", "reset"])]
#[case::fault_field("replies:\n  - fault: { cut: { after: 1 } }\n", &["line 2", "after", "after_chunks"])]
#[case::duration("replies:\n  - delay: { first: soon }\n", &["line 2", "\"soon\" is not a duration such as 20ms"])]
#[case::times("replies:\n  - times: often\n", &["line 2", "often", "`any`, `at least N`"])]
#[case::negative_times("replies:\n  - times: -1\n", &["line 2", "-1", "a number"])]
#[case::chunks("replies:\n  - chunks: 0\n", &["line 2", "0", "a number of characters above 0"])]
#[case::match_type("replies:\n  - when: { user: 7 }\n", &["line 2", "7", "`contains`"])]
#[case::match_name("replies:\n  - when: { user: { has: x } }\n", &["line 2", "has", "contains"])]
#[case::pattern("replies:\n  - when: { user: { matches: '(' } }\n", &["line 2", "\"(\" is not a regular expression: error: unclosed group"])]
#[case::provider("replies:\n  - when: { provider: mistral }\n", &["line 2", "mistral", "anthropic"])]
#[case::twice("replies:\n  - text: x\n    text: y\n", &["line 3", "text"])]
#[case::indentation("replies:\n  - text: x\n   chunks: 3\n", &["line"])]
fn a_mistake_in_yaml_is_named_with_its_line(#[case] yaml: &str, #[case] words: &[&str]) {
    let error = ModelScript::from_yaml(yaml).expect_err("it is wrong");
    let text = told(&error);
    for word in words {
        assert!(text.contains(word), "{word:?} is not in: {text}");
    }
    assert!(error.hint().contains("docs/model.md"));
}

#[test]
fn a_mistake_in_json_is_named_with_its_line() {
    let error =
        ModelScript::from_json("{\n  \"replies\": [{ \"txt\": 1 }]\n}").expect_err("it is wrong");
    let text = told(&error);
    assert!(
        text.contains("unknown field `txt`") && text.contains("line 2"),
        "{text}"
    );
}

#[rstest]
#[case("[{ when: {} }]", "reply 1: `when` has no condition")]
#[case(
    "[{ when: { user: a }, expect: { user: a } }]",
    "reply 1: it has both `when`"
)]
#[case("[{ text: a, times: 0 }]", "reply 1: it is given 0 times")]
#[case(
    "[{ text: ab, chunks: [a, c] }]",
    "reply 1: the chunks make \"ac\", the text is \"ab\""
)]
#[case(
    "[{ text: a, times: any }, { text: b }]",
    "reply 2: it is never reached, since reply 1"
)]
#[case("[{ tool_calls: [{ name: '' }] }]", "reply 1: a tool call has no name")]
#[case(
    "[{ fault: { status: { code: 200 } } }]",
    "reply 1: status 200 is no HTTP error"
)]
#[case(
    "[{ fault: { status: { code: 1000 } } }]",
    "reply 1: status 1000 is no HTTP error"
)]
#[case(
    "[{ fault: { status: { code: 500, headers: { 'a b': c } } } }]",
    "reply 1: \"a b\": \"c\" is no HTTP header"
)]
fn a_script_that_contradicts_itself_is_refused(#[case] replies: &str, #[case] words: &str) {
    let error = ModelScript::from_yaml(&format!("replies: {replies}")).expect_err("it is wrong");
    assert!(matches!(error, ModelError::Script { .. }));
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn all_contradictions_are_named_at_once() {
    let yaml = "replies: [{ when: {} }, { text: a, times: 0 }]\ndefault: { text: x, times: any }";
    let Err(ModelError::Script { problems }) = ModelScript::from_yaml(yaml) else {
        panic!("it is wrong");
    };
    assert_eq!(problems.len(), 3, "{problems:?}");
}

#[test]
fn a_file_is_read_by_its_ending() -> anyhow::Result<()> {
    let folder = Utf8PathBuf::try_from(tempfile::tempdir()?.keep())?;
    for (name, text) in [
        ("a.yaml", "replies: [{ text: x }]"),
        ("a.json", "{\"replies\":[{\"text\":\"x\"}]}"),
    ] {
        std::fs::write(folder.join(name), text)?;
        assert_eq!(
            ModelScript::read(&folder.join(name))?,
            ModelScript::new().reply("x")
        );
    }
    std::fs::write(folder.join("b.yaml"), "replies: 1")?;
    let wrong = ModelScript::read(&folder.join("b.yaml")).expect_err("it is wrong");
    assert!(
        wrong.to_string().ends_with("b.yaml is not a model script"),
        "{wrong}"
    );
    assert!(told(&wrong).contains("line 1"));
    let ending = ModelScript::read(&folder.join("b.txt")).expect_err("the ending says nothing");
    assert!(ending.hint().contains(".yaml or .json"));
    let absent = ModelScript::read(&folder.join("c.yaml")).expect_err("it is not there");
    assert!(matches!(absent, ModelError::Read { .. }));
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
