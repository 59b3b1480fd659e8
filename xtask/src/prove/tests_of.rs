//! The tests in the crates' sources, and what is said of them.

use std::collections::BTreeSet;
use std::mem::take;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::LitStr;

use crate::command::root;
use crate::files::{read, shown, sources};

/// A test, and its doc comment in one line.
pub(super) struct Test {
    pub(super) file: String,
    pub(super) name: String,
    pub(super) is_ignored: bool,
    words: String,
}

/// The tests of all crates.
pub(super) fn all_tests() -> Result<Vec<Test>, String> {
    let mut files = Vec::new();
    for path in sources(&root().join("crates"))? {
        let tokens: TokenStream = read(&path)?
            .parse()
            .map_err(|error| format!("{}: {error}", shown(&path)))?;
        files.push((shown(&path), tokens));
    }
    let definitions = files.iter().flat_map(|(_, tokens)| makers(tokens));
    let makers: BTreeSet<_> = definitions.collect();
    let tests = files
        .iter()
        .flat_map(|(file, tokens)| tests_of(file, tokens, &makers));
    Ok(tests.collect())
}

impl Test {
    /// Whether its doc comment says this, and not only something that begins so.
    pub(super) fn cites(&self, report: &str) -> bool {
        self.words.match_indices(report).any(|(at, _)| {
            let next = self.words[at + report.len()..].chars().next();
            !next.is_some_and(char::is_alphanumeric)
        })
    }
}

/// The macros that make tests: their definitions contain `#[test]`.
fn makers(tokens: &TokenStream) -> Vec<String> {
    let tokens: Vec<_> = tokens.clone().into_iter().collect();
    let definitions = tokens.windows(4).filter_map(|window| match window {
        [
            TokenTree::Ident(rules),
            TokenTree::Punct(_),
            TokenTree::Ident(name),
            TokenTree::Group(definition),
        ] if rules == "macro_rules" && makes_tests(&definition.stream()) => Some(name.to_string()),
        _ => None,
    });
    definitions.collect()
}

fn makes_tests(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| {
        matches!(token, TokenTree::Group(group) if is_test(&group.stream()) || makes_tests(&group.stream()))
    })
}

fn is_test(attribute: &TokenStream) -> bool {
    attribute.to_string() == "test"
}

/// The tests in a file: what is marked as one, and what is handed to a maker. What is handed over by its name alone has
/// the doc comment of the function of that name.
fn tests_of(file: &str, tokens: &TokenStream, makers: &BTreeSet<String>) -> Vec<Test> {
    let mut found = Found {
        makers,
        tests: Vec::new(),
        others: Vec::new(),
    };
    found.read(tokens, false);
    let Found { tests, others, .. } = found;
    let tests = tests.into_iter().map(|(name, mut said)| {
        for (_, more) in others.iter().filter(|(other, _)| *other == name) {
            said.words += &more.words;
        }
        Test {
            file: file.to_owned(),
            name,
            is_ignored: said.is_ignored,
            words: said.words.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    });
    tests.collect()
}

/// What the attributes before a name say.
#[derive(Default)]
struct Said {
    words: String,
    is_test: bool,
    is_ignored: bool,
}

/// Names, and what is said of them.
struct Found<'a> {
    makers: &'a BTreeSet<String>,
    tests: Vec<(String, Said)>,
    /// Functions that are not marked as tests.
    others: Vec<(String, Said)>,
}

impl Found<'_> {
    fn read(&mut self, tokens: &TokenStream, are_made: bool) {
        let tokens: Vec<_> = tokens.clone().into_iter().collect();
        let mut said = Said::default();
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| tokens.get(at));
            match token {
                TokenTree::Group(group)
                    if group.delimiter() == Delimiter::Bracket && is_punct(before, '#') =>
                {
                    let attribute = group.stream();
                    said.is_test |= is_test(&attribute);
                    said.is_ignored |=
                        is_word(attribute.clone().into_iter().next().as_ref(), "ignore");
                    said.words.extend(doc(&attribute));
                }
                TokenTree::Group(group) => {
                    let is_call = is_punct(before, '!');
                    let macro_name = at.checked_sub(2).and_then(|at| tokens.get(at));
                    let is_maker = macro_name
                        .is_some_and(|name| self.makers.contains(name.to_string().as_str()));
                    self.read(&group.stream(), is_call && is_maker);
                    said = Said::default();
                }
                TokenTree::Ident(name) if is_word(before, "fn") => {
                    let said = take(&mut said);
                    let found = if said.is_test {
                        &mut self.tests
                    } else {
                        &mut self.others
                    };
                    found.push((name.to_string(), said));
                }
                TokenTree::Ident(name) if are_made && name != "fn" => {
                    self.tests.push((name.to_string(), take(&mut said)));
                }
                TokenTree::Punct(mark) if mark.as_char() != '#' => said = Said::default(),
                _ => (),
            }
        }
    }
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

fn is_word(token: Option<&TokenTree>, word: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if ident == word)
}

/// What a line of a doc comment says, with a space behind it.
fn doc(attribute: &TokenStream) -> Option<String> {
    let mut tokens = attribute.clone().into_iter();
    let is_doc = tokens.next().is_some_and(|name| name.to_string() == "doc");
    let text: LitStr = syn::parse2(tokens.skip(1).collect()).ok()?;
    is_doc.then(|| text.value() + " ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn citing(text: &str, report: &str) -> Vec<String> {
        let tokens: TokenStream = text.parse().unwrap();
        let makers = makers(&tokens).into_iter().collect();
        let tests = tests_of("a.rs", &tokens, &makers);
        let citing = tests.into_iter().filter(|test| test.cites(report));
        citing.map(|test| test.name).collect()
    }

    #[test]
    fn a_citation_counts_in_the_doc_comment_of_a_test_only() {
        let text = "
            //! a/b#1
            // a/b#1
            /// Nothing.
            #[test]
            fn undocumented() {}
            /// a/b#1
            fn helper() {}
            /// A line that is
            /// wrapped, a/b#1.
            #[test]
            #[ignore = \"a/b#1\"]
            fn wrapped() { helper(); }
            /// a/b#12, xa/b#13
            #[test]
            fn longer() {}
            proptest! {
                /// Within: a/b#1
                #[test]
                fn within(x in 0..9) {}
            }
        ";
        assert_eq!(citing(text, "a/b#1"), ["wrapped", "within"]);
    }

    #[test]
    fn what_macros_make_of_a_function_or_a_name_is_a_test() {
        let text = "
            macro_rules! both { ($($name:ident),*) => { $(#[test] fn $name() { super::$name(1); })* } }
            macro_rules! none { ($($name:ident),*) => { $(fn $name() {})* } }
            both!(one, two);
            none!(three);
            on_cards!(four);
            /// a/b#1
            fn one(of: u8) {}
            /// a/b#1
            fn three() {}
            both!(
                /// a/b#1
                five, \"six\", |seven| { eight(); }
            );
        ";
        assert_eq!(citing(text, "a/b#1"), ["one", "five"]);
    }
}
