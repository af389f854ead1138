//! Imports between the files of a crate, through `use` items and through paths in code.
//!
//! A path counts as an import of the file that defines the named item, so re-exports are followed. `mod` declarations
//! are not imports, and test code is ignored, since tests may import anything.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, Item, ItemMod, ItemUse, Macro, Meta, Path, Token, UseTree, Visibility};

/// The segments of a path; for a module, its path from the crate root.
type Names = Vec<String>;

/// Maximum length of a chain of re-exports; longer ones must be cyclic.
const MAX_REEXPORTS: usize = 16;

/// An import by one file of an item defined in another.
#[derive(Debug)]
pub(crate) struct Import<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    /// The path as written.
    pub(crate) path: String,
}

/// The modules of a crate.
#[derive(Default)]
pub(crate) struct Crate<'a> {
    modules: BTreeMap<Names, Module<'a>>,
}

#[derive(Default)]
struct Module<'a> {
    file: &'a str,
    /// Names of the items it defines.
    items: BTreeSet<String>,
    /// Names brought into scope by `use`, with their paths.
    imports: BTreeMap<String, Names>,
    /// The subset of those imports that other modules can use.
    reexports: BTreeSet<String>,
    /// Paths of glob re-exports.
    globs: Vec<Names>,
    /// All paths in its code, including `use` items.
    paths: BTreeSet<Names>,
}

impl<'a> Crate<'a> {
    /// Parses a crate, starting at its root file; `files` maps paths to texts.
    pub(crate) fn read(root: &str, files: &BTreeMap<&'a str, &'a str>) -> Result<Self, String> {
        let mut modules = BTreeMap::new();
        let folder = |file: &str| file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let mut ahead = vec![(Names::new(), root.to_owned(), folder(root))];
        while let Some((at, file, folder)) = ahead.pop() {
            // Modules for other platforms may have no file.
            let Some((&file, text)) = files.get_key_value(file.as_str()) else { continue };
            let mut reader = Reader { file, at, folder, modules: &mut modules, children: Vec::new() };
            reader.enter();
            let parsed = syn::parse_file(text).map_err(|error| format!("{file}: not read as Rust: {error}"))?;
            reader.visit_file(&parsed);
            for (at, folder) in reader.children {
                let inside = format!("{folder}/{}", at.last().unwrap());
                let flat = format!("{inside}.rs");
                let file = if files.contains_key(flat.as_str()) { flat } else { format!("{inside}/mod.rs") };
                ahead.push((at, file, inside));
            }
        }
        Ok(Self { modules })
    }

    /// Returns all distinct imports between files.
    pub(crate) fn imports(&self) -> Vec<Import<'a>> {
        let mut imports: BTreeMap<(&str, &str), String> = BTreeMap::new();
        for (at, module) in &self.modules {
            for path in &module.paths {
                let target = self.absolute(at, path, MAX_REEXPORTS).map(|target| self.file_of(&target, MAX_REEXPORTS));
                if let Some(to) = target.filter(|to| *to != module.file) {
                    imports.entry((module.file, to)).or_insert_with(|| path.join("::"));
                }
            }
        }
        imports.into_iter().map(|((from, to), path)| Import { from, to, path }).collect()
    }

    /// Returns the top-level module of each file; `None` for the root.
    pub(crate) fn top_level(&self) -> BTreeMap<&'a str, &str> {
        let root = self.modules.values().next().map(|root| root.file);
        let below = self.modules.iter().filter(|(_, module)| Some(module.file) != root);
        below.filter_map(|(at, module)| Some((module.file, at.first()?.as_str()))).collect()
    }

    /// Resolves a path to one from the crate root; `None` if it refers to another crate.
    fn absolute(&self, at: &[String], path: &[String], depth: usize) -> Option<Names> {
        let (first, rest) = path.split_first()?;
        let join = |base: &[String], rest: &[String]| [base, rest].concat();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" if rest.first().is_some_and(|next| next == "super") => self.absolute(at, rest, depth),
            "self" => Some(join(at, rest)),
            "super" => {
                let above = at.split_last().map_or(at, |(_, above)| above);
                let goes_on = rest.first().is_some_and(|next| next == "super");
                if goes_on { self.absolute(above, rest, depth) } else { Some(join(above, rest)) }
            }
            _ if self.modules.contains_key(&join(at, std::slice::from_ref(first))) => Some(join(at, path)),
            _ => {
                let import = self.modules.get(at)?.imports.get(first)?;
                let target = self.absolute(at, import, depth.checked_sub(1)?)?;
                Some(join(&target, rest))
            }
        }
    }

    /// Returns the file that defines the item at a path, or that of the last known module on the way.
    fn file_of(&self, path: &[String], depth: usize) -> &'a str {
        let inner = (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length])).unwrap_or(0);
        let (at, rest) = path.split_at(inner);
        let module = &self.modules[at];
        let target = rest.first().and_then(|name| self.reexported(at, name, depth));
        match (target, depth.checked_sub(1)) {
            (Some(target), Some(depth)) => self.file_of(&[target.as_slice(), &rest[1..]].concat(), depth),
            _ => module.file,
        }
    }

    /// Resolves a name that a module re-exports from elsewhere in the crate.
    fn reexported(&self, at: &[String], name: &str, depth: usize) -> Option<Names> {
        let module = self.modules.get(at)?;
        if module.items.contains(name) {
            return None;
        }
        let depth = depth.checked_sub(1)?;
        if module.reexports.contains(name) {
            return self.absolute(at, &module.imports[name], depth);
        }
        let from = module.globs.iter().filter_map(|glob| self.absolute(at, glob, depth));
        let mut from = from.filter(|glob| self.has(glob, name, depth));
        from.next().map(|glob| [glob, vec![name.to_owned()]].concat())
    }

    fn has(&self, at: &[String], name: &str, depth: usize) -> bool {
        let Some(module) = self.modules.get(at) else { return false };
        module.items.contains(name) || self.reexported(at, name, depth).is_some()
    }
}

