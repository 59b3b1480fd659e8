//! What plans depend on besides their source: decided with the stream, and again with each device.

use alloc::sync::Arc;

use channel_mix::MixOptions;

use crate::config::Config;
use crate::plan::resample::{Resample, ResampleTables};
use crate::spec::StreamSpec;

/// How any source is brought to the device.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) device: StreamSpec,
    pub(crate) resample: Resample,
    pub(crate) tables: ResampleTables,
    pub(crate) mix: MixOptions,
    /// A resampler that can be trimmed runs, whatever the rates.
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

/// The recipe of the present device, for all who build plans. They hold it while they build *and*
/// publish, so that no plan for a device that is gone can come behind those of the next. The audio
/// thread does not build plans.
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

/// Without `std` there is no lock, and a stream keeps its device.
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
