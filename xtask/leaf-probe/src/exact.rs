//! Buffers that end where their allocation ends, and what is made of their contents.

use crate::random::Random;

/// Values behind an offset, up to the end of an allocation of their own.
pub struct Exact<T> {
    all: Box<[T]>,
    offset: usize,
}

impl<T: Copy> Exact<T> {
    pub fn new(
        random: &mut Random,
        length: usize,
        mut value: impl FnMut(&mut Random) -> T,
    ) -> Self {
        let offset = random.below(9);
        let all = (0..offset + length).map(|_| value(random)).collect();
        Self { all, offset }
    }

    /// As long as this one, as far from the allocation's front, and with the same contents.
    pub fn again(&self) -> Self {
        Self {
            all: self.all.clone(),
            offset: self.offset,
        }
    }

    pub fn get(&self) -> &[T] {
        &self.all[self.offset..]
    }

    pub fn get_mut(&mut self) -> &mut [T] {
        &mut self.all[self.offset..]
    }
}

pub fn bytes(random: &mut Random, length: usize) -> Exact<u8> {
    Exact::new(random, length, |random| random.next() as u8)
}

pub fn floats(random: &mut Random, length: usize) -> Exact<f32> {
    Exact::new(random, length, Random::f32)
}

/// Planes, nearly all of one length; none is shorter, and the first is as long.
pub fn planes(random: &mut Random, count: usize, length: usize) -> Vec<Exact<f32>> {
    (0..count)
        .map(|plane| {
            let is_longer = plane > 0 && random.one_in(8);
            let more = if is_longer { random.below(5) } else { 0 };
            floats(random, length + more)
        })
        .collect()
}

pub fn views(planes: &[Exact<f32>]) -> Vec<&[f32]> {
    planes.iter().map(Exact::get).collect()
}

pub fn views_mut(planes: &mut [Exact<f32>]) -> Vec<&mut [f32]> {
    planes.iter_mut().map(Exact::get_mut).collect()
}

pub fn again(planes: &[Exact<f32>]) -> Vec<Exact<f32>> {
    planes.iter().map(Exact::again).collect()
}

/// The bits; which NaN it is, the machine decides.
pub fn bits(x: &[f32]) -> Vec<u32> {
    x.iter()
        .map(|x| if x.is_nan() { f32::NAN } else { *x }.to_bits())
        .collect()
}

/// FNV-1a.
#[derive(Clone, Copy)]
pub struct Digest(u64);

impl Digest {
    pub fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    pub fn value(self) -> u64 {
        self.0
    }

    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x100_0000_01B3);
    }

    pub fn count(&mut self, count: usize) {
        self.word(count as u64);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.word((*byte).into()));
    }

    pub fn f32(&mut self, x: &[f32]) {
        bits(x).into_iter().for_each(|bits| self.word(bits.into()));
    }

    pub fn f64(&mut self, x: &[f64]) {
        for x in x {
            self.word(if x.is_nan() { f64::NAN } else { *x }.to_bits());
        }
    }

    pub fn planes(&mut self, planes: &[Exact<f32>]) {
        planes.iter().for_each(|plane| self.f32(plane.get()));
    }
}
