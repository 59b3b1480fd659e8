//! Recipes: what plans depend on besides their source. A stream has one, which changes with the device.

use alloc::sync::Arc;

use channel_mix::MixOptions;

use crate::config::Config;
use crate::plan::resample::{Resample, ResampleTables};
use crate::spec::StreamSpec;

/// How the frames of any source are converted for the device.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) device: StreamSpec,
    pub(crate) resample: Resample,
    pub(crate) tables: ResampleTables,
    pub(crate) mix: MixOptions,
    /// Whether plans have a resampler that can be trimmed, even for equal rates.
    pub(crate) adjustable: bool,
}

impl From<&Config> for Recipe {
    fn from(config: &Config) -> Self {
        Self {
            device: config.device,
            resample: config.resample,
            tables: config.tables.clone(),
            mix: config.mix,
            adjustable: false,
        }
    }
}

/// The recipe of the present device, behind a lock.
///
/// A thread that builds a plan holds the lock while it builds *and* publishes it. So no plan for an earlier device can
/// come behind a plan for the next one. The audio thread builds no plans.
#[cfg(feature = "std")]
#[derive(Debug, Clone)]
pub(crate) struct PresentRecipe(Arc<std::sync::Mutex<Recipe>>);

#[cfg(feature = "std")]
impl PresentRecipe {
    pub(crate) fn new(recipe: Recipe) -> Self {
        Self(Arc::new(std::sync::Mutex::new(recipe)))
    }

    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&mut Recipe) -> T) -> T {
        let mut recipe = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        use_it(&mut recipe)
    }
}

/// The recipe of the device. Without `std` there is no lock, and the device never changes.
#[cfg(not(feature = "std"))]
#[derive(Debug, Clone)]
pub(crate) struct PresentRecipe(Arc<Recipe>);

#[cfg(not(feature = "std"))]
impl PresentRecipe {
    pub(crate) fn new(recipe: Recipe) -> Self {
        Self(Arc::new(recipe))
    }

    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&Recipe) -> T) -> T {
        use_it(&self.0)
    }
}
