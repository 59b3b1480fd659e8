use core::fmt;
use core::num::NonZero;
use core::str::FromStr;

/// The most channels that a [`ChannelLayout`], a matrix or a mixer can have.
pub const MAX_CHANNELS: usize = 64;

/// A count that is known to be 1 to 64, so that whoever divides by it need not ask.
pub(crate) fn known(channels: usize) -> NonZero<u8> {
    NonZero::new(channels as u8).unwrap_or(NonZero::<u8>::MIN)
}

/// A speaker position. The discriminant is its bit in `dwChannelMask` of `WAVEFORMATEXTENSIBLE`
/// (Microsoft, `ksmedia.h`, `SPEAKER_*`), which is also the order of the channels in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)] // each name says all there is to say
pub enum Position {
    FrontLeft = 0,
    FrontRight = 1,
    FrontCenter = 2,
    LowFrequency = 3,
    BackLeft = 4,
    BackRight = 5,
    FrontLeftOfCenter = 6,
    FrontRightOfCenter = 7,
    BackCenter = 8,
    SideLeft = 9,
    SideRight = 10,
    TopCenter = 11,
    TopFrontLeft = 12,
    TopFrontCenter = 13,
    TopFrontRight = 14,
    TopBackLeft = 15,
    TopBackCenter = 16,
    TopBackRight = 17,
}

impl Position {
    /// Every position, in the order of the mask.
    pub const ALL: [Self; 18] = [
        Self::FrontLeft,
        Self::FrontRight,
        Self::FrontCenter,
        Self::LowFrequency,
        Self::BackLeft,
        Self::BackRight,
        Self::FrontLeftOfCenter,
        Self::FrontRightOfCenter,
        Self::BackCenter,
        Self::SideLeft,
        Self::SideRight,
        Self::TopCenter,
        Self::TopFrontLeft,
        Self::TopFrontCenter,
        Self::TopFrontRight,
        Self::TopBackLeft,
        Self::TopBackCenter,
        Self::TopBackRight,
    ];

    /// The bit in `dwChannelMask`.
    pub const fn bit(self) -> u32 {
        1 << (self as u32)
    }

    /// The short name that FFmpeg and others use: `FL`, `FR`, `FC`, `LFE`, ...
    pub const fn name(self) -> &'static str {
        match self {
            Self::FrontLeft => "FL",
            Self::FrontRight => "FR",
            Self::FrontCenter => "FC",
            Self::LowFrequency => "LFE",
            Self::BackLeft => "BL",
            Self::BackRight => "BR",
            Self::FrontLeftOfCenter => "FLC",
            Self::FrontRightOfCenter => "FRC",
            Self::BackCenter => "BC",
            Self::SideLeft => "SL",
            Self::SideRight => "SR",
            Self::TopCenter => "TC",
            Self::TopFrontLeft => "TFL",
            Self::TopFrontCenter => "TFC",
            Self::TopFrontRight => "TFR",
            Self::TopBackLeft => "TBL",
            Self::TopBackCenter => "TBC",
            Self::TopBackRight => "TBR",
        }
    }
}

/// Which speaker each channel of a frame is for: named positions in the order of
/// `WAVEFORMATEXTENSIBLE`, or a plain number of channels without positions (discrete). Always 1 to
/// [`MAX_CHANNELS`] channels.
///
/// ```
/// use channel_mix::ChannelLayout;
///
/// let layout: ChannelLayout = "5.1".parse()?;
/// assert_eq!(layout, ChannelLayout::SURROUND_5_1);
/// assert_eq!(layout.channels(), 6);
/// assert_eq!(layout.mask(), Some(0x60F));
/// assert_eq!(layout.to_string(), "6"); // a bare 6 means just this
/// # Ok::<(), channel_mix::ParseLayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChannelLayout {
    /// 0 when discrete, else as many bits as there are channels.
    mask: u32,
    channels: u8,
}

/// The bits that mean a position.
const KNOWN_BITS: u32 = (1 << Position::ALL.len()) - 1;

