//! What is cleaned where it is, and found wherever it lies.

use super::*;

/// Sample by sample, by hand; and how many were changed.
fn cleaned(format: SampleFormat, raw: &[u8]) -> (Vec<u8>, usize) {
    let size = format.bytes_per_sample();
    let mut clean = raw.to_vec();
    let mut changed = 0;
    for (sample, bits) in clean.chunks_exact_mut(size).zip(values(format, raw)) {
        let x = f64::from_bits(bits);
        if !x.is_finite() {
            changed += 1;
            let one: &[u8] = match format {
                _ if x.is_nan() => &[0; 8],
                SampleFormat::F32Le => &(x.signum() as f32).to_le_bytes(),
                SampleFormat::F32Be => &(x.signum() as f32).to_be_bytes(),
                SampleFormat::F64Le => &x.signum().to_le_bytes(),
                _ => &x.signum().to_be_bytes(),
            };
            sample.copy_from_slice(&one[..size]);
        }
    }
    (clean, changed)
}

#[test]
fn what_lies_in_bytes_is_cleaned_where_it_is() {
    for format in FLOATS {
        let raw = stored(format);
        for offset in 0..8 {
            // With bytes behind that make no whole sample.
            for behind in 0..format.bytes_per_sample() {
                let mut memory = vec![0xFF; offset];
                memory.extend(&raw);
                memory.resize(memory.len() + behind, 0xFF);
                let (want, changed) = cleaned(format, &raw);
                assert_eq!(
                    bytes::clean_non_finite(format, &mut memory[offset..]),
                    changed
                );
                assert!(
                    memory[offset..][..raw.len()] == want,
                    "{format} at {offset}"
                );
                let around = memory[..offset].iter().chain(&memory[offset + raw.len()..]);
                assert!(
                    around.clone().count() == offset + behind
                        && around.into_iter().all(|b| *b == 0xFF)
                );
                assert_eq!(bytes::clean_non_finite(format, &mut memory[offset..]), 0);
            }
        }
    }
    let mut x = f32s();
    let (want, changed) = cleaned(SampleFormat::F32, f32::as_bytes_mut(&mut f32s()));
    assert_eq!(clean_non_finite(&mut x), changed);
    assert_eq!(f32::as_bytes_mut(&mut x), want);
}

#[test]
fn one_sample_that_is_not_finite_is_found_wherever_it_lies() {
    for format in FLOATS {
        let size = format.bytes_per_sample();
        let mut raw = vec![0; 1300 * size];
        bytes::encode(format, Rounding::NearestEven, &[f32::MAX; 1300], &mut raw);
        let bad = stored(format);
        for at in [0, 1, 7, 8, 510, 511, 512, 1023, 1024, 1298, 1299] {
            for bad in bad.chunks(size).take(5) {
                let mut memory = raw.clone();
                memory[at * size..][..size].copy_from_slice(bad);
                let (want, changed) = cleaned(format, &memory);
                assert_eq!(bytes::clean_non_finite(format, &mut memory), changed);
                assert!(memory == want, "{format} at {at}");
            }
        }
    }
}

#[test]
fn integers_are_finite_whatever_their_bytes() {
    for format in SampleFormat::ALL.iter().copied().filter(|f| !f.is_float()) {
        let mut raw = [0x7F, 0xF0, 0xFF].repeat(100);
        assert_eq!(bytes::clean_non_finite(format, &mut raw), 0);
        assert_eq!(raw, [0x7F, 0xF0, 0xFF].repeat(100));
    }
    for format in FLOATS {
        assert_eq!(bytes::clean_non_finite(format, &mut []), 0);
    }
}
