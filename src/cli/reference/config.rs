use anyhow::{Result, bail};

use super::text::{REFERENCE, Section, sections};
use crate::cli::console;
use crate::cli::exit::Exit;

/// Show every key of feeds.toml: what it does, its default, an example
#[derive(Debug, clap::Args)]
#[command(after_long_help = REFERENCE)]
pub(in crate::cli) struct Args {
    /// Only this key, or the keys of this table
    #[arg(value_name = "KEY")]
    key: Option<String>,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit> {
    let Some(wanted) = &args.key else {
        console::print(REFERENCE.trim_end());
        return Ok(Exit::Current);
    };
    let mut found = false;
    for section in sections() {
        let is_table = !section.table.is_empty() && bare(section.table) == bare(wanted);
        if is_table {
            found = true;
            console::print(section.table);
            console::print_prose(&format!("    {}", section.intro));
        }
        let keys = section.keys.iter().filter(|key| is_table || key.name == wanted);
        for key in keys {
            found = true;
            let range = key.range.map(|range| format!(", {range}")).unwrap_or_default();
            console::print(&format!("{}{}  {}{range}, default {}", place(&section), key.name, key.kind, key.default));
            console::print_prose(&format!("    {}", key.text));
            console::print(&format!("    {}", key.example));
        }
    }
    if !found {
        bail!("feeds.toml has no key or table `{wanted}`; to list them: feedloom config");
    }
    Ok(Exit::Current)
}

/// The name of a table without its brackets.
fn bare(table: &str) -> &str {
    table.trim_matches(['[', ']'])
}

fn place(section: &Section<'_>) -> String {
    if section.table.is_empty() { String::new() } else { format!("{} ", section.table) }
}
