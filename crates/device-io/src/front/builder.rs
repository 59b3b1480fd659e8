//! What may differ from the defaults, before a device is opened.

use std::fmt;

use rt_callback::{
    CaptureConfig, ChannelLayout, Config, DuplexConfig, SampleFormat, StreamSpec, capture, duplex,
    stream,
};

use super::call::Call;
use super::clock::now_ns;
use super::error::Error;
use super::microphone::Microphone;
use super::player::Player;
use crate::seam::{Backend, BlockLength, Input, InputRequest, Output, OutputRequest};
use crate::supervised::{Policy, Supervised, SupervisedInput, Supervision};

/// Changes the defaults of a stream.
type Change<'a, C> = Box<dyn FnOnce(&mut C) + 'a>;

/// What becomes a [`Player`]: [`Player::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct PlayerBuilder<'a> {
    backend: Box<dyn Backend>,
    device: Option<String>,
    block: BlockLength,
    supervision: Supervision,
    config: Option<Change<'a, Config>>,
}

/// What becomes a [`Microphone`]: [`Microphone::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct MicrophoneBuilder<'a> {
    backend: Box<dyn Backend>,
    device: Option<String>,
    block: BlockLength,
    supervision: Supervision,
    config: Option<Change<'a, CaptureConfig>>,
}

/// What becomes a [`Call`]: [`Call::on`] makes one, [`open`](Self::open) opens it.
#[must_use = "nothing is opened yet"]
pub struct CallBuilder<'a> {
    backends: (Box<dyn Backend>, Box<dyn Backend>),
    devices: (Option<String>, Option<String>),
    block: BlockLength,
    supervision: Supervision,
    config: Option<Change<'a, DuplexConfig>>,
}

/// What all builders can be told in the same words.
macro_rules! common {
    ($Builder:ident, $Config:ty) => {
        impl<'a> $Builder<'a> {
            /// How long a block of the device should be. Default: 20 ms.
            pub fn block(mut self, block: impl Into<BlockLength>) -> Self {
                self.block = block.into();
                self
            }

            /// What becomes of the stream when its device is gone. Default: [`Policy::Follow`].
            pub fn policy(mut self, policy: Policy) -> Self {
                self.supervision.policy = policy;
                self
            }

            /// All of how it is looked after, its policy included.
            pub fn supervision(mut self, supervision: Supervision) -> Self {
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

        impl fmt::Debug for $Builder<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Builder))
                    .field("block", &self.block)
                    .field("supervision", &self.supervision)
                    .finish_non_exhaustive()
            }
        }
    };
}

common!(PlayerBuilder, Config);
common!(MicrophoneBuilder, CaptureConfig);
common!(CallBuilder, DuplexConfig);

impl PlayerBuilder<'_> {
    pub(super) fn new(backend: Box<dyn Backend>) -> Self {
        Self {
            backend,
            device: None,
            block: BlockLength::default(),
            supervision: Supervision::default(),
            config: None,
        }
    }

    /// Which device, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn device(mut self, id: impl Into<String>) -> Self {
        self.device = Some(id.into());
        self
    }

    /// Opens the device and plays.
    ///
    /// # Errors
    /// [`Error::Device`] where it cannot be opened, [`Error::Config`] where the stream cannot be made as it was
    /// configured.
    pub fn open(self, source: StreamSpec) -> Result<Player, Error> {
        let mut request = OutputRequest::new(source);
        request.device = self.device;
        request.block = self.block;
        let mut output = Supervised::open_boxed(self.backend, request, self.supervision)?;
        let mut config = Config::new(source, output.spec());
        config.clock = Some(now_ns);
        if let Some(change) = self.config {
            change(&mut config);
        }
        let (feeder, controller, renderer, monitor) = stream(&config)?;
        output.start(renderer)?;
        Ok(Player::new(output, (feeder, controller, monitor)))
    }
}

impl MicrophoneBuilder<'_> {
    pub(super) fn new(backend: Box<dyn Backend>) -> Self {
        Self {
            backend,
            device: None,
            block: BlockLength::default(),
            supervision: Supervision::default(),
            config: None,
        }
    }

    /// Which device, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn device(mut self, id: impl Into<String>) -> Self {
        self.device = Some(id.into());
        self
    }

    /// Opens the device and records.
    ///
    /// # Errors
    /// [`Error::Device`] where it cannot be opened, [`Error::Config`] where the capture cannot be made as it was
    /// configured.
    pub fn open(self, application: StreamSpec) -> Result<Microphone, Error> {
        let mut request = InputRequest::new(application);
        request.device = self.device;
        request.block = self.block;
        let mut input = SupervisedInput::open_boxed(self.backend, request, self.supervision)?;
        let mut config = CaptureConfig::new(input.spec(), application);
        config.clock = Some(now_ns);
        if let Some(change) = self.config {
            change(&mut config);
        }
        let (recorder, reader) = capture(&config)?;
        input.start(recorder)?;
        Ok(Microphone::new(input, reader))
    }
}

impl CallBuilder<'_> {
    pub(super) fn new(input: Box<dyn Backend>, output: Box<dyn Backend>) -> Self {
        Self {
            backends: (input, output),
            devices: (None, None),
            block: BlockLength::default(),
            supervision: Supervision::default(),
            config: None,
        }
    }

    /// Which input, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn input_device(mut self, id: impl Into<String>) -> Self {
        self.devices.0 = Some(id.into());
        self
    }

    /// Which output, by its [id](crate::DeviceInfo::id). Default: the default one.
    pub fn output_device(mut self, id: impl Into<String>) -> Self {
        self.devices.1 = Some(id.into());
        self
    }

    /// Opens both devices, with mono at `rate_hz` between them and a mono reference for an echo canceller, unless
    /// [`config`](Self::config) says otherwise, and starts them.
    ///
    /// # Errors
    /// [`Error::Device`] where one cannot be opened, [`Error::Config`] where the stream cannot be made as it was
    /// configured.
    pub fn open(self, rate_hz: u32) -> Result<Call, Error> {
        let mono = ChannelLayout::from_count(1).ok_or(rt_callback::ConfigError::Channels(1, 1))?;
        let between = StreamSpec::new(SampleFormat::F32, rate_hz, mono);
        let mut asked = InputRequest::new(between);
        asked.device = self.devices.0;
        asked.block = self.block;
        let mut input =
            SupervisedInput::open_boxed(self.backends.0, asked, self.supervision.clone())?;
        let mut asked = OutputRequest::new(between);
        asked.device = self.devices.1;
        asked.block = self.block;
        let mut output = Supervised::open_boxed(self.backends.1, asked, self.supervision)?;
        let mut config = DuplexConfig::new(input.spec(), output.spec(), now_ns);
        config.rate_hz = rate_hz;
        config.layout = mono;
        config.reference = Some(mono);
        if let Some(change) = self.config {
            change(&mut config);
        }
        let (recorder, duplex, renderer) = duplex(&config)?;
        output.start(renderer)?;
        input.start(recorder)?;
        Ok(Call::new(input, duplex, output))
    }
}
