//! Renders a case with every program and compares.

use std::{
    fs, io,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use pipeline_conformance::{Case, compare};

/// A render to compare.
pub(crate) struct Job {
    pub(crate) name: String,
    case: Option<Case>,
    arguments: Vec<String>,
}

impl Job {
    /// A drawn pipeline.
    pub(crate) fn drawn(seed: u64, case: Case) -> Self {
        Self {
            name: format!("pipeline {seed}"),
            arguments: case.arguments(),
            case: Some(case),
        }
    }

    /// A render of files that are there, named after its first.
    pub(crate) fn given(arguments: &str) -> Self {
        let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
        Self {
            name: arguments.first().cloned().unwrap_or_default(),
            arguments,
            case: None,
        }
    }

    fn write(&self, folder: &Path) -> io::Result<()> {
        for (name, text) in self.case.iter().flat_map(|case| &case.files) {
            fs::write(folder.join(name), text)?;
        }
        Ok(())
    }

    /// Writes the files of a drawn pipeline to a folder of its name.
    pub(crate) fn keep(&self, folder: &Path) -> io::Result<()> {
        let folder = folder.join(self.name.replace(' ', "-"));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("arguments"), self.arguments.join("\n"))?;
        self.write(&folder)
    }
}

/// The programs, and the functions that the CLI calls.
pub(crate) struct Judge {
    ours: PathBuf,
    core: PathBuf,
    cli: Option<Cli>,
    libkcl: Option<PathBuf>,
    same_bytes: AtomicUsize,
    failures: AtomicUsize,
}

/// The crossplane CLI with a file of Functions at our servers' addresses.
struct Cli {
    program: PathBuf,
    functions: tempfile::NamedTempFile,
    servers: Vec<Child>,
}

impl Drop for Cli {
    fn drop(&mut self) {
        for server in &mut self.servers {
            // It may have ended by itself.
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

impl Judge {
    pub(crate) fn new(
        ours: &Path,
        core: &Path,
        cli: Option<&Path>,
        libkcl: Option<&Path>,
        function_kcl: Option<&str>,
    ) -> Result<Self, String> {
        let absolute = |path: &Path| {
            fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let ours = absolute(ours)?;
        let libkcl = libkcl.map(absolute).transpose()?;
        let cli =
            cli.map(|program| start(&absolute(program)?, &ours, libkcl.as_deref(), function_kcl));
        Ok(Self {
            core: absolute(core)?,
            cli: cli.transpose()?,
            ours,
            libkcl,
            same_bytes: AtomicUsize::new(0),
            failures: AtomicUsize::new(0),
        })
    }

    /// The first difference of each job.
    pub(crate) fn all(&self, jobs: &[Job]) -> Result<Vec<Option<String>>, String> {
        let next = AtomicUsize::new(0);
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let work = || {
            let mut done = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else {
                    return Ok(done);
                };
                done.push((index, self.one(job)?));
            }
        };
        let mut all = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let done = workers.into_iter().map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| Err("a comparison panicked".to_owned()))
            });
            done.collect::<Result<Vec<_>, String>>()
        })?
        .concat();
        all.sort_by_key(|(index, _)| *index);
        Ok(all.into_iter().map(|(_, difference)| difference).collect())
    }

    /// What the comparisons came to beside their verdicts.
    pub(crate) fn told(&self) -> String {
        format!(
            "{} renders failed on both sides with one message, {} were the CLI's byte for byte",
            self.failures.load(Ordering::Relaxed),
            self.same_bytes.load(Ordering::Relaxed)
        )
    }

    fn one(&self, job: &Job) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        job.write(folder.path())
            .map_err(|error| error.to_string())?;
        let place = match job.case {
            Some(_) => folder.path(),
            None => Path::new("."),
        };
        let flags = ["-r", "--show-deleted"];
        let ours = self.render(job, place, &flags)?;
        let binary = format!("--crossplane-binary={}", self.core.display());
        let real = self.render(job, place, &[flags[0], flags[1], &binary])?;
        let difference = self.difference(&real, &ours);
        if difference.is_some() {
            return Ok(difference);
        }
        match (&self.cli, &job.case) {
            (Some(cli), Some(_)) => self.against_cli(job, place, cli),
            _ => Ok(None),
        }
    }

    fn render(&self, job: &Job, place: &Path, more: &[&str]) -> Result<Output, String> {
        let mut command = Command::new(&self.ours);
        command.args(&job.arguments).args(more).current_dir(place);
        if let Some(libkcl) = &self.libkcl {
            command.arg("--libkcl").arg(libkcl);
        }
        command
            .output()
            .map_err(|error| format!("{}: {error}", self.ours.display()))
    }

    fn difference(&self, want: &Output, got: &Output) -> Option<String> {
        let [want_text, got_text] =
            [want, got].map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
        let [want_error, got_error] = [want, got].map(|output| message(&output.stderr));
        if want.status.code() != got.status.code() {
            return Some(format!(
                "exit status: want {}, got {}\nwant: {want_error}\ngot: {got_error}",
                want.status, got.status
            ));
        }
        if want.status.success() {
            return compare(&want_text, &got_text);
        }
        self.failures.fetch_add(1, Ordering::Relaxed);
        (want_error != got_error).then(|| format!("message:\nwant: {want_error}\ngot: {got_error}"))
    }

    fn against_cli(&self, job: &Job, place: &Path, cli: &Cli) -> Result<Option<String>, String> {
        let ours = self.render(job, place, &["-r"])?;
        let real = Command::new(&cli.program)
            .args(["composition", "render"])
            .args(&job.arguments[..2])
            .arg(cli.functions.path())
            .args(&job.arguments[2..])
            .arg("-r")
            .arg(format!("--crossplane-binary={}", self.core.display()))
            .current_dir(place)
            .output()
            .map_err(|error| format!("{}: {error}", cli.program.display()))?;
        if real.status.code() != ours.status.code() {
            return Ok(Some(format!(
                "exit status of the CLI: want {}, got {}\nwant: {}\ngot: {}",
                real.status,
                ours.status,
                message(&real.stderr),
                message(&ours.stderr)
            )));
        }
        if real.stdout == ours.stdout {
            self.same_bytes.fetch_add(1, Ordering::Relaxed);
            return Ok(None);
        }
        let [want, got] = [real, ours].map(|o| String::from_utf8_lossy(&o.stdout).into_owned());
        Ok(compare(&want, &got).map(|difference| format!("the CLI's output: {difference}")))
    }
}

