//! What all builders are made of, and can be told in the same words.

use rt_callback::StreamSpec;

use crate::error::DeviceError;
use crate::seam::{Backend, BlockLength, InputRequest, OutputRequest};
use crate::supervised::{Supervised, SupervisedInput, Supervision};

/// Changes the defaults of a stream.
type Change<'a, C> = Box<dyn FnOnce(&mut C) + 'a>;

/// A backend, and which of its devices, by its id: the default one if `None`.
pub(super) struct Place {
    backend: Box<dyn Backend>,
    pub(super) device: Option<String>,
}

impl Place {
    pub(super) fn new(backend: Box<dyn Backend>) -> Self {
        Self {
            backend,
            device: None,
        }
    }
}

/// How devices are opened and looked after, and how the stream's defaults are changed then.
pub(super) struct Opening<'a, C> {
    pub(super) block: BlockLength,
    pub(super) supervision: Supervision,
    change: Option<Change<'a, C>>,
}

impl<C> Default for Opening<'_, C> {
    fn default() -> Self {
        Self {
            block: BlockLength::default(),
            supervision: Supervision::default(),
            change: None,
        }
    }
}

impl<'a, C: 'a> Opening<'a, C> {
    /// Changes the defaults in this way too.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut C) + 'a) {
        self.change = Some(match self.change.take() {
            Some(first) => Box::new(move |config| {
                first(config);
                change(config);
            }),
            None => Box::new(change),
        });
    }

    pub(super) fn output(&self, place: Place, spec: StreamSpec) -> Result<Supervised, DeviceError> {
        let mut request = OutputRequest::new(spec);
        request.device = place.device;
        request.block = self.block;
        Supervised::open_boxed(place.backend, request, self.supervision.clone())
    }

    pub(super) fn input(
        &self,
        place: Place,
        spec: StreamSpec,
    ) -> Result<SupervisedInput, DeviceError> {
        let mut request = InputRequest::new(spec);
        request.device = place.device;
        request.block = self.block;
        SupervisedInput::open_boxed(place.backend, request, self.supervision.clone())
    }

    pub(super) fn apply(self, config: &mut C) {
        if let Some(change) = self.change {
            change(config);
        }
    }
}

/// The methods that every builder has.
macro_rules! common {
    ($Builder:ident, $Config:ty) => {
        impl<'a> $Builder<'a> {
            /// How long a block of the device should be. Default: 20 ms.
            pub fn block(mut self, block: impl Into<$crate::BlockLength>) -> Self {
                self.opening.block = block.into();
                self
            }

            /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`](crate::Policy::Follow).
            pub fn policy(mut self, policy: $crate::Policy) -> Self {
                self.opening.supervision.policy = policy;
                self
            }

            /// All of how it is looked after, its policy included.
            pub fn supervision(mut self, supervision: $crate::Supervision) -> Self {
                self.opening.supervision = supervision;
                self
            }

            /// Changes what the stream is made of, once the device is open and known. Its defaults are those of the
            #[doc = concat!("[`", stringify!($Config), "`], with [`now_ns`](crate::now_ns) for a clock.")]
            pub fn config(mut self, change: impl FnOnce(&mut $Config) + 'a) -> Self {
                self.opening.change(change);
                self
            }
        }

        impl std::fmt::Debug for $Builder<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($Builder))
                    .field("block", &self.opening.block)
                    .field("supervision", &self.opening.supervision)
                    .finish_non_exhaustive()
            }
        }
    };
}

/// What builders of one device have besides.
macro_rules! one_device {
    ($Builder:ident) => {
        impl $Builder<'_> {
            fn new(backend: Box<dyn $crate::Backend>) -> Self {
                Self {
                    place: Place::new(backend),
                    opening: Opening::default(),
                }
            }

            /// Which device, by its [id](crate::DeviceInfo::id). Default: the default one.
            pub fn device(mut self, id: impl Into<String>) -> Self {
                self.place.device = Some(id.into());
                self
            }
        }
    };
}

pub(super) use {common, one_device};