/// Visitor for one file and its inline modules.
struct Reader<'c, 'a> {
    file: &'a str,
    at: Names,
    /// Folder with the files of modules declared here.
    folder: String,
    modules: &'c mut BTreeMap<Names, Module<'a>>,
    /// Modules in files of their own, with their folders.
    children: Vec<(Names, String)>,
}

impl<'a> Reader<'_, 'a> {
    fn enter(&mut self) {
        self.modules.insert(self.at.clone(), Module { file: self.file, ..Module::default() });
    }

    fn module(&mut self) -> &mut Module<'a> {
        self.modules.get_mut(&self.at).unwrap()
    }

    fn import(&mut self, before: &[String], tree: &UseTree, is_public: bool) {
        let mut path = before.to_vec();
        let alias = match tree {
            UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                return self.import(&path, &inner.tree, is_public);
            }
            UseTree::Group(group) => return group.items.iter().for_each(|tree| self.import(before, tree, is_public)),
            UseTree::Glob(_) => {
                self.module().paths.insert(path.clone());
                self.module().globs.extend(is_public.then_some(path));
                return;
            }
            // `a::{self}` imports `a`.
            UseTree::Name(inner) if inner.ident == "self" => path.last().cloned().unwrap_or_default(),
            UseTree::Name(inner) => {
                path.push(inner.ident.to_string());
                inner.ident.to_string()
            }
            UseTree::Rename(inner) => {
                path.extend((inner.ident != "self").then(|| inner.ident.to_string()));
                inner.rename.to_string()
            }
        };
        let module = self.module();
        module.paths.insert(path.clone());
        module.reexports.extend(is_public.then(|| alias.clone()));
        module.imports.insert(alias, path);
    }
}

impl<'ast> Visit<'ast> for Reader<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            self.module().items.extend(defined(item));
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        let name = module.ident.to_string();
        self.at.push(name.clone());
        if let Some((_, items)) = &module.content {
            let outside = self.folder.clone();
            self.folder = format!("{outside}/{name}");
            self.enter();
            for item in items {
                self.visit_item(item);
            }
            self.folder = outside;
        } else {
            self.children.push((self.at.clone(), self.folder.clone()));
        }
        self.at.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        // A leading `::` refers to another crate.
        if item.leading_colon.is_none() {
            self.import(&Names::new(), &item.tree, !matches!(item.vis, Visibility::Inherited));
        }
    }

    fn visit_path(&mut self, path: &'ast Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.module().paths.insert(names);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        // Quoted code becomes part of another crate.
        if !call.path.is_ident("quote") {
            paths_in(call.tokens.clone(), &mut self.module().paths);
        }
        visit::visit_macro(self, call);
    }

    /// The path in `pub(in path)` is not an import.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// Collects paths in a macro's arguments, whose syntax only the macro knows.
fn paths_in(tokens: TokenStream, paths: &mut BTreeSet<Names>) {
    let mut path = Names::new();
    let mut colons = 0;
    let mut end = |path: &mut Names| {
        let path = std::mem::take(path);
        if path.len() > 1 {
            paths.insert(path);
        }
    };
    let mut groups = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == ':' => {
                colons += 1;
                continue;
            }
            TokenTree::Ident(ident) => {
                if colons != 2 {
                    end(&mut path);
                }
                path.push(ident.to_string());
            }
            other => {
                end(&mut path);
                if let TokenTree::Group(group) = other {
                    groups.push(group.stream());
                }
            }
        }
        colons = 0;
    }
    end(&mut path);
    for group in groups {
        paths_in(group, paths);
    }
}

pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    let conditions = attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.flat_map(Attribute::parse_args::<Meta>).any(|condition| requires_test(&condition))
}

fn requires_test(condition: &Meta) -> bool {
    match condition {
        Meta::Path(path) => path.is_ident("test"),
        Meta::List(list) if list.path.is_ident("all") => list
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|conditions| conditions.iter().any(requires_test)),
        _ => false,
    }
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

fn defined(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

#[cfg(test)]
mod tests;
