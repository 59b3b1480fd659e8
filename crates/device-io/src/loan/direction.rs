//! The two directions of sound: out through a renderer, and in through a recorder. What they have in common is here, so
//! that supervision and each backend's handle are written once.

use std::marker::PhantomData;
use std::time::Duration;

use rt_callback::{ConfigError, Recorder, Renderer, StreamSpec};

use crate::error::DeviceError;
use crate::loan::Lent;
use crate::seam::{Backend, DeviceEvent, Input, InputRequest, Output, OutputRequest, Progress};

/// What an [`Output`] and an [`Input`] have in common. Their documentation applies.
pub(crate) trait Handle<T>: Send {
    fn spec(&self) -> StreamSpec;
    fn block_frames(&self) -> Option<usize>;
    fn progress(&self) -> Option<Progress>;
    fn start(&mut self, lent: T) -> Result<(), DeviceError>;
    fn stop(&mut self) -> Result<Option<T>, DeviceError>;
    fn poll_event(&mut self) -> Option<DeviceEvent>;
}

/// An opened handle: an [`Output`] if it takes a renderer, an [`Input`] if it takes a recorder. Dropping it stops it.
pub(crate) struct Opened<T, H: Handle<T>> {
    handle: H,
    lends: PhantomData<fn(T)>,
}

impl<T, H: Handle<T>> Opened<T, H> {
    pub(crate) fn new(handle: H) -> Self {
        Self {
            handle,
            lends: PhantomData,
        }
    }
}

impl<T, H: Handle<T>> Drop for Opened<T, H> {
    fn drop(&mut self) {
        let _ = self.handle.stop();
    }
}

/// Implements a side of the seam for an [`Opened`] handle, and [`Handle`] for what a backend opens on that side.
macro_rules! side {
    ($Side:ident, $Lent:ty) => {
        impl<H: Handle<$Lent>> $Side for Opened<$Lent, H> {
            fn spec(&self) -> StreamSpec {
                self.handle.spec()
            }
            fn block_frames(&self) -> Option<usize> {
                self.handle.block_frames()
            }
            fn progress(&self) -> Option<Progress> {
                self.handle.progress()
            }
            fn start(&mut self, lent: $Lent) -> Result<(), DeviceError> {
                self.handle.start(lent)
            }
            fn stop(&mut self) -> Result<Option<$Lent>, DeviceError> {
                self.handle.stop()
            }
            fn poll_event(&mut self) -> Option<DeviceEvent> {
                self.handle.poll_event()
            }
        }

        impl Handle<$Lent> for Box<dyn $Side> {
            fn spec(&self) -> StreamSpec {
                (**self).spec()
            }
            fn block_frames(&self) -> Option<usize> {
                (**self).block_frames()
            }
            fn progress(&self) -> Option<Progress> {
                (**self).progress()
            }
            fn start(&mut self, lent: $Lent) -> Result<(), DeviceError> {
                (**self).start(lent)
            }
            fn stop(&mut self) -> Result<Option<$Lent>, DeviceError> {
                (**self).stop()
            }
            fn poll_event(&mut self) -> Option<DeviceEvent> {
                (**self).poll_event()
            }
        }
    };
}

side!(Output, Renderer);
side!(Input, Recorder);

/// A direction of sound, named by what is lent to its devices.
pub(crate) trait Direction: Lent + Sized + 'static {
    /// The handle that a backend opens.
    type Device: Handle<Self> + 'static;
    /// The request to a backend.
    type Request: Clone + Send + 'static;

    fn open(backend: &dyn Backend, request: &Self::Request) -> Result<Self::Device, DeviceError>;

    /// The id of the default device in this direction, if it is worth asking for.
    fn default_id(backend: &dyn Backend) -> Option<String>;

    fn asked_device(request: &Self::Request) -> Option<&str>;

    fn asked_spec(request: &Self::Request) -> StreamSpec;

    /// The same request, for the default device.
    fn on_default(request: &Self::Request) -> Self::Request;

    fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError>;

    /// Notes that the device delivered nothing for this long.
    fn lose(&mut self, time: Duration);
}

impl Direction for Renderer {
    type Device = Box<dyn Output>;
    type Request = OutputRequest;

    fn open(backend: &dyn Backend, request: &OutputRequest) -> Result<Self::Device, DeviceError> {
        backend.open_output(request)
    }

    fn default_id(backend: &dyn Backend) -> Option<String> {
        backend.default_device()
    }

    fn asked_device(request: &OutputRequest) -> Option<&str> {
        request.device.as_deref()
    }

    fn asked_spec(request: &OutputRequest) -> StreamSpec {
        request.spec
    }

    fn on_default(request: &OutputRequest) -> OutputRequest {
        OutputRequest {
            device: None,
            ..request.clone()
        }
    }

    fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        self.rebind(device)
    }

    /// The device asked for no frames, so none are missing.
    fn lose(&mut self, _time: Duration) {}
}

impl Direction for Recorder {
    type Device = Box<dyn Input>;
    type Request = InputRequest;

    fn open(backend: &dyn Backend, request: &InputRequest) -> Result<Self::Device, DeviceError> {
        backend.open_input(request)
    }

    fn default_id(backend: &dyn Backend) -> Option<String> {
        backend.default_input()
    }

    fn asked_device(request: &InputRequest) -> Option<&str> {
        request.device.as_deref()
    }

    fn asked_spec(request: &InputRequest) -> StreamSpec {
        request.spec
    }

    fn on_default(request: &InputRequest) -> InputRequest {
        InputRequest {
            device: None,
            ..request.clone()
        }
    }

    fn rebind(&mut self, device: StreamSpec) -> Result<(), ConfigError> {
        self.rebind(device)
    }

    fn lose(&mut self, time: Duration) {
        self.lose(time);
    }
}
