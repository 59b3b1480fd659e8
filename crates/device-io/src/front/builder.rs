//! What all builders can be told in the same words.

/// Changes the defaults of a stream.
pub(super) type Change<'a, C> = Box<dyn FnOnce(&mut C) + 'a>;

/// The methods that every builder has.
macro_rules! common {
    ($Builder:ident, $Config:ty) => {
        impl<'a> $Builder<'a> {
            /// How long a block of the device should be. Default: 20 ms.
            pub fn block(mut self, block: impl Into<$crate::BlockLength>) -> Self {
                self.block = block.into();
                self
            }

            /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`](crate::Policy::Follow).
            pub fn policy(mut self, policy: $crate::Policy) -> Self {
                self.supervision.policy = policy;
                self
            }

            /// All of how it is looked after, its policy included.
            pub fn supervision(mut self, supervision: $crate::Supervision) -> Self {
                self.supervision = supervision;
                self
            }

            /// Changes what the stream is made of, once the device is open and known. Its defaults are those of the
            #[doc = concat!("[`", stringify!($Config), "`], with [`now_ns`](crate::now_ns) for a clock.")]
            pub fn config(mut self, change: impl FnOnce(&mut $Config) + 'a) -> Self {
                self.config = Some(match self.config.take() {
                    Some(first) => Box::new(move |config| {
                        first(config);
                        change(config);
                    }),
                    None => Box::new(change),
                });
                self
            }
        }

        impl std::fmt::Debug for $Builder<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($Builder))
                    .field("block", &self.block)
                    .field("supervision", &self.supervision)
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use common;
