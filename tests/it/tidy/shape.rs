//! Sizes and signatures: long files and functions, bare bools, doors that work, circles of files.

use std::collections::{BTreeMap, BTreeSet};

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Item, Visibility};

use super::names::Names;
use super::table::{BOOLS, CIRCLES, LONG_FILES, LONG_FUNCTIONS, WORKING_DOORS};
use super::tree::File;

/// Lines of a file before its tests.
pub(super) const LONGEST_FILE: usize = 400;

/// Lines of a function, signature and braces included.
pub(super) const LONGEST_FUNCTION: usize = 60;

/// What each rule finds in a tree; the lists of exceptions are not looked at.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) long_files: BTreeSet<String>,
    pub(super) long_functions: BTreeSet<String>,
    pub(super) bools: BTreeSet<String>,
    pub(super) working_doors: BTreeSet<String>,
    pub(super) circles: BTreeSet<Vec<String>>,
    pub(super) bare_pub: usize,
}

impl Shape {
    pub(super) fn of(files: &[File]) -> Self {
        let mut shape = Self { circles: circles(files), ..Self::default() };
        for file in files {
            if file.lines > LONGEST_FILE {
                shape.long_files.insert(file.path.clone());
            }
            if file.path.ends_with("mod.rs") && !file.items.iter().all(declares) {
                shape.working_doors.insert(file.path.clone());
            }
            let mut functions = Functions { file, shape: &mut shape };
            file.items.iter().for_each(|item| functions.visit_item(item));
        }
        shape
    }

    /// What no list of exceptions names, and exceptions that nothing needs.
    pub(super) fn complaints(&self) -> Vec<String> {
        let circles: BTreeSet<String> = self.circles.iter().map(|files| files.join(", ")).collect();
        [
            against(&self.long_files, LONG_FILES, "is a file of more than 400 lines"),
            against(&self.long_functions, LONG_FUNCTIONS, "is a function of more than 60 lines"),
            against(&self.bools, BOOLS, "takes a bare bool"),
            against(&self.working_doors, WORKING_DOORS, "is a mod.rs that does more than declare"),
            against(&circles, CIRCLES, "import each other in a circle"),
        ]
        .concat()
    }
}

fn against(found: &BTreeSet<String>, known: &[(&str, &str)], what: &str) -> Vec<String> {
    let new = found.iter().filter(|found| !known.iter().any(|(name, _)| name == found));
    let needless = known.iter().filter(|(name, _)| !found.contains(*name));
    let needless = needless.map(|(name, _)| format!("nothing needs the exception that {name} {what}"));
    new.map(|found| format!("{found} {what}")).chain(needless).collect()
}

/// Whether an item only says what is there.
fn declares(item: &Item) -> bool {
    match item {
        Item::Mod(item) => item.content.is_none(),
        Item::Use(_) | Item::ExternCrate(_) => true,
        _ => false,
    }
}

/// Groups of files that reach each other through what they import, within one room.
fn circles(files: &[File]) -> BTreeSet<Vec<String>> {
    let names = Names::of(files);
    let at: BTreeMap<&[String], &File> = files
        .iter()
        .filter(|file| !matches!(file.path.as_str(), "lib.rs" | "main.rs"))
        .map(|file| (file.module.as_slice(), file))
        .collect();
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for file in at.values() {
        for each in names.in_file(file).iter().filter(|each| !each.passed_on) {
            let other = names
                .module_of(each.target())
                .and_then(|module| (0..=module.len()).rev().find_map(|end| at.get(&module[..end])));
            if let Some(other) = other
                && other.path != file.path
                && other.room() == file.room()
            {
                edges.entry(&file.path).or_default().insert(&other.path);
            }
        }
    }
    let reach: BTreeMap<&str, BTreeSet<&str>> = edges.keys().map(|file| (*file, reached(file, &edges))).collect();
    let mut circles = BTreeSet::new();
    for (file, to) in &reach {
        if to.contains(file) {
            let together = to.iter().filter(|other| reach.get(*other).is_some_and(|back| back.contains(file)));
            circles.insert(together.map(|&file| file.to_owned()).collect());
        }
    }
    circles
}

fn reached<'f>(from: &str, edges: &BTreeMap<&'f str, BTreeSet<&'f str>>) -> BTreeSet<&'f str> {
    let mut seen = BTreeSet::new();
    let mut left: Vec<&str> = edges.get(from).into_iter().flatten().copied().collect();
    while let Some(file) = left.pop() {
        if seen.insert(file) {
            left.extend(edges.get(file).into_iter().flatten());
        }
    }
    seen
}

struct Functions<'f> {
    file: &'f File,
    shape: &'f mut Shape,
}

impl Functions<'_> {
    fn function(&mut self, signature: &syn::Signature, block: Option<&syn::Block>) {
        let name = format!("{}: {}", self.file.path, signature.ident);
        let first = signature.span().start().line;
        if block.is_some_and(|block| block.span().end().line + 1 - first > LONGEST_FUNCTION) {
            self.shape.long_functions.insert(name.clone());
        }
        if signature.inputs.iter().any(is_bool) {
            self.shape.bools.insert(name);
        }
    }
}

fn is_bool(argument: &syn::FnArg) -> bool {
    let syn::FnArg::Typed(argument) = argument else { return false };
    let mut of = &*argument.ty;
    while let syn::Type::Reference(inner) = of {
        of = &inner.elem;
    }
    matches!(of, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "bool"))
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, Some(&item.block));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, Some(&item.block));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.sig, item.default.as_ref());
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_visibility(&mut self, visibility: &'ast Visibility) {
        self.shape.bare_pub += usize::from(matches!(visibility, Visibility::Public(_)));
    }
}
