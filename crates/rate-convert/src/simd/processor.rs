//! Which x86 processor this is, where its instruction sets do not say what is the fastest.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86")]
use core::arch::x86::__cpuid;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::__cpuid;
use core::sync::atomic::{AtomicU8, Ordering};

/// Whether the processor has AVX-512 by 256 bits at a time. It is asked once, because a virtual machine takes a
/// microsecond and more for each question.
pub(super) fn works_in_halves() -> bool {
    /// 0: not asked yet; 1: no; 2: yes. Two threads that ask at once write the same.
    static ANSWER: AtomicU8 = AtomicU8::new(0);
    match ANSWER.load(Ordering::Relaxed) {
        0 => {
            let answer = Processor::ask().works_in_halves();
            ANSWER.store(1 + u8::from(answer), Ordering::Relaxed);
            answer
        }
        answer => answer == 2,
    }
}

/// What x86's `cpuid` says of the processor: the vendor of leaf 0, and the signature (`eax`) of leaf 1.
struct Processor {
    vendor: [u32; 3],
    signature: u32,
}

impl Processor {
    /// To be asked where AVX2 was found.
    fn ask() -> Self {
        #[allow(unused_unsafe)] // which later versions of Rust than the least one do not ask for
        // SAFETY: a processor with AVX2 has the instruction and both leaves.
        let (first, second) = unsafe { (__cpuid(0), __cpuid(1)) };
        Self {
            vendor: [first.ebx, first.edx, first.ecx],
            signature: second.eax,
        }
    }

    /// The family, its extension added (AMD64 Architecture Programmer's Manual, volume 3, appendix E.3.2).
    const fn family(&self) -> u32 {
        match self.signature >> 8 & 0xf {
            0xf => 0xf + (self.signature >> 20 & 0xff),
            family => family,
        }
    }

    /// Whether it has AVX-512 by 256 bits at a time, if it has AVX-512: AMD's family 19h, of which that is Zen 4
    /// (Software Optimization Guide for the AMD Zen4 Microarchitecture, 57647).
    fn works_in_halves(&self) -> bool {
        self.vendor.map(u32::to_le_bytes).as_flattened() == b"AuthenticAMD" && self.family() == 0x19
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Signatures as Linux and others list them.
    #[test]
    fn only_zen_4_works_512_bits_in_halves() {
        let vendor = |name: &[u8; 12]| {
            let words = name.as_chunks().0;
            core::array::from_fn(|n| u32::from_le_bytes(words[n]))
        };
        for (name, signature, family, halves) in [
            (b"AuthenticAMD", 0x00a1_0f11, 0x19, true),  // Genoa
            (b"AuthenticAMD", 0x00a6_0f12, 0x19, true),  // Raphael
            (b"AuthenticAMD", 0x00b0_0f21, 0x1a, false), // Turin
            (b"AuthenticAMD", 0x0083_0f10, 0x17, false), // Rome
            (b"GenuineIntel", 0x0008_06f8, 0x06, false), // Sapphire Rapids
            (b"GenuineIntel", 0x00a1_0f11, 0x19, false),
        ] {
            let vendor = vendor(name);
            let processor = Processor { vendor, signature };
            assert_eq!(processor.family(), family, "{signature:x}");
            assert_eq!(processor.works_in_halves(), halves, "{signature:x}");
        }
    }
}
