use syn::{DeriveInput, parse_quote};

use crate::expand::expand;

fn generated(input: &DeriveInput) -> String {
    expand(input).unwrap().to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(input: &DeriveInput) -> String {
    expand(input).unwrap_err().to_string()
}

#[test]
fn a_table_gives_an_insert_and_an_update_in_the_order_of_the_fields() {
    let code = generated(&parse_quote! {
        #[record(table = "things")]
        struct Thing {
            #[record(key)]
            id: i64,
            #[record(update)]
            name: String,
            #[record(no_select, update)]
            r#type: Option<i64>,
            #[record(no_insert)]
            made_at: i64,
        }
    });
    assert!(code.contains(r#""INSERT INTO things (id, name, type) ""#), "{code}");
    assert!(code.contains("push_bind (self . id) ; row . push_bind (self . name) ; row . push_bind (self . r#type)"));
    for part in [r#"push ("UPDATE things SET name = ")"#, r#"push (", type = ")"#, r#"push (" WHERE id = ")"#] {
        assert!(code.contains(part), "{part} is not in {code}");
    }
    assert!(code.contains("r#type : :: core :: default :: Default :: default ()"), "{code}");
}

#[test]
fn without_a_table_a_struct_is_only_read() {
    let code = generated(&parse_quote! {
        struct Row { #[record(nested, alias = "u")] user: User, #[record(select = "COUNT(*)")] count: i64 }
    });
    assert!(!code.contains("InsertRecord") && !code.contains("UpdateRecord"), "{code}");
    assert!(code.contains(r#"expression : "COUNT(*)" , name : "count""#), "{code}");
    assert!(code.contains(r#"(< User as crate :: sql :: SelectRecord > :: SELECTED , "u")"#), "{code}");
}

#[test]
fn without_changing_columns_there_is_no_update() {
    let code = generated(&parse_quote! { #[record(table = "things")] struct Thing { id: i64 } });
    assert!(code.contains("InsertRecord") && !code.contains("UpdateRecord"), "{code}");
}

#[test]
fn attributes_that_make_no_sense_are_refused() {
    let cases: [(DeriveInput, &str); 16] = [
        (parse_quote! { enum Row { A } }, "must be a struct"),
        (parse_quote! { struct Row(i64); }, "named fields"),
        (parse_quote! { struct Row<T> { a: T } }, "generic"),
        (parse_quote! { #[record(tabel = "a")] struct Row { a: i64 } }, "known are: table, alias"),
        (parse_quote! { struct Row { #[record(readonly)] a: i64 } }, "known are: key, update"),
        (parse_quote! { struct Row { #[record(no_select)] a: i64 } }, "need the struct's `table`"),
        (parse_quote! { struct Row { #[record(no_insert)] a: i64 } }, "need the struct's `table`"),
        (parse_quote! { #[record(table = "a")] struct Row {} }, "a field that is inserted"),
        (
            parse_quote! { #[record(table = "a")] struct Row { #[record(key, no_insert)] a: i64 } },
            "a field that is inserted",
        ),
        (parse_quote! { #[record(table = "a", table = "b")] struct Row { a: i64 } }, "`table` is given twice"),
        (
            parse_quote! { #[record(table = "a")] struct Row { #[record(no_insert)] #[record(no_insert)] a: i64 } },
            "`no_insert` is given twice",
        ),
        (parse_quote! { struct Row { #[record(select = "1", select = "2")] a: i64 } }, "`select` is given twice"),
        (parse_quote! { #[record(table = "a")] struct Row { #[record(update)] a: i64 } }, "needs a `key` field"),
        (parse_quote! { struct Row { #[record(nested, update)] a: Inner } }, "only read"),
        (parse_quote! { struct Row { #[record(select = "1", no_insert)] a: i64 } }, "only read"),
        (parse_quote! { struct Row { #[record(alias = "u")] a: i64 } }, "only a nested record"),
    ];
    for (input, expected) in cases {
        let error = refused(&input);
        assert!(error.contains(expected), "{error:?} does not say {expected:?}");
    }
}
