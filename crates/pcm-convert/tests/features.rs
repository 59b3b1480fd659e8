//! The optional features.
#![cfg(any(feature = "proptest", feature = "dasp"))]
#![allow(clippy::unwrap_used, clippy::float_cmp)]

#[cfg(feature = "dasp")]
#[test]
fn dasp_values_pass_and_its_one_past_the_end_is_clipped() {
    use dasp_sample::Sample as _;
    use pcm_convert::{I24, U24};

    for v in (-8_388_608..=8_388_607).step_by(4_095) {
        let theirs = dasp_sample::I24::new(v).unwrap();
        assert_eq!(I24::from(theirs).to_int(), v);
        assert_eq!(dasp_sample::I24::from(I24::from_int(v)), theirs);
        let theirs = dasp_sample::U24::new(v + 8_388_608).unwrap();
        assert_eq!(U24::from(theirs).to_int() as i32, v + 8_388_608);
        assert_eq!(dasp_sample::U24::from(U24::from(theirs)), theirs);
    }
    let past: dasp_sample::I24 = 1.0f32.to_sample();
    assert_eq!(
        (past.inner(), I24::from(past).to_int()),
        (8_388_608, 8_388_607)
    );
}

#[cfg(feature = "proptest")]
mod strategies {
    use pcm_convert::strategies::{
        block, dither, format, frames, nasty_f32, nominal_f32, rounding, sample,
    };
    use pcm_convert::{I24, MuLaw, Quantizer, Sample};
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    fn draw<S: Strategy>(strategy: &S, n: usize) -> Vec<S::Value> {
        let mut runner = TestRunner::deterministic();
        (0..n)
            .map(|_| strategy.new_tree(&mut runner).unwrap().current())
            .collect()
    }

    #[test]
    fn the_nasty_values_do_come() {
        let x = draw(&nasty_f32(), 20_000);
        let has = |what: &str, f: &dyn Fn(f32) -> bool| assert!(x.iter().any(|x| f(*x)), "{what}");
        has("NaN", &|x| x.is_nan());
        has("infinity", &|x| x == f32::INFINITY);
        has("denormal", &|x| x.is_subnormal());
        has("full scale", &|x| x == 32_767.0 / 32_768.0);
        has("one past it", &|x| x == (32_767.0f32 / 32_768.0).next_up());
        has("-1.0", &|x| x == -1.0);
        has("past -1.0", &|x| x == (-1.0f32).next_down());
        has("half of an LSB", &|x| {
            (x * 65_536.0).fract() == 0.0 && (x * 32_768.0).fract().abs() == 0.5
        });
        has("far over", &|x| x.is_finite() && x > 65_536.0);
        assert!(
            draw(&nominal_f32(), 5_000)
                .iter()
                .all(|x| (-1.0..=1.0).contains(x))
        );
        let samples = draw(&sample::<I24>(), 2_000);
        for end in [I24::MIN, I24::MAX, I24::EQUILIBRIUM] {
            assert!(samples.contains(&end));
        }
        assert!(draw(&sample::<MuLaw>(), 2_000).contains(&MuLaw(0xFF)));
    }

    proptest! {
        #[test]
        fn whatever_comes_is_quantized_and_counted(
            x in block(nasty_f32(), 0..300), to in format(), how in rounding(), noise in dither(), seed in any::<u64>(),
        ) {
            let mut raw = vec![0u8; x.len() * to.bytes_per_sample()];
            let done = Quantizer::new(2, how, noise, seed).quantize_bytes(to, &x, &mut raw);
            prop_assert_eq!(done.samples, x.len());
            prop_assert_eq!(done.non_finite, x.iter().filter(|x| !x.is_finite()).count());
        }

        #[test]
        fn frames_are_whole((channels, samples) in frames(sample::<i16>(), 1..=8, 20)) {
            prop_assert!((1..=8).contains(&channels) && samples.len() % channels == 0);
        }
    }
}
