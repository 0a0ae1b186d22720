//! Projects that a test writes: Go programs that declare resources as bytes, as the SDK would write them. What the SDK
//! itself would refuse reaches the server this way.

use prost::Message;
use stigmer_e2e::stack::TestFailure;

use crate::support::Folder;

/// A file that a program declares.
pub(crate) fn declared(name: &str, message: &impl Message) -> (String, Vec<u8>) {
    (name.to_owned(), message.encode_to_vec())
}

/// A project whose program declares these files.
pub(crate) fn declaring(files: &[(String, Vec<u8>)]) -> Result<Folder, TestFailure> {
    let statements: String = files
        .iter()
        .map(|(name, content)| {
            let bytes: Vec<String> = content.iter().map(u8::to_string).collect();
            let bytes = bytes.join(", ");
            format!("\twrite({name:?}, []byte{{{bytes}}})\n")
        })
        .collect();
    let program = format!(
        r#"package main

import (
	"os"
	"path/filepath"
)

func write(name string, content []byte) {{
	if err := os.WriteFile(filepath.Join(os.Getenv("STIGMER_OUT_DIR"), name), content, 0o600); err != nil {{
		panic(err)
	}}
}}

func main() {{
{statements}}}
"#
    );
    let folder = Folder::new()?;
    folder.write("Stigmer.yaml", "name: tested\nruntime: go\n")?;
    folder.write("go.mod", "module example.test/tested\n\ngo 1.26.0\n")?;
    folder.write("main.go", &program)?;
    Ok(folder)
}
