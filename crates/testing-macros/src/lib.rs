//! `#[both_databases]`: one HTTP test, run on SQLite and on PostgreSQL.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{Attribute, Error, ItemFn, parse_macro_input};

/// Turns `async fn name(shop: TestShop)` into the tests `name::sqlite` and `name::postgres`. Each hands the function to
/// the `harness::run` of the test's crate, which gives it a shop on a database of its own.
///
/// `#[ignore]` and `#[should_panic]` go over to both tests.
#[proc_macro_attribute]
pub fn both_databases(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = parse_macro_input!(item as ItemFn);
    expand(arguments.into(), function).unwrap_or_else(Error::into_compile_error).into()
}

fn expand(arguments: Tokens, mut function: ItemFn) -> Result<Tokens, Error> {
    if !arguments.is_empty() {
        return Err(Error::new_spanned(arguments, "#[both_databases] takes no arguments"));
    }
    if function.sig.asyncness.is_none() || function.sig.inputs.len() != 1 {
        return Err(Error::new_spanned(&function.sig, "#[both_databases] wants `async fn name(shop: TestShop)`"));
    }
    let (of_tests, of_function): (Vec<Attribute>, Vec<Attribute>) = function.attrs.into_iter().partition(is_of_tests);
    function.attrs = of_function;

    let name = &function.sig.ident;
    Ok(quote! {
        #function

        mod #name {
            #[test]
            #(#of_tests)*
            fn sqlite() {
                crate::harness::run(crate::harness::Engine::Sqlite, stringify!(#name), super::#name);
            }

            #[test]
            #(#of_tests)*
            fn postgres() {
                crate::harness::run(crate::harness::Engine::Postgres, stringify!(#name), super::#name);
            }
        }
    })
}

fn is_of_tests(attribute: &Attribute) -> bool {
    ["ignore", "should_panic", "cfg"].iter().any(|name| attribute.path().is_ident(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    #[test]
    fn one_function_becomes_two_tests() {
        let function = parse_quote! {
            #[ignore = "takes minutes"]
            async fn opens(shop: TestShop) {}
        };
        let tokens = expand(Tokens::new(), function).map(|tokens| tokens.to_string()).unwrap_or_default();
        assert!(tokens.starts_with("async fn opens (shop : TestShop) { }"), "{tokens}");
        for part in ["mod opens", "fn sqlite ()", "fn postgres ()", "Engine :: Sqlite", "Engine :: Postgres"] {
            assert_eq!(tokens.matches(part).count(), 1, "{part} in {tokens}");
        }
        assert_eq!(tokens.matches("ignore").count(), 2);
    }

    #[test]
    fn refuses_what_it_cannot_run() {
        for function in [
            parse_quote!(
                fn opens(shop: TestShop) {}
            ),
            parse_quote!(
                async fn opens() {}
            ),
        ] {
            assert!(expand(Tokens::new(), function).is_err());
        }
        assert!(
            expand(
                quote!(sqlite),
                parse_quote!(
                    async fn opens(shop: TestShop) {}
                )
            )
            .is_err()
        );
    }
}
