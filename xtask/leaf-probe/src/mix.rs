//! `channel-mix`: mixers on every backend, ramps of gains, and moves.

use channel_mix::{
    Backend, ChannelLayout, Decibels, GainRamp, LargeMixer, MixMatrix, MixOptions, MixRules, Mixer,
    mono_to_stereo, mono_to_stereo_in_place,
};

use crate::Case;
use crate::exact::{self, Exact, again, bits, floats, planes, views, views_mut};
use crate::random::Random;

pub fn case(case: &mut Case) {
    match case.random.below(8) {
        0 => gains(case),
        1 => moves(case),
        _ => mixers(case),
    }
}

fn layout(random: &mut Random) -> ChannelLayout {
    let channels = match random.below(4) {
        0 => random.below(65),
        _ => 1 + random.below(8),
    };
    match random.below(4) {
        0 => ChannelLayout::discrete(channels),
        1 => ChannelLayout::from_mask(random.next() as u32 & 0x3_FFFF, random.below(20)),
        _ => ChannelLayout::from_count(channels),
    }
    .unwrap_or(ChannelLayout::STEREO)
}

fn matrix(random: &mut Random, counts: Option<(usize, usize)>) -> MixMatrix {
    let is_named = counts.is_none() && !random.one_in(3);
    if is_named {
        let options = MixOptions::new(random.pick(&MixRules::ALL))
            .keep_lfe(random.one_in(2))
            .normalize(random.one_in(2));
        return MixMatrix::new(&layout(random), &layout(random), options);
    }
    let (inputs, outputs) =
        counts.unwrap_or((layout(random).channels(), layout(random).channels()));
    let fill = 1 + random.below(4);
    let coefficients: Vec<f32> = (0..inputs * outputs)
        .map(|_| match random.below(6) {
            _ if !random.one_in(fill) => 0.0,
            0 => 1.0,
            1 => 0.5,
            2 => random.f32(),
            _ => random.below(2_000) as f32 / 1_000.0 - 1.0,
        })
        .collect();
    let hostile = MixMatrix::custom(inputs, outputs, &coefficients);
    hostile.unwrap_or_else(|_| {
        let tame: Vec<f32> = coefficients
            .iter()
            .map(|c| if c.abs() <= 1.0 { *c } else { 0.25 })
            .collect();
        MixMatrix::custom(inputs, outputs, &tame).unwrap()
    })
}

/// The ways from one order of memory to another, each with a mixer of its own in the same state.
struct Ways {
    across: LargeMixer,
    planar: LargeMixer,
    apart: LargeMixer,
    together: LargeMixer,
    place: LargeMixer,
    places: LargeMixer,
}

fn mixers(case: &mut Case) {
    let first = matrix(&mut case.random, None);
    let counts = (first.inputs(), first.outputs());
    let second = matrix(&mut case.random, Some(counts));
    let ramp = match case.random.below(4) {
        0 => Some(case.random.next() as u32),
        1 => Some(case.random.below(300) as u32),
        _ => None,
    };
    let skipped = case.random.one_in(4).then(|| case.random.count());
    let most = 1 + 4_000 / (counts.0 + counts.1);
    let frames: Vec<(usize, usize)> = (0..1 + case.random.below(2))
        .map(|_| {
            let frames = case.random.length().min(most);
            let room = if case.random.one_in(3) {
                case.random.length().min(most)
            } else {
                frames
            };
            (frames, room)
        })
        .collect();
    let _ = Mixer::<128>::new(&first).map(|mixer| (mixer.kernel(), mixer.channel_map()));
    let seed = case.random.next();
    let mut want: Option<Vec<Vec<u32>>> = None;
    let fastest = Backend::detect();
    for backend in Backend::ALL
        .into_iter()
        .filter(|backend| backend.is_available())
    {
        // The same buffers for all.
        let mut random = Random::new(seed);
        let mut mixer = LargeMixer::with_backend(&first, backend).unwrap();
        if let Some(frames) = ramp {
            mixer.set_matrix(&second, frames).unwrap();
        }
        skipped.map(|frames| mixer.skip(frames));
        let [across, planar, apart, together, place, places] = [(); 6].map(|()| mixer.clone());
        let mut ways = Ways {
            across,
            planar,
            apart,
            together,
            place,
            places,
        };
        let mut got = Vec::new();
        for (frames, room) in &frames {
            got.extend(block(case, &mut random, &mut ways, *frames, *room));
        }
        if let Some(last) = got.last_mut().and_then(|y| y.last_mut()) {
            let mut byte = [*last as u8];
            case.planted
                .after(backend == fastest && backend != Backend::Scalar, &mut byte);
            *last = (*last & !0xFF) | u32::from(byte[0]);
        }
        match &want {
            None => want = Some(got),
            Some(want) => assert!(*want == got, "{counts:?} {}: {backend}", mixer.kernel()),
        }
    }
    for y in want.into_iter().flatten() {
        y.into_iter()
            .for_each(|bits| case.digest.count(bits as usize));
    }
}

