//! Private servers, each test in a process of its own that knows no other.

use std::env;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Tells a process that it is the one that has a server, and where its files are.
const FOLDER: &str = "SERVERS_DIR";
/// Set where the servers are known to be there: a test that is skipped then is a failure.
const REQUIRED: &str = "SERVERS_REQUIRED";
/// A test that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the test in a process with these variables, where `{}` stands for a folder of its own.
pub(crate) fn run(path: &str, programs: &[&str], variables: &[(&str, &str)], body: fn(&Path)) {
    if let Some(folder) = env::var_os(FOLDER) {
        body(Path::new(&folder));
        return;
    }
    let missing: Vec<_> = programs.iter().filter(|name| !is_installed(name)).collect();
    if !missing.is_empty() {
        let words = format!("{path}: {missing:?} cannot be found");
        assert!(env::var_os(REQUIRED).is_none(), "{words}");
        // Not through eprintln, which the test harness hides.
        let _ = writeln!(io::stderr(), "SKIPPED {words}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_, name) = path.split_once("::").unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .env(FOLDER, folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for (variable, value) in variables {
        let value = value.replace("{}", &folder.path().display().to_string());
        command.env(variable, value);
    }
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    let in_time = loop {
        if child.try_wait().unwrap().is_some() {
            break true;
        }
        if begin.elapsed() > LIMIT {
            let _ = child.kill();
            break false;
        }
        thread::sleep(Duration::from_millis(10));
    };
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(in_time, "it hangs: {said}");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A running program, which dies with this, or with the process that started it, and is waited for:
/// JACK takes a zombie for a server that runs, and has room for eight that did not end in peace.
pub(crate) struct Server {
    guard: Child,
    pid: PathBuf,
    /// While this is open the program lives.
    _leash: Option<ChildStdin>,
}

impl Server {
    pub(crate) fn start(program: &str, arguments: &[String], log: PathBuf) -> Self {
        let pid = log.with_extension("pid");
        let log = std::fs::File::create(log).unwrap();
        let mut guard = Command::new("sh")
            .args([
                "-c",
                "\"$@\" & echo $! > \"$0\"; cat > /dev/null; kill $!; wait",
            ])
            .arg(&pid)
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let leash = guard.stdin.take();
        Self {
            guard,
            pid,
            _leash: leash,
        }
    }

    /// As a crash would.
    pub(crate) fn kill(self) {
        let pid = std::fs::read_to_string(&self.pid).unwrap();
        let pid = Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
    }

    fn end(&mut self) {
        self._leash = None;
        let _ = self.guard.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a program to its successful end and returns what it said.
pub(crate) fn ask(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    if output.status.success() {
        Ok(said)
    } else {
        Err(said)
    }
}

pub(crate) fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !done() {
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "waited for {what} in vain"
        );
        thread::sleep(Duration::from_millis(5));
    }
}
