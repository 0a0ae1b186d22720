//! `stigmer-e2e`: set up, run and look after isolated Stigmers.

fn main() -> anyhow::Result<()> {
    anyhow::bail!("nothing here yet")
}
