//! What a measurement was made on.

use std::env;
use std::fs;
use std::process::Command;

/// The crates that have kernels for several instruction sets, and which of these runs here.
pub(crate) fn backends() -> [(&'static str, &'static str); 3] {
    [
        ("pcm-convert", pcm_convert::Backend::detect().name()),
        ("channel-mix", channel_mix::Backend::detect().name()),
        ("rate-convert", rate_convert::Backend::detect().name()),
    ]
}

/// The processor's name, where the system tells it, else its architecture.
pub(crate) fn processor() -> String {
    let name = match env::consts::OS {
        "linux" | "android" => fs::read_to_string("/proc/cpuinfo")
            .ok()
            .and_then(|text| model_name(&text)),
        "macos" => Command::new("sysctl")
            .args(["-n", "machdep.cpu.brand_string"])
            .output()
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned()),
        "windows" => env::var("PROCESSOR_IDENTIFIER").ok(),
        _ => None,
    };
    let name = name.map(|name| name.trim().to_owned());
    name.filter(|name| !name.is_empty())
        .unwrap_or_else(|| env::consts::ARCH.to_owned())
}

/// Of the first processor in `/proc/cpuinfo`. Arm's have no name there.
fn model_name(text: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let found = lines.find(|(key, _)| key.trim() == "model name");
    found.map(|(_, name)| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_processor_is_named() {
        let text = "processor\t: 0\nmodel\t\t: 17\nmodel name\t: A: B\n\nmodel name\t: C\n";
        assert_eq!(model_name(text).as_deref(), Some(" A: B"));
        assert_eq!(model_name("processor\t: 0\nCPU part\t: 0xd40\n"), None);
    }
}
