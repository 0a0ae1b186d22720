//! Compiles the wire contract without protoc: protox reads the files, tonic writes messages, clients, and the supervisor's server.

use std::path::{Path, PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let mut files = Vec::new();
    for folder in ["proto/ai", "proto/temporal"] {
        collect(Path::new(folder), &mut files)?;
    }
    files.sort();
    let compiled = protox::compile(files, ["proto"])?;
    // For printing messages as JSON, without comments and without what is not the contract's.
    let mut described = compiled.clone();
    described.file.retain(|file| {
        ["ai/", "buf/", "google/"]
            .iter()
            .any(|folder| file.name().starts_with(folder))
    });
    for file in &mut described.file {
        file.source_code_info = None;
    }
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("wire.descriptors"), described.encode_to_vec())?;
    tonic_prost_build::configure()
        .build_server(false)
        .include_file("wire.rs")
        .compile_fds(compiled)?;
    tonic_prost_build::configure().compile_fds(protox::compile(
        ["proto/stigmer_e2e/supervisor.proto"],
        ["proto"],
    )?)?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "proto")
        {
            files.push(path);
        }
    }
    Ok(())
}
