//! Running the built program in a folder of its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A shop that only the command line touches.
pub struct Shop {
    folder: TempDir,
}

/// What a command said and ended with.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Shop {
    pub fn new() -> Self {
        let place = std::env::var_os("CLIENTELE_TEST_FOLDER").map_or_else(std::env::temp_dir, PathBuf::from);
        let folder = tempfile::Builder::new().prefix("clientele-cli-").tempdir_in(place).expect("a temporary folder");
        Self { folder }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the shop's folder.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// The program, ready to be given arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clientele"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("CLIENTELE_LOG", "error")
            .env("CLIENTELE_CHEAP_HASHES", "true")
            .env_remove("CLIENTELE_DATABASE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        said(self.command(arguments).output().expect("the program runs"))
    }

    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Said {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().expect("the program runs");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
        said(child.wait_with_output().expect("it ends"))
    }

    /// Runs a command that must succeed; answers what it printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!(said.code, 0, "{arguments:?}: {}{}", said.out, said.err);
        said.out
    }
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A file of the tests of the customers crate.
pub fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../customers/tests/data").join(name).display().to_string()
}
