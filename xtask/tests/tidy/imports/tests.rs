use super::*;

/// Returns the imports of a crate as `from > to`, without folder and file extension.
fn imports(files: &[(&str, &str)]) -> Vec<String> {
    let paths: Vec<String> = files.iter().map(|(path, _)| format!("src/{path}.rs")).collect();
    let files = paths.iter().map(String::as_str).zip(files.iter().map(|(_, text)| *text)).collect();
    let imports = Crate::read("src/lib.rs", &files).unwrap().imports();
    let short = |file: &str| file.trim_start_matches("src/").trim_end_matches(".rs").to_owned();
    imports.iter().map(|import| format!("{} > {}", short(import.from), short(import.to))).collect()
}

#[test]
fn use_items_import() {
    let root = ("lib", "mod a; mod b; mod c;");
    let of = |text: &str| imports(&[root, ("a", text), ("b", "pub struct B;"), ("c", "pub struct C;")]);
    assert_eq!(of("use crate::b::B;"), ["a > b"]);
    assert_eq!(of("use crate::{b::{self, B as D}, c::*};"), ["a > b", "a > c"]);
    assert_eq!(of("use super::b::B; fn f() { use super::c::C; }"), ["a > b", "a > c"]);
    assert_eq!(of("use std::b::B; use ::b::B; use other::{b, c};"), [""; 0]);
    assert_eq!(of("mod inner { use super::super::b::B; use super::A; } struct A;"), ["a > b"]);
    assert_eq!(of("pub(in crate::b) struct A; pub(super) struct D;"), [""; 0]);
}

#[test]
fn paths_in_code_import() {
    let root = ("lib", "mod a; mod b; mod c;");
    let of = |text: &str| imports(&[root, ("a", text), ("b", "pub struct B;"), ("c", "pub struct C;")]);
    assert_eq!(of("fn f() -> crate::b::B { super::c::C::new() }"), ["a > b", "a > c"]);
    assert_eq!(of("fn f() { assert!(vec![1, crate::b::f::<u8>()] == x::<super::c::C>()) }"), ["a > b", "a > c"]);
    assert_eq!(of("// crate::b::B\nconst A: &str = \"crate::c::C\";"), [""; 0]);
}

#[test]
fn reexports_are_followed_to_what_they_name() {
    let files = [
        ("lib", "mod a; mod b; pub use b::Deep;"),
        ("a", "use crate::b::{Deep, Own, any}; use crate::b; fn f() { b::Other::new() }"),
        ("b/mod", "mod deep; mod glob; pub use self::deep::{Deep, D as Other}; pub use glob::*; pub struct Own;"),
        ("b/deep", "pub struct Deep; pub struct D; use super::Own; use crate::Deep as Same;"),
        ("b/glob", "pub fn any() { use super::Other; }"),
    ];
    let expected = [
        "a > b/deep",
        "a > b/glob",
        "a > b/mod",
        "b/deep > b/mod",
        "b/glob > b/deep",
        "b/mod > b/deep",
        "b/mod > b/glob",
        "lib > b/deep",
    ];
    assert_eq!(imports(&files), expected);
}

#[test]
fn a_private_import_is_no_reexport() {
    let files = [
        ("lib", "mod a; mod b;"),
        ("a/mod", "mod inner; use crate::b::B;"),
        ("a/inner", "use super::B;"),
        ("b", "pub struct B;"),
    ];
    assert_eq!(imports(&files), ["a/inner > a/mod", "a/mod > b"]);
}

#[test]
fn test_code_is_left_out() {
    let test = "#[cfg(test)] use crate::b::B; #[cfg(all(test, unix))] mod c; \
                #[cfg(test)] mod tests { use crate::b::B; } impl A { #[cfg(test)] fn f() { crate::b::f() } }";
    let files = |a| imports(&[("lib", "mod a; mod b;"), ("a", a), ("a/c", "use crate::b::B;"), ("b", "")]);
    assert_eq!(files(test), [""; 0]);
    assert_eq!(files("#[cfg(not(test))] use crate::b::B;"), ["a > b"]);
    assert_eq!(files("mod c;"), ["a/c > b"]);
}