fn block(
    case: &mut Case,
    random: &mut Random,
    ways: &mut Ways,
    frames: usize,
    room: usize,
) -> Vec<Vec<u32>> {
    let (ins, outs) = (ways.across.inputs(), ways.across.outputs());
    let more = random.below(ins);
    let x = floats(random, frames * ins + more);
    case.planted.before(&x);
    let more = random.below(outs);
    let mut y = floats(random, room * outs + more);
    let mut got = Vec::new();
    let untouched = y.again();
    let done = ways.across.mix_interleaved(x.get(), y.get_mut());
    assert_eq!(done, frames.min(room));
    assert_eq!(
        bits(&y.get()[done * outs..]),
        bits(&untouched.get()[done * outs..])
    );
    got.push(bits(y.get()));
    let x_planes: Vec<Exact<f32>> = (0..ins)
        .map(|channel| {
            let mut plane = floats(random, frames);
            let samples = x.get().iter().skip(channel).step_by(ins);
            for (to, from) in plane.get_mut().iter_mut().zip(samples) {
                *to = *from;
            }
            plane
        })
        .collect();
    let outputs = planes(random, outs, room);
    let mut y_planes = again(&outputs);
    got.push(vec![
        ways.planar
            .mix_planar(&views(&x_planes), &mut views_mut(&mut y_planes)) as u32,
    ]);
    got.extend(y_planes.iter().map(|y| bits(y.get())));
    // The order of memory makes no difference.
    for (channel, plane) in y_planes.iter().enumerate() {
        let want: Vec<f32> = y.get()[..done * outs]
            .iter()
            .copied()
            .skip(channel)
            .step_by(outs)
            .collect();
        assert_eq!(
            bits(&plane.get()[..done]),
            bits(&want),
            "{ins} {outs} {}",
            ways.across.kernel()
        );
    }
    let mut y_apart = again(&outputs);
    ways.apart
        .mix_to_planar(x.get(), &mut views_mut(&mut y_apart));
    got.extend(y_apart.iter().map(|y| bits(y.get())));
    let mut y_together = untouched.again();
    ways.together
        .mix_to_interleaved(&views(&x_planes), y_together.get_mut());
    got.push(bits(y_together.get()));
    let mut inside = x.again();
    if let Ok(frames) = ways.place.mix_in_place(inside.get_mut()) {
        got.push(bits(&inside.get()[..frames * outs]));
    }
    let mut insides = again(&x_planes);
    let _ = ways
        .places
        .mix_in_place_planar(&mut views_mut(&mut insides));
    got.extend(insides.iter().map(|y| bits(y.get())));
    let few = random.below(ins.min(outs));
    assert_eq!(
        ways.planar.mix_planar(
            &views(&x_planes[..few]),
            &mut views_mut(&mut y_planes[..few])
        ),
        0
    );
    case.calls += 7;
    got
}

fn gains(case: &mut Case) {
    let mut ramp = GainRamp::new(case.random.f32());
    for _ in 0..4 {
        match case.random.below(4) {
            0 => ramp.set(case.random.f32(), case.random.next() as u32),
            1 => ramp.set(case.random.f32(), case.random.below(400) as u32),
            2 => ramp.skip(case.random.count()),
            _ => {}
        }
        let channels = if case.random.one_in(4) {
            case.random.count()
        } else {
            case.random.below(10)
        };
        let length = case.random.length();
        let mut block = floats(&mut case.random, length);
        case.planted.before(&block);
        let frames = ramp.apply_interleaved(block.get_mut(), channels);
        assert_eq!(frames, length.checked_div(channels).unwrap_or(0));
        case.digest.f32(block.get());
        case.digest
            .f32(&[ramp.gain(), ramp.target(), ramp.remaining_frames() as f32]);
        case.calls += 2;
    }
    let decibels = Decibels(case.random.f32());
    let _ = (
        decibels.to_gain(),
        decibels.to_string(),
        Decibels::from_gain(case.random.f32()),
    );
}

fn moves(case: &mut Case) {
    let Some(map) = matrix(&mut case.random, None).channel_map() else {
        return;
    };
    let (frames, room) = (case.random.length(), case.random.length());
    let (x_more, y_more) = (
        case.random.below(map.inputs()),
        case.random.below(map.outputs()),
    );
    let bytes = exact::bytes(&mut case.random, frames * map.inputs() + x_more);
    let mut out = exact::bytes(&mut case.random, room * map.outputs() + y_more);
    let done = map.map_interleaved(bytes.get(), out.get_mut(), 0x80);
    assert_eq!(done, frames.min(room));
    for (at, byte) in out.get()[..done * map.outputs()].iter().enumerate() {
        let (frame, channel) = (at / map.outputs(), at % map.outputs());
        let want = map
            .source(channel)
            .map_or(0x80, |source| bytes.get()[frame * map.inputs() + source]);
        assert_eq!(*byte, want);
    }
    let wide = Exact::new(&mut case.random, frames * map.inputs(), |random| {
        random.next()
    });
    let mut wide_out = Exact::new(&mut case.random, room * map.outputs(), |random| {
        random.next()
    });
    map.map_interleaved(wide.get(), wide_out.get_mut(), 7);
    wide_out
        .get()
        .iter()
        .for_each(|word| case.digest.count(*word as usize));
    let mut stereo = out.again();
    let done = mono_to_stereo(bytes.get(), stereo.get_mut());
    assert_eq!(done, bytes.get().len().min(out.get().len() / 2));
    for (stereo, mono) in stereo.get().chunks_exact(2).zip(&bytes.get()[..done]) {
        assert_eq!(stereo, [*mono; 2]);
    }
    assert_eq!(stereo.get()[2 * done..], out.get()[2 * done..]);
    let most = case.random.count();
    let mono = bytes.get().to_vec();
    let mut block = bytes.again();
    let half = block.get().len() / 2;
    let done = mono_to_stereo_in_place(block.get_mut(), most);
    assert_eq!(done, most.min(half));
    for (stereo, mono) in block.get().chunks_exact(2).zip(&mono[half..half + done]) {
        assert_eq!(stereo, [*mono; 2]);
    }
    case.digest.bytes(&block.get()[..2 * done]);
    case.calls += 4;
}
