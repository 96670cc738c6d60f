//! What the tables forbid, found in parsed code.

use syn::visit::{self, Visit};

use super::names::{Names, Use};
use super::table::{ASYNC, CALENDAR, CRATES, POWERS, ROOMS, SQL, STOPWATCH};
use super::tree::File;

/// Everything that a tree does against the tables, one line each.
pub(super) fn complaints(files: &[File]) -> Vec<String> {
    let names = Names::of(files);
    let mut found = Vec::new();
    for file in files {
        let uses = names.in_file(file);
        layering(file, &uses, &mut found);
        homes(file, &uses, &mut found);
        clocks(file, &uses, &mut found);
        let mut words = Words { file, found: &mut found };
        file.items.iter().for_each(|item| words.visit_item(item));
    }
    found.sort();
    found.dedup();
    found
}

fn is_in(file: &File, homes: &[&str]) -> bool {
    homes.iter().any(|home| file.path.starts_with(home))
}

/// Imports point downwards only.
fn layering(file: &File, uses: &[Use], found: &mut Vec<String>) {
    if matches!(file.path.as_str(), "lib.rs" | "main.rs") {
        return;
    }
    let room = file.room();
    let Some((_, below)) = ROOMS.iter().find(|(name, _)| *name == room) else {
        found.push(format!("{}: the room `{room}` has no place in the layering", file.path));
        return;
    };
    for each in uses {
        for step in &each.steps {
            if let [first, other, ..] = step.as_slice()
                && first == "crate"
                && other != room
                && !below.contains(&other.as_str())
                && ROOMS.iter().any(|(name, _)| name == other)
            {
                found
                    .push(format!("{}:{} imports crate::{other}, which lies above or beside it", file.path, each.line));
            }
        }
    }
}

/// Outside crates, and some of what the standard library can do, stay in their homes.
fn homes(file: &File, uses: &[Use], found: &mut Vec<String>) {
    for each in uses {
        for step in &each.steps {
            let Some(first) = step.first() else { continue };
            if let Some((name, homes)) = CRATES.iter().find(|(name, _)| name == first)
                // By its bare name a crate is used only in an import: elsewhere that is a variable.
                && (step.len() > 1 || each.from_import)
                && !is_in(file, homes)
            {
                found.push(format!("{}:{} uses {name}, which lives in {}", file.path, each.line, homes.join(", ")));
            }
            let path = step.join("::");
            for (power, homes, why) in POWERS {
                let is_it = path.strip_prefix(power).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
                if is_it && !is_in(file, homes) {
                    found.push(format!("{}:{} uses {power}: {why}", file.path, each.line));
                }
            }
        }
    }
}

/// Homes of crates, powers and clocks that nothing lives in: an exception that is wider than what it excuses.
pub(super) fn empty_homes(files: &[File]) -> Vec<String> {
    let names = Names::of(files);
    let uses: Vec<(&File, Vec<Use>)> = files.iter().map(|file| (file, names.in_file(file))).collect();
    let is_used = |name: &str, home: &str| {
        let starts = |step: &Vec<String>| {
            step.join("::").strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        };
        uses.iter()
            .filter(|(file, _)| file.path.starts_with(home))
            .flat_map(|(_, uses)| uses)
            .any(|each| each.steps.iter().any(|step| starts(step) && (step.len() > 1 || each.from_import)))
    };
    let crates = CRATES.iter().map(|(name, homes)| (*name, *homes));
    let powers = POWERS.iter().map(|(name, homes, _)| (*name, *homes));
    let empty = crates.chain(powers).flat_map(|(name, homes)| {
        let empty = homes.iter().filter(move |home| !is_used(name, home));
        empty.map(move |home| format!("nothing in {home} uses {name}, which may live there"))
    });
    let reads = |home: &str, what: &[&str]| {
        uses.iter()
            .filter(|(file, _)| file.path.starts_with(home))
            .flat_map(|(_, uses)| uses)
            .any(|each| matches!(each.target(), [.., kind, now] if now == "now" && what.contains(&kind.as_str())))
    };
    let clocks = [(CALENDAR, CALENDARS, "the calendar's clock"), (STOPWATCH, &["Instant"][..], "a stopwatch")];
    let idle = clocks.into_iter().flat_map(|(homes, kinds, clock)| {
        let idle = homes.iter().filter(move |home| !reads(home, kinds));
        idle.map(move |home| format!("nothing in {home} reads {clock}, which may"))
    });
    empty.chain(idle).collect()
}

