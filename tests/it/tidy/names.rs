//! What every name in the code means: paths made absolute through imports, renames, `super::` and what is re-exported.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, UseTree};

use super::tree::File;

/// An absolute path: `crate` first, or an outside crate.
pub(super) type Name = Vec<String>;

/// What each module binds and holds.
pub(super) struct Names {
    bound: BTreeMap<Vec<String>, Bindings>,
    modules: BTreeSet<Vec<String>>,
}

#[derive(Debug, Default)]
struct Bindings {
    /// Local name → path as it is written.
    names: BTreeMap<String, Vec<String>>,
    /// Modules of which everything is imported.
    globs: Vec<Vec<String>>,
    /// What is defined here.
    own: BTreeSet<String>,
}

/// A name in a file, as everything that it stands for on the way to its definition.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Use {
    pub(super) steps: Vec<Name>,
    pub(super) line: usize,
    /// In a `pub use`, which passes it on.
    pub(super) passed_on: bool,
    /// In an import of any kind.
    pub(super) from_import: bool,
}

impl Use {
    /// The path at its definition.
    pub(super) fn target(&self) -> &[String] {
        self.steps.last().map_or(&[], Vec::as_slice)
    }
}

impl Names {
    pub(super) fn of(files: &[File]) -> Self {
        let mut names = Self { bound: BTreeMap::new(), modules: BTreeSet::new() };
        for file in files {
            names.modules.insert(file.module.clone());
            let mut collector = Collector { names: &mut names, module: file.module.clone() };
            for item in &file.items {
                collector.visit_item(item);
            }
        }
        names
    }

    /// Every path in a file.
    pub(super) fn in_file(&self, file: &File) -> Vec<Use> {
        let mut reader = Reader { module: file.module.clone(), paths: Vec::new() };
        for item in &file.items {
            reader.visit_item(item);
        }
        let resolved = reader.paths.into_iter().map(|found| Use {
            steps: self.resolve(&found.module, &found.path),
            line: found.line,
            passed_on: found.place == Place::PublicImport,
            from_import: found.place != Place::Code,
        });
        resolved.collect()
    }

    /// The file's module that holds the item of an absolute path, and how many of its words are that module's.
    pub(super) fn module_of(&self, name: &[String]) -> Option<&Vec<String>> {
        let inside = name.strip_prefix(&["crate".to_owned()][..])?;
        (0..=inside.len()).rev().find_map(|end| self.modules.get(&inside[..end]))
    }

    fn resolve(&self, module: &[String], path: &[String]) -> Vec<Name> {
        let mut steps = Vec::new();
        let mut name = self.absolute(module, path, 0);
        // Circles of re-exports do not compile; the bound is for planted code.
        for _ in 0..16 {
            steps.push(name.clone());
            let Some(next) = self.passed_on(&name) else { break };
            name = next;
        }
        steps
    }

    /// What a path of `module` means: through `crate`, `self`, `super`, imports and what is defined beside it.
    fn absolute(&self, module: &[String], path: &[String], depth: usize) -> Name {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let here = |module: &[String], rest: &[String]| [&["crate".to_owned()][..], module, rest].concat();
        match first.as_str() {
            "crate" | "feedloom" => here(&[], rest),
            "self" => here(module, rest),
            "super" => {
                let above = &module[..module.len().saturating_sub(1)];
                match rest.first().map(String::as_str) {
                    Some("super") => self.absolute(above, rest, depth),
                    _ => here(above, rest),
                }
            }
            "" => rest.to_vec(),
            _ if depth > 8 => path.to_vec(),
            _ => {
                let bindings = self.bound.get(module);
                if let Some(target) = bindings.and_then(|bindings| bindings.names.get(first))
                    && target.as_slice() != std::slice::from_ref(first)
                {
                    return [self.absolute(module, target, depth + 1), rest.to_vec()].concat();
                }
                if bindings.is_some_and(|bindings| bindings.own.contains(first)) {
                    return here(module, path);
                }
                let glob = bindings.into_iter().flat_map(|bindings| &bindings.globs).find_map(|glob| {
                    let from = self.absolute(module, glob, depth + 1);
                    let inside = from.strip_prefix(&["crate".to_owned()][..])?;
                    let held = self.bound.get(inside)?;
                    let has = held.own.contains(first) || held.names.contains_key(first);
                    has.then(|| [from.clone(), path.to_vec()].concat())
                });
                glob.unwrap_or_else(|| path.to_vec())
            }
        }
    }

    /// Where a path leads through a module that binds its next word.
    fn passed_on(&self, name: &[String]) -> Option<Name> {
        let inside = name.strip_prefix(&["crate".to_owned()][..])?;
        (0..inside.len()).rev().find_map(|end| {
            let (module, rest) = inside.split_at(end);
            let bindings = self.bound.get(module)?;
            let (word, rest) = rest.split_first()?;
            if let Some(target) = bindings.names.get(word) {
                let next = [self.absolute(module, target, 0), rest.to_vec()].concat();
                return (next != name).then_some(next);
            }
            if bindings.own.contains(word) {
                return None;
            }
            bindings.globs.iter().find_map(|glob| {
                let from = self.absolute(module, glob, 0);
                let held = self.bound.get(from.strip_prefix(&["crate".to_owned()][..])?)?;
                let has = held.own.contains(word) || held.names.contains_key(word);
                has.then(|| [&from[..], std::slice::from_ref(word), rest].concat())
            })
        })
    }
}

/// Collects what modules bind: imports, renames, aliases, modules and items.
struct Collector<'n> {
    names: &'n mut Names,
    module: Vec<String>,
}