/// Every named layout, the name that is printed first. The order is that of the docs in README.md.
const NAMES: [(&str, ChannelLayout); 22] = [
    ("mono", ChannelLayout::MONO),
    ("stereo", ChannelLayout::STEREO),
    ("2.0", ChannelLayout::STEREO),
    ("2.1", ChannelLayout::SURROUND_2_1),
    ("3.0", ChannelLayout::SURROUND_3_0),
    ("quad", ChannelLayout::QUAD),
    ("quad(side)", ChannelLayout::QUAD_SIDE),
    ("4.0", ChannelLayout::SURROUND_4_0),
    ("5.0", ChannelLayout::SURROUND_5_0),
    ("5.0(side)", ChannelLayout::SURROUND_5_0),
    ("5.0(back)", ChannelLayout::SURROUND_5_0_BACK),
    ("5.1", ChannelLayout::SURROUND_5_1),
    ("5.1(side)", ChannelLayout::SURROUND_5_1),
    ("5.1(back)", ChannelLayout::SURROUND_5_1_BACK),
    ("6.1", ChannelLayout::SURROUND_6_1),
    ("7.0", ChannelLayout::SURROUND_7_0),
    ("7.1", ChannelLayout::SURROUND_7_1),
    ("5.1.2", ChannelLayout::SURROUND_5_1_2),
    ("5.1.4", ChannelLayout::SURROUND_5_1_4),
    ("7.1.2", ChannelLayout::SURROUND_7_1_2),
    ("7.1.4", ChannelLayout::SURROUND_7_1_4),
    ("1.0", ChannelLayout::MONO),
];

impl ChannelLayout {
    /// FC.
    pub const MONO: Self = Self::named(0x4);
    /// FL FR.
    pub const STEREO: Self = Self::named(0x3);
    /// FL FR LFE.
    pub const SURROUND_2_1: Self = Self::named(0xB);
    /// FL FR FC.
    pub const SURROUND_3_0: Self = Self::named(0x7);
    /// FL FR BL BR.
    pub const QUAD: Self = Self::named(0x33);
    /// FL FR SL SR.
    pub const QUAD_SIDE: Self = Self::named(0x603);
    /// FL FR FC BC.
    pub const SURROUND_4_0: Self = Self::named(0x107);
    /// FL FR FC SL SR.
    pub const SURROUND_5_0: Self = Self::named(0x607);
    /// FL FR FC BL BR.
    pub const SURROUND_5_0_BACK: Self = Self::named(0x37);
    /// FL FR FC LFE SL SR.
    pub const SURROUND_5_1: Self = Self::named(0x60F);
    /// FL FR FC LFE BL BR.
    pub const SURROUND_5_1_BACK: Self = Self::named(0x3F);
    /// FL FR FC LFE BC SL SR.
    pub const SURROUND_6_1: Self = Self::named(0x70F);
    /// FL FR FC BL BR SL SR.
    pub const SURROUND_7_0: Self = Self::named(0x637);
    /// FL FR FC LFE BL BR SL SR.
    pub const SURROUND_7_1: Self = Self::named(0x63F);
    /// FL FR FC LFE SL SR TFL TFR.
    pub const SURROUND_5_1_2: Self = Self::named(0x560F);
    /// FL FR FC LFE SL SR TFL TFR TBL TBR.
    pub const SURROUND_5_1_4: Self = Self::named(0x2_D60F);
    /// FL FR FC LFE BL BR SL SR TFL TFR.
    pub const SURROUND_7_1_2: Self = Self::named(0x563F);
    /// FL FR FC LFE BL BR SL SR TFL TFR TBL TBR.
    pub const SURROUND_7_1_4: Self = Self::named(0x2_D63F);

    const fn named(mask: u32) -> Self {
        Self {
            mask,
            channels: mask.count_ones() as u8,
        }
    }

    /// What a bare channel count means: 1 mono, 2 stereo, 3 2.1, 4 quad, 5 5.0, 6 5.1 (FL FR FC LFE
    /// SL SR), 7 6.1, 8 7.1, 12 7.1.4; any other is discrete. `None` outside `1..=64`.
    pub const fn from_count(channels: usize) -> Option<Self> {
        match channels {
            1 => Some(Self::MONO),
            2 => Some(Self::STEREO),
            3 => Some(Self::SURROUND_2_1),
            4 => Some(Self::QUAD),
            5 => Some(Self::SURROUND_5_0),
            6 => Some(Self::SURROUND_5_1),
            7 => Some(Self::SURROUND_6_1),
            8 => Some(Self::SURROUND_7_1),
            12 => Some(Self::SURROUND_7_1_4),
            n => Self::discrete(n),
        }
    }

    /// Channels without positions. `None` outside `1..=64`.
    pub const fn discrete(channels: usize) -> Option<Self> {
        if channels == 0 || channels > MAX_CHANNELS {
            return None;
        }
        Some(Self {
            mask: 0,
            channels: channels as u8,
        })
    }

    /// A layout from a wave header's `dwChannelMask` and `nChannels`. As Microsoft's documentation
    /// of `WAVEFORMATEXTENSIBLE` asks, bits beyond the number of channels are ignored, the highest
    /// first. A mask that is 0, names fewer positions than there are channels, or has reserved bits
    /// gives a discrete layout. `None` where `channels` is outside `1..=64`.
    pub const fn from_mask(mask: u32, channels: usize) -> Option<Self> {
        if mask & !KNOWN_BITS != 0 || (mask.count_ones() as usize) < channels {
            return Self::discrete(channels);
        }
        let mut mask = mask;
        while mask.count_ones() as usize > channels {
            mask &= !(1 << (31 - mask.leading_zeros()));
        }
        if mask == 0 {
            return Self::discrete(channels);
        }
        Some(Self::named(mask))
    }