/// Types that read the calendar's clock.
const CALENDARS: &[&str] = &["Timestamp", "Zoned", "SystemTime", "Utc", "Local"];

/// `now` is an argument.
fn clocks(file: &File, uses: &[Use], found: &mut Vec<String>) {
    for each in uses {
        let [.., kind, what] = each.target() else { continue };
        let (homes, clock) = match (kind.as_str(), what.as_str()) {
            (kind, "now") if CALENDARS.contains(&kind) => (CALENDAR, "the calendar's clock"),
            ("Instant", "now") => (STOPWATCH, "a stopwatch"),
            _ => continue,
        };
        if !is_in(file, homes) {
            found.push(format!("{}:{} reads {clock}, which is for {}", file.path, each.line, homes.join(", ")));
        }
    }
}

/// What is said by keywords, methods, macros and literals.
struct Words<'f> {
    file: &'f File,
    found: &'f mut Vec<String>,
}

impl Words<'_> {
    fn complain(&mut self, line: usize, what: &str) {
        self.found.push(format!("{}:{line} {what}", self.file.path));
    }

    fn waits(&mut self, line: usize) {
        if !is_in(self.file, ASYNC) {
            self.complain(line, "is async, which is for gather, pass and cli");
        }
    }

    fn unwraps(&mut self, line: usize) {
        self.complain(line, "unwraps, which is for tests");
    }

    fn literal(&mut self, text: &str, line: usize) {
        if !is_in(self.file, SQL) && is_sql(text) {
            self.complain(line, "holds SQL, which is for store");
        }
    }

    fn tokens(&mut self, tokens: proc_macro2::TokenStream) {
        let mut after_point = false;
        for token in tokens {
            match &token {
                proc_macro2::TokenTree::Ident(word) => {
                    let line = word.span().start().line;
                    match word.to_string().as_str() {
                        "async" | "await" => self.waits(line),
                        "unwrap" | "unwrap_err" | "unwrap_unchecked" if after_point => self.unwraps(line),
                        _ => {}
                    }
                }
                proc_macro2::TokenTree::Group(group) => self.tokens(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    let line = literal.span().start().line;
                    if let Ok(syn::Lit::Str(text)) = syn::parse_str(&literal.to_string()) {
                        self.literal(&text.value(), line);
                    }
                }
                proc_macro2::TokenTree::Punct(_) => {}
            }
            // Of a method as of a path.
            after_point = matches!(&token, proc_macro2::TokenTree::Punct(mark) if matches!(mark.as_char(), '.' | ':'));
        }
    }
}

impl<'ast> Visit<'ast> for Words<'_> {
    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(word) = &signature.asyncness {
            self.waits(word.span.start().line);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.waits(block.async_token.span.start().line);
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        if let Some(word) = &closure.asyncness {
            self.waits(word.span.start().line);
        }
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if matches!(call.method.to_string().as_str(), "unwrap" | "unwrap_err" | "unwrap_unchecked") {
            self.unwraps(call.method.span().start().line);
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(last) = path.path.segments.last()
            && path.path.segments.len() + usize::from(path.qself.is_some()) > 1
            && matches!(last.ident.to_string().as_str(), "unwrap" | "unwrap_err" | "unwrap_unchecked")
        {
            self.unwraps(last.ident.span().start().line);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(last) = call.path.segments.last()
            && matches!(last.ident.to_string().as_str(), "println" | "print" | "eprintln" | "eprint" | "dbg")
            && !is_in(self.file, &["cli/"])
        {
            self.complain(last.ident.span().start().line, "prints, which is for cli");
        }
        self.tokens(call.tokens.clone());
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literal(&literal.value(), literal.span().start().line);
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// Whether a text is a statement of SQL: its first word and one that has to follow.
fn is_sql(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    let then = |first: &str, next: &[&str]| {
        text.strip_prefix(first)
            .is_some_and(|rest| rest.starts_with(char::is_whitespace) && next.iter().any(|word| rest.contains(word)))
    };
    then("select", &[" from ", " from\n", "\nfrom ", "last_insert", "exists", "count("])
        || then("insert", &[" into "])
        || then("replace", &[" into "])
        || then("update", &[" set ", " set\n"])
        || then("delete", &[" from "])
        || then("with", &[" as ("])
        || then("create", &[" table ", " index ", " view ", " trigger "])
        || then("alter", &[" table "])
        || then("drop", &[" table ", " index "])
        || text.starts_with("pragma ")
        || text.starts_with("begin immediate")
}
