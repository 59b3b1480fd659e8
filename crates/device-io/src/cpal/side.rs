//! Sides: outputs or inputs.

use cpal::SupportedStreamConfigRange;
use cpal::traits::{DeviceTrait, HostTrait};

use crate::error::DeviceError;

/// A side of the seam, for cpal's functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Output,
    Input,
}

impl Side {
    pub(super) fn default_device(self, host: &cpal::Host) -> Option<cpal::Device> {
        match self {
            Self::Output => host.default_output_device(),
            Self::Input => host.default_input_device(),
        }
    }

    pub(super) fn devices(self, host: &cpal::Host) -> Result<Vec<cpal::Device>, cpal::Error> {
        match self {
            Self::Output => host.output_devices().map(Iterator::collect),
            Self::Input => host.input_devices().map(Iterator::collect),
        }
    }

    /// The formats that the device says it supports on this side. They are none if it cannot be opened on this side.
    pub(super) fn ranges(
        self,
        device: &cpal::Device,
    ) -> Result<Vec<SupportedStreamConfigRange>, cpal::Error> {
        match self {
            Self::Output => device.supported_output_configs().map(Iterator::collect),
            Self::Input => device.supported_input_configs().map(Iterator::collect),
        }
    }

    /// Whether a change of the default device is only found by asking: it can change, and the host does not report it.
    pub(super) fn must_be_asked(self, host: cpal::HostId) -> bool {
        match host.name() {
            "ALSA" | "JACK" | "ASIO" | "PipeWire" | "WASAPI" | "AAudio" => false,
            "CoreAudio" => self == Self::Input,
            _ => true,
        }
    }

    pub(super) fn none(self) -> DeviceError {
        match self {
            Self::Output => DeviceError::NoDevice,
            Self::Input => DeviceError::NoInput,
        }
    }
}
