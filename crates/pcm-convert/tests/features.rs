//! The optional features.
#![cfg(any(feature = "proptest", feature = "dasp"))]
#![allow(clippy::unwrap_used, clippy::float_cmp, clippy::panic)]

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
    use proptest::test_runner::{TestError, TestRng, TestRunner};

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

    /// The value that a failing property ends with.
    fn shrunk<S: Strategy>(strategy: &S, fails: impl Fn(&S::Value) -> bool) -> S::Value {
        let config = ProptestConfig {
            cases: 50_000,
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let rng = TestRng::deterministic_rng(config.rng_algorithm);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let run = runner.run(strategy, |value| {
            prop_assert!(!fails(&value));
            Ok(())
        });
        match run {
            Err(TestError::Fail(_, value)) => value,
            other => panic!("nothing failed: {other:?}"),
        }
    }

    #[test]
    fn failures_shrink_to_the_nasty_value() {
        let fraction = |x: f32, bits: i32| (f64::from(x) * 2f64.powi(bits - 1)).abs().fract();
        for strategy in [nasty_f32().boxed(), nominal_f32().boxed()] {
            let least = |fails: &dyn Fn(f32) -> bool| shrunk(&strategy, |x| fails(*x));
            // Ties alone, and what they are the first of.
            for bits in [8, 16, 24] {
                let tie = (0.5 / 2f64.powi(bits - 1)) as f32;
                assert_eq!(least(&|x| fraction(x, bits) == 0.5), tie);
                assert_eq!(least(&|x| fraction(x, bits) >= 0.5), tie);
                assert_eq!(least(&|x| x < 0.0 && fraction(x, bits) == 0.5), -tie);
            }
            // Full scale, and all that is near it.
            assert_eq!(least(&|x| x == 1.0), 1.0);
            assert_eq!(least(&|x| x > 0.73), 1.0);
            assert_eq!(least(&|x| x < -0.73), -1.0);
            assert_eq!(least(&|x| x.abs() >= 0.9), 1.0);
            // Silence, of either sign.
            assert_eq!(least(&|_| true).to_bits(), 0);
            assert_eq!(least(&|x| x.is_sign_negative()).to_bits(), 1 << 31);
            // A tie that is in no list stays one.
            let far = least(&|x| x > 0.0 && x < 0.9 && x * 256.0 > 3.0 && fraction(x, 8) == 0.5);
            assert!(fraction(far, 8) == 0.5 && far < 0.9);
        }
        let least = |fails: &dyn Fn(f32) -> bool| shrunk(&nasty_f32(), |x| fails(*x));
        assert!(least(&f32::is_nan).is_nan());
        assert_eq!(least(&|x| !x.is_finite()), f32::INFINITY);
        assert_eq!(least(&|x| x == f32::NEG_INFINITY), f32::NEG_INFINITY);
        assert_eq!(least(&|x| x > 1.0), 1.0f32.next_up());
        assert_eq!(least(&|x| x < -1.0), -1.0f32.next_up());
        assert_eq!(least(&|x| x.abs() > 65_535.5), 65_536.0);
        assert_eq!(least(&|x| x.is_subnormal()), f32::from_bits(1));
        let highest = 32_767.0 / 32_768.0;
        assert_eq!(least(&|x| x == highest), highest);
        assert_eq!(least(&|x| x > highest && x < 1.0), highest.next_up());
    }

    #[test]
    fn failures_in_samples_and_blocks_shrink_so_too() {
        assert_eq!(shrunk(&sample::<i16>(), |v| *v > 20_000), i16::MAX);
        assert_eq!(shrunk(&sample::<i16>(), |v| *v < -20_000), i16::MIN);
        assert_eq!(shrunk(&sample::<i16>(), |_| true), 0);
        assert_eq!(shrunk(&sample::<u8>(), |v| *v != 128), u8::MAX);
        assert_eq!(shrunk(&sample::<I24>(), |v| v.to_int() < -9), I24::MIN);
        assert!(shrunk(&sample::<f32>(), |x| x.is_nan()).is_nan());
        assert_eq!(shrunk(&sample::<f64>(), |x| x.is_infinite()), f64::INFINITY);
        assert_eq!(shrunk(&sample::<f64>(), |x| *x > 0.3), 1.0);

        let x = shrunk(&block(nasty_f32(), 0..40), |x| x.iter().any(|x| x.is_nan()));
        assert!(x.len() == 1 && x[0].is_nan());
        let x = shrunk(&block(sample::<i16>(), 3..40), |x| x.contains(&i16::MAX));
        assert!(
            x.len() == 3 && x.contains(&i16::MAX) && x.iter().all(|v| [0, i16::MAX].contains(v))
        );
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
