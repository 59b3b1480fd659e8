//! Compiles the shim of each library that is there, and passes on the names of those that are not.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The shims, each with the libraries that it needs as pkg-config knows them.
const SHIMS: [(&str, &[&str]); 5] = [
    ("swresample", &["libswresample", "libavutil"]),
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
    match sdl3() {
        Ok(headers) => compile(cc::Build::new().include(headers), "sdl3"),
        Err(why) => skipped.push(format!("sdl3: {why}")),
    }
    println!("cargo::rustc-env=SKIPPED={}", skipped.join("; "));
}

/// Builds SDL 3, which Debian 12 has not, from the source that the registry has, and returns where its headers are.
fn sdl3() -> Result<PathBuf, String> {
    let has_cmake = Command::new("cmake").arg("--version").output();
    has_cmake.map_err(|error| format!("cmake: {error}"))?;
    let mut build = cmake::Config::new(sdl3_src::SOURCE_DIR);
    // Its streams alone are wanted.
    let without = [
        "CAMERA", "DIALOG", "GPU", "HAPTIC", "HIDAPI", "JOYSTICK", "POWER", "RENDER", "SENSOR",
        "TRAY", "VIDEO",
    ];
    for part in without {
        build.define(format!("SDL_{part}"), "OFF");
    }
    build
        .define("SDL_SHARED", "OFF")
        .define("SDL_STATIC", "ON")
        .define("SDL_UNIX_CONSOLE_BUILD", "ON")
        .define("SDL_TEST_LIBRARY", "OFF")
        .profile("Release");
    let built = build.build();
    println!("cargo::rustc-link-search={}", built.join("lib").display());
    println!("cargo::rustc-link-lib=static=SDL3");
    Ok(built.join("include"))
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
