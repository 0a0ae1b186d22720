//! What stacks cost and how fast they are, as tables in Markdown: `cargo bench --bench performance [-- SECTION…]`.
//!
//! Sections: `stacks`, `spares`, `sustained`, `runs`, `executions`, `cli`, `plain`; without one, all. What is compared is
//! measured side by side in one run.

#![allow(clippy::print_stdout, reason = "a bench is a program for people")]

mod accounting;
mod executions;
mod ground;
mod plain;
mod stacks;
mod statistics;

fn main() -> anyhow::Result<()> {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let wants = |section: &str| {
        let wants = wanted.is_empty() || wanted.iter().any(|name| name == section);
        if wants {
            println!("\n## {section}\n");
        }
        wants
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        if wants("stacks") {
            stacks::one_by_one(40).await?;
        }
        if wants("spares") {
            stacks::spares(20).await?;
        }
        if wants("sustained") {
            stacks::sustained(20).await?;
        }
        if wants("runs") {
            stacks::runs(10).await?;
        }
        if wants("executions") {
            executions::on_a_stack(15).await?;
        }
        if wants("cli") {
            executions::in_process_and_child(30).await?;
        }
        if wants("plain") {
            plain::compared(8).await?;
        }
        Ok(())
    })
}
