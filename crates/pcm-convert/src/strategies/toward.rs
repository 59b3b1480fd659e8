//! Shrinking to well-known values.

use proptest::prelude::*;
use proptest::strategy::{NewTree, ValueTree};
use proptest::test_runner::TestRunner;
use std::sync::Arc;

/// What `inner` gives; but a failure shrinks to the first of `known` that fails too.
///
/// Without this a failure shrinks from wherever it was found to the edge of what fails, by halves: to 1.5258789e-5 and
/// a bit, say, and not to the tie that a reader recognizes.
#[derive(Clone, Debug)]
pub(super) struct Toward<S: Strategy> {
    inner: S,
    known: Arc<[S::Value]>,
}

impl<S: Strategy> Toward<S> {
    pub(super) fn new(inner: S, known: impl Into<Arc<[S::Value]>>) -> Self {
        Self {
            inner,
            known: known.into(),
        }
    }
}

impl<S: Strategy<Value: Clone>> Strategy for Toward<S> {
    type Tree = TowardTree<S::Tree>;
    type Value = S::Value;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(TowardTree {
            inner: self.inner.new_tree(runner)?,
            known: Arc::clone(&self.known),
            tried: 0,
            chosen: None,
        })
    }
}

/// A value that was drawn, and what it may become.
#[derive(Debug)]
pub(super) struct TowardTree<T: ValueTree> {
    inner: T,
    known: Arc<[T::Value]>,
    /// So many of the known ones have been tried.
    tried: usize,
    chosen: Option<T::Value>,
}

impl<T: ValueTree<Value: Clone>> TowardTree<T> {
    /// The next of the known values, if there is one.
    fn advance(&mut self) -> bool {
        self.chosen = self.known.get(self.tried).cloned();
        self.tried += usize::from(self.chosen.is_some());
        self.chosen.is_some()
    }
}

impl<T: ValueTree<Value: Clone>> ValueTree for TowardTree<T> {
    type Value = T::Value;

    fn current(&self) -> T::Value {
        self.chosen.clone().unwrap_or_else(|| self.inner.current())
    }

    fn simplify(&mut self) -> bool {
        // One that fails is as simple as it gets: those before it pass.
        self.chosen.is_none() && (self.advance() || self.inner.simplify())
    }

    fn complicate(&mut self) -> bool {
        if self.chosen.is_none() {
            return self.inner.complicate();
        }
        // The last one passes. After all of them it is what was drawn, which fails, again.
        self.advance();
        true
    }
}