    /// How many channels a frame has, `1..=64`.
    pub const fn channels(&self) -> usize {
        self.channels as usize
    }

    /// The `dwChannelMask` of `WAVEFORMATEXTENSIBLE`; `None` when discrete.
    pub const fn mask(&self) -> Option<u32> {
        if self.mask == 0 {
            None
        } else {
            Some(self.mask)
        }
    }

    /// Whether the channels have no positions.
    pub const fn is_discrete(&self) -> bool {
        self.mask == 0
    }

    /// The layout less a position; of no channels where there is no other.
    pub(crate) const fn without(self, position: Position) -> Self {
        Self::named(self.mask & !position.bit())
    }

    /// The channel index, from 0, of a position, where the layout has it.
    pub const fn channel_of(&self, position: Position) -> Option<usize> {
        let bit = position.bit();
        if self.mask & bit == 0 {
            return None;
        }
        Some((self.mask & (bit - 1)).count_ones() as usize)
    }

    /// The position of a channel, `None` when discrete or out of range.
    pub fn position(&self, channel: usize) -> Option<Position> {
        self.positions().nth(channel)
    }

    /// The positions in channel order; none at all when discrete.
    pub fn positions(&self) -> impl Iterator<Item = Position> + use<> {
        let mask = self.mask;
        Position::ALL
            .into_iter()
            .filter(move |p| mask & p.bit() != 0)
    }

    /// The common name (`stereo`, `5.1`), where there is one.
    pub fn name(&self) -> Option<&'static str> {
        NAMES.iter().find(|(_, l)| l == self).map(|(n, _)| *n)
    }
}

/// A plain count where a bare count means this layout; else its common name, `discrete-N`, or its
/// positions joined by `+`, such as `FL+FR+BC`. What is printed parses back to the same layout.
impl fmt::Display for ChannelLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if Self::from_count(self.channels()) == Some(*self) {
            return fmt::Display::fmt(&self.channels, f);
        }
        if let Some(name) = self.name() {
            return f.pad(name);
        }
        if self.is_discrete() {
            return write!(f, "{DISCRETE}{}", self.channels);
        }
        let mut joint = "";
        for position in self.positions() {
            write!(f, "{joint}{}", position.name())?;
            joint = "+";
        }
        Ok(())
    }
}

/// What stands before the count of a discrete layout that a bare count would not mean.
const DISCRETE: &str = "discrete-";

/// The text is no channel layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParseLayoutError {
    /// A count outside `1..=64`.
    Channels,
    /// Neither a count, a name nor positions in mask order joined by `+`.
    Name,
}

impl fmt::Display for ParseLayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channels => "a layout has 1 to 64 channels",
            Self::Name => {
                "not a channel count or a layout such as stereo, 5.1, discrete-9, FL+FR+BC"
            }
        })
    }
}

impl core::error::Error for ParseLayoutError {}

/// Reads a count (`6`), a common name (`5.1`), `discrete-N`, or two or more positions in the order
/// of the mask joined by `+`. Upper and lower case are the same.
impl FromStr for ChannelLayout {
    type Err = ParseLayoutError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let count = |digits: &str| -> Option<Result<usize, ParseLayoutError>> {
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            Some(digits.parse().map_err(|_| ParseLayoutError::Channels))
        };
        if let Some(n) = count(text) {
            return Self::from_count(n?).ok_or(ParseLayoutError::Channels);
        }
        if let Some((_, layout)) = NAMES.iter().find(|(n, _)| n.eq_ignore_ascii_case(text)) {
            return Ok(*layout);
        }
        if let (Some(head), Some(digits)) = (text.get(..DISCRETE.len()), text.get(DISCRETE.len()..))
            && head.eq_ignore_ascii_case(DISCRETE)
        {
            let n = count(digits).ok_or(ParseLayoutError::Name)??;
            return Self::discrete(n).ok_or(ParseLayoutError::Channels);
        }
        let mut mask = 0;
        // Bytes, as the search for a character in text has a panic in it that the linker cannot drop.
        for part in text.as_bytes().split(|b| *b == b'+') {
            let bit = Position::ALL
                .iter()
                .find(|p| p.name().as_bytes().eq_ignore_ascii_case(part))
                .ok_or(ParseLayoutError::Name)?
                .bit();
            // A later position has a higher bit; anything else is out of order or named twice.
            if bit <= mask {
                return Err(ParseLayoutError::Name);
            }
            mask |= bit;
        }
        Ok(Self::named(mask))
    }
}
