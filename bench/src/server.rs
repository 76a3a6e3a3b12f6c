//! The program under test: filling a database, importing, and running as a server.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

pub const EMAIL: &str = "administrator@demo.example";
/// The server tells when it chooses from memory.
const LOG: &str = "error,customers::lineup=info";
const LINED_UP: &str = "chosen from memory";
/// Longest wait for it.
const LINES_UP_WITHIN: Duration = Duration::from_secs(300);
/// Everyone's in a demo shop.
pub const PASSWORD: &str = "clientele-demo";

/// The program and its database.
pub struct Server {
    program: PathBuf,
    pub database: String,
    folder: tempfile::TempDir,
}

/// A server that answers requests; it ends with this value.
pub struct Running {
    child: Child,
    _out: BufReader<ChildStdout>,
    pub address: String,
    pub token: String,
    pub started_after: Duration,
    lined_up: Receiver<Duration>,
}

/// What a finished command took.
pub struct Took {
    pub seconds: f64,
    pub most_memory_mb: f64,
}

impl Server {
    pub fn new(program: &Path, database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { program: program.to_owned(), database: database.to_owned(), folder }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--database", &self.database, "--log", LOG, "--data-dir"]);
        command.arg(self.folder.path());
        command
    }

    /// Makes a shop with staff, groups, channels, lists and `customers` customers.
    pub fn fill(&self, customers: u64) -> Took {
        self.finish(&["demo", "--only-make", "--customers", &customers.to_string()])
    }

    pub fn import(&self, file: &Path) -> Took {
        self.finish(&["import", "customers", &file.display().to_string()])
    }

    fn finish(&self, arguments: &[&str]) -> Took {
        let mut command = self.command(arguments);
        let started = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        let mut most_memory_mb: f64 = 0.0;
        let status = loop {
            most_memory_mb = most_memory_mb.max(status_mb(child.id(), "VmHWM:"));
            match child.try_wait().expect("its state") {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        assert!(status.success(), "{arguments:?} failed: {status}");
        Took { seconds: started.elapsed().as_secs_f64(), most_memory_mb }
    }

    /// Starts the server, with a token that may do everything.
    pub fn start(&self) -> Running {
        let token = self.command(&["token", "create", "--staff", EMAIL, "--name", "bench"]).output().expect("a token");
        let started = Instant::now();
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs");
        let lined_up = told(child.stderr.take().expect("its log"), started);
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
        Running { child, _out: out, address, token, started_after: started.elapsed(), lined_up }
    }
}

/// When the log first says that lists and searches are chosen from memory; the rest of it is shown.
fn told(log: ChildStderr, started: Instant) -> Receiver<Duration> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(log).lines().map_while(Result::ok) {
            if line.contains(LINED_UP) {
                let _nobody_waits = tell.send(started.elapsed());
            } else {
                eprintln!("{line}");
            }
        }
    });
    told
}

impl Running {
    /// Waits until lists and searches are chosen from memory; answers how long after the start that was.
    pub fn warm_up(&self) -> Option<Duration> {
        self.lined_up.recv_timeout(LINES_UP_WITHIN).ok()
    }

    /// Memory the server holds now.
    pub fn memory_mb(&self) -> f64 {
        status_mb(self.child.id(), "VmRSS:")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

fn status_mb(process: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes: Option<f64> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
