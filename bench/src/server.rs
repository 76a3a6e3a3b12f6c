//! The program under test: importing, and running as a server.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

const EMAIL: &str = "bench@shop.example";
pub const PASSWORD: &str = "only for measuring";

/// The program and its database.
pub struct Server {
    program: PathBuf,
    database: String,
    folder: tempfile::TempDir,
    import_memory: Mutex<f64>,
}

/// A server that answers requests; it ends with this value.
pub struct Running {
    child: Child,
    _out: BufReader<ChildStdout>,
    pub address: String,
    pub token: String,
    pub started_after: Duration,
}

impl Server {
    pub fn new(program: &Path, database: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { program: program.to_owned(), database: database.to_owned(), folder, import_memory: Mutex::new(0.0) }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--database", &self.database, "--log", "error", "--data-dir"]);
        command.arg(self.folder.path());
        command
    }

    /// Imports a file; answers the seconds it took.
    pub fn import(&self, file: &Path) -> f64 {
        let file = file.display().to_string();
        let mut command = self.command(&["import", "customers", &file]);
        let started = Instant::now();
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
        let status = loop {
            let memory = peak_memory_mb(child.id());
            let mut most = self.import_memory.lock().expect("one thread");
            *most = most.max(memory);
            drop(most);
            match child.try_wait().expect("its state") {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        assert!(status.success(), "the import failed: {status}");
        started.elapsed().as_secs_f64()
    }

    pub fn import_memory_mb(&self) -> f64 {
        *self.import_memory.lock().expect("one thread")
    }

    /// Starts the server, with somebody who may do everything.
    pub fn start(&self) -> Running {
        let mut add = self
            .command(&[
                "staff", "add", "--email", EMAIL, "--name", "Bench", "--role", "administrator", "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("the program runs");
        writeln!(add.stdin.take().expect("its input"), "{PASSWORD}").expect("written");
        assert!(add.wait().expect("it ends").success());
        let token = self.command(&["token", "create", "--staff", EMAIL, "--name", "bench"]).output().expect("a token");
        let started = Instant::now();
        let mut child = self
            .command(&["serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let address = line.trim().rsplit(' ').next().unwrap_or_default().to_owned();
        let token = String::from_utf8_lossy(&token.stdout).trim().to_owned();
        Running { child, _out: out, address, token, started_after: started.elapsed() }
    }
}

impl Running {
    pub fn email(&self) -> &'static str {
        EMAIL
    }

    /// Memory the server holds.
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

fn peak_memory_mb(process: u32) -> f64 {
    status_mb(process, "VmHWM:")
}

fn status_mb(process: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kilobytes: Option<f64> = line.and_then(|rest| rest.split_whitespace().next()?.parse().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}
