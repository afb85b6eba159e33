//! Progress: one changing line on a terminal, plain lines otherwise.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use executor::{Event, Finish, Progress};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows what a build does, on standard error.
pub struct Console {
    bar: Option<ProgressBar>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    planned: usize,
    done: usize,
    running: BTreeMap<usize, String>,
}

impl Console {
    /// A console for standard error, whatever that is.
    pub fn new() -> Console {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} [{elapsed}] {wide_msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Console {
            bar,
            state: Mutex::default(),
        }
    }

    /// Clears the changing line.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }

    fn show(&self, state: &State) {
        if let Some(bar) = &self.bar {
            let running: Vec<&str> = state.running.values().map(String::as_str).collect();
            bar.set_message(format!(
                "{}/{} {}",
                state.done,
                state.planned,
                running.join(", ")
            ));
        }
    }
}

impl Progress for Console {
    fn event(&self, event: Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Waiting => self.line("waiting for another build in this checkout"),
            Event::WeakSandbox(found) => self.line(&format!(
                "warning: this machine gives only a weaker sandbox ({found}); results stay in this checkout"
            )),
            Event::Planned { actions } => state.planned = actions,
            Event::Started { id, action } => {
                state.running.insert(id.0, action.to_string());
                if self.bar.is_none() && is_long(&action.category) {
                    self.line(&format!("[{}/{}] {action} …", state.done, state.planned));
                }
            }
            Event::Finished { id, action, finish, time, output } => {
                state.done += 1;
                state.running.remove(&id.0);
                if finish == Finish::Executed && self.bar.is_none() {
                    self.line(&format!("[{}/{}] {action} {:.1} s", state.done, state.planned, time.as_secs_f64()));
                }
                if finish == Finish::Executed && !output.trim().is_empty() {
                    self.line(output.trim_end());
                }
            }
        }
        self.show(&state);
    }
}

/// Whether an action is likely to take so long that its start is worth a line.
fn is_long(category: &str) -> bool {
    category.starts_with("fetch_") || category == "cargo_build"
}
