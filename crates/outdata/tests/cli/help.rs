//! What the tool says of itself.

use crate::bench::{Bench, assert_fails, text};

#[test]
fn without_a_command_it_says_what_there_is() {
    let output = Bench::new().run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let help = text(&output.stderr);
    for words in ["render", "completions", "Examples:", "outdata demo"] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn help_has_examples_and_the_list_of_formats() {
    let bench = Bench::new();
    let help = bench.run(&["--help"]);
    assert!(help.status.success());
    let help = text(&help.stdout);
    assert!(help.contains("Examples:") && help.contains("s24_32hle"));
    for command in [
        "render",
        "play",
        "record",
        "bench",
        "info",
        "doctor",
        "completions",
    ] {
        let help = bench.run(&[command, "--help"]);
        let help = text(&help.stdout);
        assert!(help.contains(&format!("outdata {command} ")), "{help}");
    }
    // Among the options, not under the heading of the last ones.
    for command in ["render", "play", "record"] {
        let help = bench.run(&[command, "-h"]);
        let help = text(&help.stdout);
        let mut sections = help.split("\n\n");
        let options = sections.find(|section| section.starts_with("Options:"));
        assert!(options.unwrap().contains("--report"), "{help}");
    }
}

/// A full disk swallows no word without saying so, whoever asks. (A pipe that is closed is no failure.)
#[cfg(target_os = "linux")]
#[test]
fn words_that_cannot_be_written_are_a_failure() {
    use std::fs::File;
    use std::process::{Command, Stdio};

    let run = |arguments: &[&str], stdout: Stdio| {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_outdata"));
        tool.args(arguments).env("ALSA_CONFIG_PATH", "/dev/null");
        tool.stdout(stdout).stderr(Stdio::piped());
        tool.spawn().unwrap().wait_with_output().unwrap()
    };
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["-V"],
        &["render", "--help"],
        &["help", "render"],
        &["man"],
        &["completions", "bash"],
        &["devices"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = run(arguments, full.into());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        let expected = "outdata: standard output: No space left on device";
        // A build without real devices has something to say before.
        assert!(said.contains(expected), "{arguments:?}: {said}");
        let (reader, closed) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(arguments, closed.into());
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let said = text(&output.stderr);
        assert!(!said.contains("standard output"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_misspelt_gets_a_suggestion_and_its_own_help() {
    let bench = Bench::new();
    assert_fails(&bench.run(&["rendr"]), 2, "'render'; see outdata --help");
    let wrong = bench.run(&["render", "a", "b", "--to", "48000x2:s16"]);
    assert_fails(&wrong, 2, "did you mean s16le?; see outdata render --help");
    let wrong = bench.run(&["play", "a", "--devise", "null"]);
    assert_fails(&wrong, 2, "'--device'");
}

/// What is no text is no command, and no panic.
#[cfg(unix)]
#[test]
fn a_command_that_is_no_text_is_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let mut tool = std::process::Command::new(env!("CARGO_BIN_EXE_outdata"));
    let output = tool.arg(OsStr::from_bytes(b"\xFF")).output().unwrap();
    assert_fails(&output, 2, "see outdata --help");
}

#[test]
fn shells_and_man_are_told_of_every_command() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = bench.run(&["completions", shell]);
        assert!(script.status.success(), "{shell}");
        let script = text(&script.stdout);
        assert!(
            script.contains("doctor") && script.contains("bench"),
            "{shell}"
        );
    }
    let page = bench.run(&["man"]);
    let page = text(&page.stdout);
    assert!(page.starts_with(".ie") && page.matches(".TH").count() > 9);
    assert!(
        page.contains("on\\-loss") || page.contains("on-loss"),
        "{page}"
    );
}
