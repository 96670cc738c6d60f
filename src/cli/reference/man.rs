use anyhow::Result;

use super::text::sections;
use crate::cli::console;
use crate::cli::exit::Exit;

/// Print the man page: feedloom man | man -l -
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {}

pub(in crate::cli) fn run(_args: &Args, program: &clap::Command) -> Result<Exit> {
    console::print(page(program).trim_end());
    Ok(Exit::Current)
}

/// The page in roff: all commands with their options, then all keys of feeds.toml.
fn page(program: &clap::Command) -> String {
    let mut page = format!(".TH FEEDLOOM 1 \"\" \"feedloom {}\"\n", env!("CARGO_PKG_VERSION"));
    page.push_str(".SH NAME\nfeedloom \\- many tech-news feeds in, one good feed out\n");
    page.push_str(".SH SYNOPSIS\n.B feedloom\n[\\-\\-config FILE] COMMAND\n.SH OPTIONS\n");
    options(&mut page, program);
    page.push_str(".SH COMMANDS\n");
    for command in program.get_subcommands().filter(|command| !command.is_hide_set()) {
        page.push_str(&format!(".SS {}\n", escaped(command.get_name())));
        let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string);
        page.push_str(&paragraphs(&about.unwrap_or_default()));
        options(&mut page, command);
    }
    page.push_str(".SH FEEDS.TOML\n");
    for section in sections() {
        let title = if section.table.is_empty() { "Top of the file" } else { section.table };
        page.push_str(&format!(".SS {}\n{}", escaped(title), paragraphs(&section.intro)));
        for key in &section.keys {
            let range = key.range.map(|range| format!(", {range}")).unwrap_or_default();
            let head = format!("{} ({}{range}; default {})", key.name, key.kind, key.default);
            page.push_str(&format!(".TP\n{}\n{}\n.br\n{}\n", escaped(&head), escaped(&key.text), escaped(key.example)));
        }
    }
    page.push_str(
        ".SH EXIT STATUS\n0 the outputs are current, or nothing was due\n.br\n1 all that was asked failed and no other source does well, or an output could not be written\n.br\n\
         2 wrong usage or feeds.toml\n.br\n3 with \\-\\-strict, a source failed\n.br\n75 another run is in progress\n",
    );
    page
}

fn options(page: &mut String, command: &clap::Command) {
    for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
        let short = argument.get_short().map(|short| format!("-{short}"));
        let long = argument.get_long().map(|long| format!("--{long}"));
        let mut names: Vec<String> = short.into_iter().chain(long).collect();
        let value = argument.get_value_names().filter(|_| argument.get_action().takes_values());
        let value = value.map(|names| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        if names.is_empty() {
            names.extend(value);
        } else if let (Some(last), Some(value)) = (names.last_mut(), value) {
            last.push_str(&format!(" {value}"));
        }
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        page.push_str(&format!(".TP\n{}\n{}\n", escaped(&names.join(", ")), escaped(&help)));
    }
}

fn paragraphs(text: &str) -> String {
    let parts: Vec<String> = text.split("\n\n").map(|part| format!("{}\n", escaped(part))).collect();
    parts.join(".PP\n")
}

/// `text` as roff shows it, whatever it contains.
fn escaped(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    escaped
        .lines()
        .map(|line| if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line.to_owned() })
        .collect::<Vec<_>>()
        .join("\n")
}
