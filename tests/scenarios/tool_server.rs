//! Tool servers in the Model Context Protocol, as small Python programs that need nothing but Python.

use stigmer_e2e::stack::{Stack, TestFailure};
use stigmer_e2e::toolset::Tool;

use crate::support::program;

/// What all of them have: the tool `environment`, which tells the values of the variables that it is asked for.
pub(crate) const ECHO: &str = r#"
import json, os, sys

TOOL = {"name": "environment", "description": "Tells values", "inputSchema": {"type": "object", "properties": {
    "names": {"type": "array", "items": {"type": "string"}}}, "required": ["names"]}}

for line in sys.stdin:
    request = json.loads(line)
    if "id" not in request:
        continue
    parameters = request.get("params") or {}
    match request["method"]:
        case "initialize":
            result = {"protocolVersion": parameters.get("protocolVersion"), "capabilities": {"tools": {}},
                      "serverInfo": {"name": "echo", "version": "1"}}
        case "tools/list":
            result = {"tools": [TOOL]}
        case "tools/call":
            names = parameters["arguments"]["names"]
            text = " ".join(f"{name}={os.environ.get(name)}" for name in names)
            print(f"told {text}", file=sys.stderr, flush=True)
            result = {"content": [{"type": "text", "text": text}]}
        case _:
            result = {}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
"#;

/// Writes a program into the stack's folder; gives the command and the arguments that start it by the runner's Python.
pub(crate) fn tool_server(stack: &Stack, text: &str) -> Result<(String, Vec<String>), TestFailure> {
    use std::hash::{BuildHasher as _, RandomState};
    let name = format!(
        "tool-server-{:08x}.py",
        RandomState::new().hash_one(text) >> 32
    );
    let path = stack.folder().join("tmp").join(name);
    std::fs::write(&path, text)?;
    let python = program(Tool::AgentRunnerPython)?;
    // Alone, so that nothing of the runner's own packages is seen.
    let arguments = vec!["-I".to_owned(), "-S".to_owned(), path.into_string()];
    Ok((python.into_string(), arguments))
}
