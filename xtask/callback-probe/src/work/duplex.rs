//! A capture and an output joined, with a reference of what was heard.

use rt_callback::{DuplexConfig, duplex};

use super::input::record;
use super::output::render;
use super::{CALLBACKS, clock, layout, spec, steer};
use crate::covered::Covered;
use crate::dice::Dice;
use crate::watch::Watch;

pub(super) fn run(watch: &mut Watch, dice: &mut Dice, covered: &mut Covered) {
    let mut config = DuplexConfig::new(spec(dice), spec(dice), clock);
    config.reference = dice.one_in(2).then(|| layout(1));
    let (mut recorder, mut duplex, mut renderer) =
        duplex(&config).expect("a duplex of any devices");
    let controller = duplex.controller();
    for _ in 0..CALLBACKS / 2 {
        // One of them may stand still for a while.
        if !dice.one_in(8) {
            record(watch, dice, &mut recorder);
        }
        let frames = duplex.run(|samples| samples.iter_mut().for_each(|sample| *sample *= 0.5));
        covered.add("worked on", frames as u64);
        if dice.one_in(4) {
            steer(dice, &controller);
        }
        if !dice.one_in(8) {
            render(watch, dice, &mut renderer);
        }
    }
    covered.add("cuts of a duplex", duplex.counters().cuts);
}
