//! Which processors, and what each takes.

use crate::stages::HOURS;

/// A processor that programs are built for.
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) triple: &'static str,
    pub(super) linker: Linker,
    pub(super) runner: Runner,
    /// What Debian has for it, beside the compiler.
    pub(super) packages: &'static [&'static str],
    pub(super) rustflags: &'static str,
    pub(super) used: Use,
}

/// What links programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Linker {
    /// Nothing is linked.
    None,
    /// Debian's C compiler for a processor.
    Gcc(&'static str),
    /// LLVM's, by this name, where the compiler does not bring its own.
    Lld(&'static str),
}

/// What runs programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Runner {
    Native,
    /// QEMU's emulation of programs, for a processor by this name.
    Qemu(&'static str),
    Node,
}

/// What is shown on a processor.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// The tests of the leaves and, if so, of the engine, but for those whose names contain these words.
    Tests {
        engine: bool,
        skip: &'static [&'static str],
    },
    /// The leaves and the engine build without `std`.
    Builds,
    /// Devices and the program are checked by the compiler.
    Checks,
}

impl Use {
    /// What cargo is told.
    pub(super) fn command(self) -> &'static str {
        match self {
            Self::Tests { .. } => "test",
            Self::Builds => "build",
            Self::Checks => "check",
        }
    }

    /// What has to be there of the standard library.
    pub(super) fn crates(self) -> &'static str {
        match self {
            Self::Tests { .. } | Self::Checks => "std,panic_abort,test",
            Self::Builds => "core,alloc",
        }
    }

    pub(super) fn done(self) -> &'static str {
        match self {
            Self::Tests { .. } => "tested",
            Self::Builds => "built",
            Self::Checks => "checked",
        }
    }
}

const ALL: Use = Use::Tests {
    engine: true,
    skip: &[],
};

/// Emulated, the engine's longest tests would take hours.
const EMULATED: Use = Use::Tests {
    engine: true,
    skip: &HOURS,
};

/// Programs that QEMU runs without a C library beside it.
const STATIC: &str = "-Ctarget-feature=+crt-static";

/// The first is the one of the quick form.
pub(super) const TARGETS: [Target; 8] = [
    Target {
        name: "i686",
        triple: "i686-unknown-linux-gnu",
        linker: Linker::Gcc("i686"),
        runner: Runner::Native,
        packages: &["gcc-i686-linux-gnu", "libc6-dev-i386-cross"],
        rustflags: STATIC,
        used: ALL,
    },
    Target {
        name: "aarch64",
        triple: "aarch64-unknown-linux-gnu",
        linker: Linker::Gcc("aarch64"),
        runner: Runner::Qemu("aarch64"),
        packages: &[
            "gcc-aarch64-linux-gnu",
            "libc6-dev-arm64-cross",
            "qemu-user-static",
        ],
        rustflags: STATIC,
        used: EMULATED,
    },
    Target {
        name: "wasm32",
        triple: "wasm32-wasip1",
        linker: Linker::Lld("wasm-ld"),
        runner: Runner::Node,
        packages: &["lld-22", "wasi-libc", "nodejs"],
        // Debian's C library is older than the compiler and lacks functions of threads: to call one ends the program.
        rustflags: "-Ctarget-feature=+simd128 -Clink-arg=--unresolved-symbols=ignore-all",
        // There are no threads, and a panic ends the program.
        used: Use::Tests {
            engine: false,
            skip: &[],
        },
    },
    Target {
        name: "s390x",
        triple: "s390x-unknown-linux-gnu",
        linker: Linker::Gcc("s390x"),
        runner: Runner::Qemu("s390x"),
        packages: &[
            "gcc-s390x-linux-gnu",
            "libc6-dev-s390x-cross",
            "qemu-user-static",
        ],
        rustflags: STATIC,
        used: EMULATED,
    },
    Target {
        name: "Cortex-M4",
        triple: "thumbv7em-none-eabihf",
        linker: Linker::Lld("ld.lld"),
        runner: Runner::Native,
        packages: &["lld-22"],
        rustflags: "",
        used: Use::Builds,
    },
    Target {
        name: "RV32",
        triple: "riscv32imac-unknown-none-elf",
        linker: Linker::Lld("ld.lld"),
        runner: Runner::Native,
        packages: &["lld-22"],
        rustflags: "",
        used: Use::Builds,
    },
    Target {
        name: "Windows",
        triple: "x86_64-pc-windows-msvc",
        linker: Linker::None,
        runner: Runner::Native,
        packages: &[],
        rustflags: "",
        used: Use::Checks,
    },
    Target {
        name: "macOS",
        triple: "aarch64-apple-darwin",
        linker: Linker::None,
        runner: Runner::Native,
        packages: &[],
        rustflags: "",
        used: Use::Checks,
    },
];
