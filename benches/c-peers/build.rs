//! Compiles the shim of each library that is there, and passes on the names of those that are not.

use std::env;
use std::path::Path;

/// The shims, each with the libraries that it needs as pkg-config knows them.
const SHIMS: [(&str, &[&str]); 6] = [
    ("swresample", &["libswresample", "libavutil"]),
    ("sdl2", &["sdl2"]),
    ("soxr", &["soxr"]),
    ("samplerate", &["samplerate"]),
    ("speexdsp", &["speexdsp"]),
    ("spa", &["libspa-0.2"]),
];

fn main() {
    println!("cargo::rerun-if-changed=shim");
    println!("cargo::rerun-if-env-changed=MINIAUDIO");
    let mut skipped = Vec::new();
    for (shim, libraries) in SHIMS {
        let mut build = cc::Build::new();
        let mut missing = None;
        for name in libraries {
            match pkg_config::Config::new().probe(name) {
                Ok(library) => {
                    build.includes(library.include_paths);
                }
                Err(_) => missing = Some(name),
            }
        }
        match missing {
            None => compile(&mut build, shim),
            Some(name) => skipped.push(format!("{shim}: pkg-config knows no {name}")),
        }
    }
    let header = env::var("MINIAUDIO").unwrap_or_default();
    match Path::new(&header)
        .parent()
        .filter(|_| Path::new(&header).exists())
    {
        Some(folder) => {
            compile(cc::Build::new().include(folder), "miniaudio");
            println!("cargo::rerun-if-changed={header}");
        }
        None => skipped.push("miniaudio: MINIAUDIO names no miniaudio.h".to_owned()),
    }
    println!("cargo::rustc-env=SKIPPED={}", skipped.join("; "));
}

/// As a distribution compiles it: `-O2`.
fn compile(build: &mut cc::Build, shim: &str) {
    if shim == "spa" {
        let plugins = pkg_config::get_variable("libspa-0.2", "plugindir").unwrap_or_default();
        build.define("PLUGINS", format!("\"{plugins}\"").as_str());
    }
    build
        .file(format!("shim/{shim}.c"))
        .opt_level(2)
        .warnings(false)
        .compile(&format!("shim_{shim}"));
    println!("cargo::rustc-cfg=has=\"{shim}\"");
}
