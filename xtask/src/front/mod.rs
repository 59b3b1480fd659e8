//! What a newcomer meets first: READMEs, examples and pages.

mod examples;
pub(crate) mod pages;
mod readmes;

/// The examples run to their ends; the READMEs say nothing that only rustdoc understands, and the first program of each
/// compiles in a project of its own.
pub(crate) fn check(features: &str) -> Result<(), String> {
    readmes::check()?;
    examples::check(features)
}
