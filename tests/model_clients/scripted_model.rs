//! Serves one model script, for clients in other languages.
//!
//! Prints its addresses as one line of JSON. Then each line of standard input is a question that one line of JSON
//! answers: `requests`, `verify` or `release`. It ends when standard input does.

use std::error::Error;
use std::io::{BufRead, Write};

use camino::Utf8Path;
use serde_json::{Value, json};
use stigmer_e2e::model::{ModelScript, ModelSpec, RunningModel};

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: scripted_model SCRIPT.yaml|SCRIPT.json")?;
    let model = ModelSpec::new(ModelScript::read(Utf8Path::new(&path))?).start_on_thread()?;
    let mut output = std::io::stdout().lock();
    let addresses = json!({
        "ollama": model.ollama_url(),
        "openai": model.openai_url(),
        "anthropic": model.anthropic_url(),
    });
    writeln!(output, "{addresses}")?;
    output.flush()?;
    for line in std::io::stdin().lock().lines() {
        writeln!(output, "{}", answer(&model, line?.trim())?)?;
        output.flush()?;
    }
    Ok(())
}

fn answer(model: &RunningModel, question: &str) -> Result<Value, Box<dyn Error>> {
    match question {
        "requests" => Ok(serde_json::to_value(model.requests())?),
        "verify" => Ok(model
            .verify()
            .map_or_else(|mismatch| json!(mismatch.to_string()), |()| Value::Null)),
        "release" => {
            model.release();
            Ok(Value::Null)
        }
        other => Err(format!("{other:?} is neither `requests`, `verify` nor `release`").into()),
    }
}
