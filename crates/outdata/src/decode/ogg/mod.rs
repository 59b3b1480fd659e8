//! Ogg: Vorbis and FLAC in pages; one stream, or several one after the other.

mod link;
mod page;

use std::collections::VecDeque;
use std::io;

use self::link::{Codec, Decoded, Link};
use self::page::Page;
use crate::decode::codecs::unsupported;
use crate::decode::walk::{About, Stretch, Walk};
use crate::decode::window::Window;

pub(crate) struct Ogg {
    window: Window,
    link: Option<Link>,
    /// The codec of a stream that cannot be decoded, until one is found that can.
    unknown: Option<String>,
    /// Bytes that belong to no page, since the last page.
    skipped: u64,
    /// What is to be handed out before the file is read on, each with its samples.
    ready: VecDeque<(Stretch, Vec<u8>)>,
    about: About,
}

impl Ogg {
    pub(crate) fn open(window: Window) -> Result<Self, String> {
        let mut ogg = Self {
            window,
            link: None,
            unknown: None,
            skipped: 0,
            ready: VecDeque::new(),
            about: About::default(),
        };
        // Read up to the first samples, to know what they are.
        loop {
            let is_over = ogg.step().map_err(|error| error.to_string())?;
            if ogg.link.as_ref().is_some_and(Link::has_samples) {
                ogg.about = ogg.describe();
                return Ok(ogg);
            }
            if is_over {
                return Err(match ogg.unknown {
                    Some(name) => unsupported("an Ogg file", &name),
                    None => "is an Ogg file without Vorbis or FLAC in it".to_owned(),
                });
            }
        }
    }

    fn describe(&self) -> About {
        let link = self.link.as_ref();
        About {
            container: "Ogg".to_owned(),
            codec: link.map_or("none", |link| link.codec.name()).to_owned(),
            promised_frames: match link.map(|link| &link.codec) {
                Some(Codec::Flac(stream)) => stream.total_frames(),
                _ => None,
            },
            tags: link.map(|link| link.tags.clone()).unwrap_or_default(),
        }
    }

    fn put(&mut self, stretch: Stretch, bytes: Vec<u8>) {
        self.ready.push_back((stretch, bytes));
    }

    fn note(&mut self, words: &str) {
        self.put(Stretch::Note(words.to_owned()), Vec::new());
    }

    /// The next page, whatever is in it. Returns whether there is none.
    fn step(&mut self) -> io::Result<bool> {
        let (page, skipped) = Page::next(&mut self.window)?;
        self.skipped += skipped;
        let Some(page) = page else {
            self.end_link();
            if self.link.as_ref().is_some_and(|link| !link.is_over) {
                self.note("ends early: it has no last page");
            }
            self.put(Stretch::End, Vec::new());
            return Ok(true);
        };
        if page.is_first() {
            self.begin(&page);
        } else if let Some(link) = self.link.as_mut().filter(|link| link.serial == page.serial) {
            if std::mem::take(&mut self.skipped) > 0 {
                link.lose();
            }
            let decoded = link.page(&page).map_err(io::Error::other)?;
            if let Some(Decoded { spec, before, gap }) = decoded {
                self.put(Stretch::Samples(spec), before);
                if let Some((gap, after)) = gap {
                    self.put(Stretch::Lost(spec, gap), after);
                }
            }
        }
        Ok(false)
    }

    /// A stream begins. Of several that begin together, the first that can be decoded is taken.
    fn begin(&mut self, page: &Page) {
        let is_taken = |link: &Link| !link.is_over && !link.has_samples();
        if self.link.as_ref().is_some_and(is_taken) {
            return;
        }
        let first = page
            .parts()
            .next()
            .map(|part| part.bytes)
            .unwrap_or_default();
        match Codec::of(first) {
            Ok(codec) => {
                self.end_link();
                self.link = Some(Link::new(page, codec));
                self.skipped = 0;
            }
            Err(Some(name)) if self.link.is_some() && is_audio(&name) => {
                self.note(&format!("goes on with {name}, which is not supported"));
            }
            // Sound is what is missed, not the pictures beside it.
            Err(name) if self.unknown.as_deref().is_none_or(|known| !is_audio(known)) => {
                self.unknown = name.or(self.unknown.take());
            }
            Err(_) => {}
        }
    }

    /// No more of this stream follows.
    fn end_link(&mut self) {
        if let Some(link) = &self.link
            && !link.has_samples()
            && !self.about.codec.is_empty()
        {
            self.note("has a part whose headers are damaged; it is left out");
        }
        if let Some(link) = &self.link
            && link.is_missing
            && let Some(spec) = link.spec()
        {
            // No granule position follows that would say how much.
            self.put(Stretch::Lost(spec, 0), Vec::new());
        }
    }
}

fn is_audio(codec: &str) -> bool {
    matches!(codec, "Opus" | "Speex" | "PCM") || codec.starts_with("Vorbis")
}

impl Walk for Ogg {
    fn about(&self) -> About {
        self.about.clone()
    }

    fn next(&mut self, bytes: &mut Vec<u8>) -> io::Result<Stretch> {
        loop {
            if let Some((stretch, mut samples)) = self.ready.pop_front() {
                bytes.append(&mut samples);
                return Ok(stretch);
            }
            self.step()?;
        }
    }
}
