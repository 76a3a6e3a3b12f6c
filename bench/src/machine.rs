//! What it was measured on.

use std::io::Write;
use std::process::Command;

use super::times::Times;

fn first_of(file: &str, key: &str) -> String {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
    line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
}

fn told_by(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Processor, memory, disk, system and day, in one line each.
pub fn describe() -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kilobytes: f64 =
        first_of("/proc/meminfo", "MemTotal").split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0.0);
    vec![
        format!("{cores} cores of {}", first_of("/proc/cpuinfo", "model name")),
        format!("{:.0} GB of memory", kilobytes / 1024.0 / 1024.0),
        format!("disk: {:.2} ms to write 4 kB durably (median of 100)", durable_write().percentile(50)),
        format!("Linux {}", told_by("uname", &["-r"])),
        told_by("date", &["-u", "+%Y-%m-%d"]),
    ]
}

fn durable_write() -> Times {
    let mut file = tempfile::tempfile().expect("a file");
    Times::of(100, |_| {
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("durable");
    })
}
