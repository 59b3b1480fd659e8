//! Streams in a stream, which come and go.

use rt_callback::{Config, Mixer, stream_from};

use super::output::{config, feed, listen, render};
use super::{CALLBACKS, spec, steer};
use crate::covered::Covered;
use crate::dice::Dice;
use crate::watch::Watch;

pub(super) fn run(watch: &mut Watch, dice: &mut Dice, covered: &mut Covered) {
    let bus = spec(dice);
    let (mixer, mut inputs) = Mixer::with_room(bus, 4);
    let mut outer = Config::new(bus, spec(dice));
    outer.tap_frames = 480;
    let (controller, mut renderer, mut monitor) =
        stream_from(&outer, Box::new(mixer)).expect("a stream of a mixer");
    let tap = &mut monitor.take_tap();
    let mut streams = Vec::new();
    for _ in 0..CALLBACKS {
        if dice.one_in(8) {
            let mut config = config(dice);
            config.device = bus;
            if let Ok(stream) = inputs.add(&config) {
                streams.push(stream);
            }
        }
        if dice.one_in(12) && !streams.is_empty() {
            // Its feeder goes, and it goes when it has been heard, or at once.
            let (_, controller, _) = streams.swap_remove(dice.below(streams.len()));
            while controller.is_held() || controller.is_paused() {
                controller.resume();
            }
            controller.interrupt(rt_callback::Ramp::None);
            covered.add("inputs that went", 1);
        }
        for (feeder, controller, monitor) in &mut streams {
            feed(dice, feeder);
            steer(dice, controller);
            listen(dice, monitor, &mut None, covered);
        }
        if dice.one_in(8) {
            steer(dice, &controller);
        }
        render(watch, dice, &mut renderer);
        listen(dice, &mut monitor, tap, covered);
        inputs.count();
    }
}
