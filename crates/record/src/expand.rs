//! Code generation.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::{DeriveInput, Result};

use crate::attributes::{FieldSource, RecordField, RecordStruct};

/// Generates the implementations for a struct.
pub(crate) fn expand(input: &DeriveInput) -> Result<TokenStream> {
    let record = RecordStruct::parse(input)?;
    let read = record.expand_read();
    let select = record.expand_select();
    let write = record.table.as_deref().map(|table| {
        let insert = record.expand_insert(table);
        let update = record.expand_update(table);
        quote! { #insert #update }
    });
    Ok(quote! { #read #select #write })
}

impl RecordStruct {
    fn expand_read(&self) -> TokenStream {
        let sql = sql_module();
        let name = &self.name;
        let fields = self.fields.iter().map(|field| {
            let ident = &field.name;
            let kind = &field.kind;
            let column = field.column();
            match field.source {
                FieldSource::Unselected => quote! { #ident: ::core::default::Default::default() },
                FieldSource::Nested(_) => quote! { #ident: <#kind as #sql::Record>::from_row(row)? },
                _ => quote! { #ident: <#kind as #sql::RecordColumn>::from_column(row, #column)? },
            }
        });
        quote! {
            impl #sql::Record for #name {
                fn from_row(row: &#sql::SqlRow<'_>) -> #sql::Result<Self> {
                    ::core::result::Result::Ok(Self { #(#fields),* })
                }
            }
        }
    }

    /// Generates the selected columns. Those of nested records are only known to the compiler, so the lists are joined
    /// in constants.
    fn expand_select(&self) -> TokenStream {
        let sql = sql_module();
        let name = &self.name;
        let own_alias = self.alias.as_deref().unwrap_or_default();
        let lists = self.fields.iter().filter_map(|field| {
            let kind = &field.kind;
            let column = field.column();
            let (table, expression) = match &field.source {
                FieldSource::Column => (own_alias, ""),
                FieldSource::Expression(expression) => ("", &**expression),
                FieldSource::Unselected => return None,
                FieldSource::Nested(alias) => {
                    let list = quote! { <#kind as #sql::SelectRecord>::SELECTED };
                    // Without an alias of its own, a nested record is read from the same table.
                    let alias = alias.as_deref().or(self.alias.as_deref());
                    return Some(match alias {
                        Some(alias) => quote! {
                            &#sql::with_alias::<{ #list.len() }>(#list, #alias)
                        },
                        None => list,
                    });
                }
            };
            Some(quote! {
                &[#sql::SelectColumn {
                    table: #table,
                    expression: #expression,
                    name: #column,
                    is_bool: <#kind as #sql::RecordColumn>::IS_BOOL,
                }]
            })
        });
        quote! {
            impl #sql::SelectRecord for #name {
                const SELECTED: &'static [#sql::SelectColumn] = {
                    const LISTS: &[&[#sql::SelectColumn]] = &[#(#lists),*];
                    &#sql::join_columns::<{ #sql::count_columns(LISTS) }>(LISTS)
                };
                const COLUMNS: &'static str = {
                    const SELECTED: &[#sql::SelectColumn] = <#name as #sql::SelectRecord>::SELECTED;
                    const PARTS: &[&str] =
                        #sql::column_parts::<{ SELECTED.len() }>(SELECTED).as_flattened();
                    const TEXT: &[u8] = &#sql::join_text::<{ #sql::text_length(PARTS) }>(PARTS);
                    #sql::joined_text(TEXT)
                };
            }
        }
    }

    fn expand_insert(&self, table: &str) -> TokenStream {
        let sql = sql_module();
        let name = &self.name;
        let inserted: Vec<&RecordField> = self.fields.iter().filter(|field| field.is_inserted).collect();
        let columns: Vec<String> = inserted.iter().map(|field| field.column()).collect();
        let text = format!("INSERT INTO {table} ({}) ", columns.join(", "));
        let fields = inserted.iter().map(|field| &field.name);
        quote! {
            impl #sql::InsertRecord for #name {
                const INSERT: &'static str = #text;

                fn bind_insert(self, row: &mut #sql::SeparatedValues<'_>) {
                    #(row.push_bind(self.#fields);)*
                }
            }
        }
    }

    fn expand_update(&self, table: &str) -> Option<TokenStream> {
        let sql = sql_module();
        let name = &self.name;
        let key = self.key().filter(|_| self.has_update())?;
        let mut before = format!("UPDATE {table} SET ");
        let mut set = Vec::new();
        for field in self.fields.iter().filter(|field| field.is_updated) {
            let ident = &field.name;
            let text = format!("{before}{} = ", field.column());
            set.push(quote! { update.push(#text).push_bind(self.#ident); });
            // Only the first assignment follows the keyword SET directly.
            ", ".clone_into(&mut before);
        }
        let key_name = &key.name;
        let found_by = format!(" WHERE {} = ", key.column());
        Some(quote! {
            impl #sql::UpdateRecord for #name {
                fn update(self) -> #sql::QueryBuilder {
                    let mut update = #sql::QueryBuilder::default();
                    #(#set)*
                    update.push(#found_by).push_bind(self.#key_name);
                    update
                }
            }
        })
    }
}

impl RecordField {
    /// Returns the column's name: the field's, without the `r#` of a raw identifier.
    fn column(&self) -> String {
        self.name.unraw().to_string()
    }
}

/// Returns the path of the module that contains the traits in the deriving crate.
fn sql_module() -> TokenStream {
    // `crate` resolves in the deriving crate; each re-exports the module there, so the macro needs no dependency on it.
    let root = quote! { crate };
    quote! { #root::sql }
}