impl Collector<'_> {
    fn here(&mut self) -> &mut Bindings {
        self.names.bound.entry(self.module.clone()).or_default()
    }

    fn import(&mut self, tree: &UseTree, before: &[String]) {
        match tree {
            UseTree::Path(path) => {
                let before = [before, &[path.ident.to_string()]].concat();
                self.import(&path.tree, &before);
            }
            UseTree::Name(name) => {
                let (last, path) = match name.ident.to_string().as_str() {
                    "self" => (before.last().cloned().unwrap_or_default(), before.to_vec()),
                    word => (word.to_owned(), [before, &[word.to_owned()]].concat()),
                };
                self.here().names.insert(last, path);
            }
            UseTree::Rename(name) => {
                let word = name.ident.to_string();
                let path = if word == "self" { before.to_vec() } else { [before, &[word]].concat() };
                self.here().names.insert(name.rename.to_string(), path);
            }
            UseTree::Glob(_) => self.here().globs.push(before.to_vec()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before)),
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Use(item) => {
                let before = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
                self.import(&item.tree, &before);
            }
            Item::ExternCrate(item) => {
                let name = item.ident.to_string();
                let local = item.rename.as_ref().map_or_else(|| name.clone(), |(_, rename)| rename.to_string());
                self.here().names.insert(local, vec![String::new(), name]);
            }
            Item::Type(item) => {
                let name = item.ident.to_string();
                match &*item.ty {
                    syn::Type::Path(path) if path.qself.is_none() && item.generics.params.is_empty() => {
                        let target = words(&path.path);
                        self.here().names.insert(name, target);
                    }
                    _ => _ = self.here().own.insert(name),
                }
            }
            Item::Mod(item) => {
                let name = item.ident.to_string();
                self.here().own.insert(name.clone());
                self.module.push(name);
                self.names.modules.insert(self.module.clone());
                self.here();
                visit::visit_item_mod(self, item);
                self.module.pop();
                return;
            }
            Item::Const(item) => _ = self.here().own.insert(item.ident.to_string()),
            Item::Enum(item) => _ = self.here().own.insert(item.ident.to_string()),
            Item::Fn(item) => _ = self.here().own.insert(item.sig.ident.to_string()),
            Item::Static(item) => _ = self.here().own.insert(item.ident.to_string()),
            Item::Struct(item) => _ = self.here().own.insert(item.ident.to_string()),
            Item::Trait(item) => _ = self.here().own.insert(item.ident.to_string()),
            _ => {}
        }
        visit::visit_item(self, item);
    }
}

/// Reads every path: of imports, types, expressions, patterns, attributes and macros.
struct Reader {
    module: Vec<String>,
    paths: Vec<Found>,
}

/// A path as it is written.
struct Found {
    module: Vec<String>,
    path: Vec<String>,
    line: usize,
    place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Code,
    Import,
    PublicImport,
}

impl Reader {
    fn add(&mut self, path: Vec<String>, line: usize, place: Place) {
        self.paths.push(Found { module: self.module.clone(), path, line, place });
    }

    fn import(&mut self, tree: &UseTree, before: &[String], place: Place) {
        match tree {
            UseTree::Path(path) => {
                self.import(&path.tree, &[before, &[path.ident.to_string()]].concat(), place);
            }
            UseTree::Name(name) if name.ident == "self" => {
                self.add(before.to_vec(), name.ident.span().start().line, place);
            }
            UseTree::Name(name) => {
                self.add([before, &[name.ident.to_string()]].concat(), name.ident.span().start().line, place);
            }
            UseTree::Rename(name) => {
                let word = name.ident.to_string();
                let path = if word == "self" { before.to_vec() } else { [before, &[word]].concat() };
                self.add(path, name.ident.span().start().line, place);
            }
            UseTree::Glob(glob) => self.add(before.to_vec(), glob.star_token.spans[0].start().line, place),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before, place)),
        }
    }

    /// Runs of `word::word` in the tokens of a macro.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut colons, mut line) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || colons == 2 => {
                    line = word.span().start().line;
                    path.push(word.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Ident(word) => {
                    self.add(std::mem::take(&mut path), line, Place::Code);
                    line = word.span().start().line;
                    path.push(word.to_string());
                    colons = 0;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => {}
            }
            if !path.is_empty() {
                self.add(std::mem::take(&mut path), line, Place::Code);
            }
            colons = 0;
        }
        if !path.is_empty() {
            self.add(path, line, Place::Code);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let before = if item.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
        let place = match item.vis {
            syn::Visibility::Inherited => Place::Import,
            _ => Place::PublicImport,
        };
        self.import(&item.tree, &before, place);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        self.add(vec![String::new(), item.ident.to_string()], item.ident.span().start().line, Place::Import);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let line = path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        self.add(words(path), line, Place::Code);
        visit::visit_path(self, path);
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        self.of_type(path.qself.as_ref(), &path.path);
        visit::visit_expr_path(self, path);
    }

    fn visit_type_path(&mut self, path: &'ast syn::TypePath) {
        self.of_type(path.qself.as_ref(), &path.path);
        visit::visit_type_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }
}

impl Reader {
    /// `<Timestamp>::now` is `Timestamp::now`.
    fn of_type(&mut self, of: Option<&syn::QSelf>, path: &syn::Path) {
        if let Some(of) = of
            && let syn::Type::Path(of) = &*of.ty
        {
            let line = of.path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
            let last = path.segments.last().map(|segment| segment.ident.to_string());
            self.add(words(&of.path).into_iter().chain(last).collect(), line, Place::Code);
        }
    }
}

fn words(path: &syn::Path) -> Vec<String> {
    let leading = path.leading_colon.map(|_| String::new());
    leading.into_iter().chain(path.segments.iter().map(|segment| segment.ident.to_string())).collect()
}