/// An error without the warnings after it and the place below it.
fn message(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines = text.lines().take_while(|line| !line.starts_with("  -->"));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

/// Starts our two functions for the CLI; `function_kcl` is the address of one
/// that takes the place of ours.
fn start(
    program: &Path,
    ours: &Path,
    libkcl: Option<&Path>,
    function_kcl: Option<&str>,
) -> Result<Cli, String> {
    let failed = |error: io::Error| format!("the functions cannot be served: {error}");
    let mut cli = Cli {
        program: program.to_owned(),
        functions: tempfile::Builder::new()
            .suffix(".yaml")
            .tempfile()
            .map_err(failed)?,
        servers: Vec::new(),
    };
    let mut functions = String::new();
    for (function, name) in [
        ("kcl", "function-kcl"),
        ("auto-ready", "function-auto-ready"),
    ] {
        let given = function_kcl.filter(|_| function == "kcl");
        let address = match given {
            Some(address) => address.to_owned(),
            None => {
                let address = free_address().map_err(failed)?;
                let server = serve(ours, function, &address, libkcl);
                cli.servers.push(server.map_err(failed)?);
                address
            }
        };
        await_server(&address)?;
        functions += &format!(
            "---\napiVersion: pkg.crossplane.io/v1\nkind: Function\nmetadata:\n  name: {name}\n  \
             annotations:\n    render.crossplane.io/runtime: Development\n    \
             render.crossplane.io/runtime-development-target: {address}\nspec:\n  package: {name}\n"
        );
    }
    fs::write(cli.functions.path(), functions).map_err(failed)?;
    Ok(cli)
}

fn serve(ours: &Path, function: &str, address: &str, libkcl: Option<&Path>) -> io::Result<Child> {
    let mut command = Command::new(ours);
    command.args(["serve", "--insecure", "--function", function]);
    command.args(["--address", address]);
    if let Some(libkcl) = libkcl {
        command.arg("--libkcl").arg(libkcl);
    }
    command.stderr(Stdio::null()).spawn()
}

fn free_address() -> io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn await_server(address: &str) -> Result<(), String> {
    for _ in 0..200 {
        if std::net::TcpStream::connect(address).is_ok() {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(25));
    }
    Err(format!("the function at {address} does not listen"))
}
