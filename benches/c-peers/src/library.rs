//! The C libraries behind their shims: the only place that calls foreign code.

use std::error::Error;
use std::ffi::{c_int, c_void};

use rt_callback::StreamSpec;

#[repr(C)]
struct Spec {
    format: c_int,
    channels: c_int,
    rate: c_int,
}

type Open = unsafe extern "C" fn(*const Spec, *const Spec, c_int, c_int) -> *mut c_void;
type Run = unsafe extern "C" fn(*mut c_void, *const c_void, usize, *mut c_void, usize) -> usize;

/// A library, and the settings in which it is measured.
pub struct Library {
    name: &'static str,
    pub settings: &'static [&'static str],
    open: Open,
    run: Run,
}

/// Declares the shims that were compiled, and lists them.
macro_rules! libraries {
    ($($name:literal $open:ident $run:ident: $($setting:literal),+;)*) => {
        $(#[cfg(has = $name)]
        unsafe extern "C" {
            fn $open(from: *const Spec, to: *const Spec, setting: c_int, is_dithered: c_int) -> *mut c_void;
            fn $run(converter: *mut c_void, input: *const c_void, frames: usize, out: *mut c_void, capacity: usize) -> usize;
        })*

        /// The libraries that are here.
        pub fn all() -> Vec<Library> {
            vec![$(
                #[cfg(has = $name)]
                Library { name: $name, settings: &[$($setting),+], open: $open, run: $run },
            )*]
        }
    };
}

libraries! {
    "swresample" swresample_open swresample_run: "default", "filter_size 64";
    "sdl3" sdl3_open sdl3_run: "stream";
    "miniaudio" miniaudio_open miniaudio_run: "default", "order 8";
    "soxr" soxr_open soxr_run: "HQ", "VHQ";
    "samplerate" samplerate_open samplerate_run: "fastest", "best", "linear";
    "speexdsp" speexdsp_open speexdsp_run: "quality 4", "quality 10";
    "spa" spa_open spa_run: "quality 4", "quality 14";
}

impl Library {
    /// The library in a setting, as the rows name it.
    pub fn who(&self, setting: usize) -> String {
        let name = if self.name == "spa" {
            "PipeWire"
        } else {
            self.name
        };
        match self.settings.get(setting) {
            Some(setting) if self.settings.len() > 1 => format!("{name} {setting}"),
            _ => name.to_owned(),
        }
    }

    /// A converter for calls of so many frames; none, where the library has none.
    pub fn open(
        &self,
        (from, to): (&StreamSpec, &StreamSpec),
        setting: usize,
        is_dithered: bool,
        frames: usize,
    ) -> Result<Option<Converter>, Box<dyn Error>> {
        let specs = [spec(from)?, spec(to)?];
        let [source, device] = &specs;
        // SAFETY: both specs outlive the call, and the shim keeps neither.
        let state = unsafe { (self.open)(source, device, setting as c_int, is_dithered.into()) };
        if state.is_null() {
            return Ok(None);
        }
        let out = frames * to.rate_hz as usize / from.rate_hz as usize + 256;
        Ok(Some(Converter {
            state,
            run: self.run,
            frames,
            capacity: out,
            input: Aligned::new(&benches::paths::noise(from, frames)),
            out: Aligned::new(&vec![0; out * to.frame_bytes()]),
        }))
    }
}

fn spec(spec: &StreamSpec) -> Result<Spec, Box<dyn Error>> {
    let formats = ["u8", "s16le", "s24le", "s32le", "f32le"];
    let name = spec.format.to_string();
    let format = formats.iter().position(|format| *format == name);
    Ok(Spec {
        format: format.ok_or("a format that no library here has")? as c_int,
        channels: spec.channels() as c_int,
        rate: spec.rate_hz as c_int,
    })
}

/// Bytes that begin at a cache line: PipeWire's kernels store whole vectors, and take no others.
pub struct Aligned {
    memory: Vec<u8>,
    first: usize,
}

impl Aligned {
    fn new(bytes: &[u8]) -> Self {
        const LINE: usize = 64;
        let mut memory = vec![0; bytes.len() + LINE];
        let first = memory.as_ptr().align_offset(LINE).min(LINE);
        memory[first..first + bytes.len()].copy_from_slice(bytes);
        memory.truncate(first + bytes.len());
        Self { memory, first }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.memory[self.first..]
    }

    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory[self.first..]
    }
}

/// A converter and its buffers.
pub struct Converter {
    state: *mut c_void,
    run: Run,
    frames: usize,
    capacity: usize,
    /// What goes in, `frames` of it.
    pub input: Aligned,
    /// What came out.
    pub out: Aligned,
}

impl Converter {
    /// Converts the input; how many frames came.
    #[inline]
    pub fn call(&mut self) -> usize {
        // SAFETY: the converter was opened by the same library, `input` holds `frames` frames of its input's spec and
        // `out` has room for `capacity` of its output's; neither is moved while the converter lives.
        unsafe {
            (self.run)(
                self.state,
                self.input.bytes().as_ptr().cast(),
                self.frames,
                self.out.bytes_mut().as_mut_ptr().cast(),
                self.capacity,
            )
        }
    }
}
