//! The source as parsed code: every file of a tree with its place among the modules, tests left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::spanned::Spanned as _;
use syn::{Attribute, Item, Meta};

/// One file of the program.
pub(super) struct File {
    /// From `src`, as in `gather/plan.rs`.
    pub(super) path: String,
    /// Names of the modules down to this file: `["gather", "plan"]`.
    pub(super) module: Vec<String>,
    /// What is not `cfg(test)`.
    pub(super) items: Vec<Item>,
    /// Lines that are not those of tests.
    pub(super) lines: usize,
}

impl File {
    /// The top-level module that the file belongs to.
    pub(super) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }
}

/// The files of the program itself.
pub(super) fn program() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                texts.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(texts.len() > 20, "the source tree was not found");
    parse(&texts)
}

/// Files by their paths from `src`.
pub(super) fn parse(texts: &BTreeMap<String, String>) -> Vec<File> {
    let mut files = Vec::new();
    let mut of_tests: BTreeSet<Vec<String>> = BTreeSet::new();
    for (path, text) in texts {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{path}: {error}"));
        let module = module_of(path);
        let mut lines = text.lines().count();
        let items = without_tests(parsed.items, &mut |item| {
            let lines_of_it = item.span().end().line + 1 - item.span().start().line;
            lines = lines.saturating_sub(lines_of_it);
            if let Item::Mod(of_tests_here) = item {
                of_tests.insert([&module[..], &[of_tests_here.ident.to_string()]].concat());
            }
        });
        files.push(File { path: path.clone(), module, items, lines });
    }
    files.retain(|file| !of_tests.iter().any(|tests| file.module.starts_with(tests)));
    files
}

fn module_of(path: &str) -> Vec<String> {
    let mut names: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|name| name == "mod") || path == "lib.rs" || path == "main.rs" {
        names.pop();
    }
    names
}

/// Takes items under `cfg(test)` out, also those inside modules and implementations.
fn without_tests(items: Vec<Item>, dropped: &mut impl FnMut(&Item)) -> Vec<Item> {
    let mut kept = Vec::new();
    for mut item in items {
        if attributes(&item).iter().any(is_for_tests) {
            dropped(&item);
            continue;
        }
        if let Item::Mod(module) = &mut item
            && let Some((_, inside)) = &mut module.content
        {
            *inside = without_tests(std::mem::take(inside), dropped);
        }
        if let Item::Impl(block) = &mut item {
            block.items.retain(|part| {
                let attributes = match part {
                    syn::ImplItem::Fn(part) => &part.attrs,
                    syn::ImplItem::Const(part) => &part.attrs,
                    _ => return true,
                };
                !attributes.iter().any(is_for_tests)
            });
        }
        kept.push(item);
    }
    kept
}

/// `cfg(test)` and `cfg(all(test, …))`; what is there without tests too is not.
fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let words = list.tokens.to_string();
    list.path.is_ident("cfg") && (words == "test" || (words.starts_with("all") && words.contains("test")))
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
