//! A template, the child's side: a program is compiled and runs up to its first
//! `option()`; there the process waits, and a copy of it goes on for each run.
//!
//! A copy is a fork: it has its own memory from there on, so no run sees
//! another. It ends with its result, and never frees what it inherited.

use std::{
    ffi::CString,
    fs::File,
    io::{self, PipeReader, PipeWriter, Stdin},
    process,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use nix::sys::wait::{WaitStatus, waitpid};

use crate::{
    binding::{Copy, Observer, Use, compile_ahead, compiled_here, copy_process, end_process},
    frame::{self, Answer},
    worker::end_with_parent,
};

/// Whether this process is a template, whose program has read no option yet, or
/// runs the program with options.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stage(Arc<AtomicBool>);

impl Stage {
    pub(crate) fn is_run(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn become_run(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Serves runs of one program.
pub(crate) struct Copies {
    stage: Stage,
    requests: Stdin,
    answers: File,
    /// What the program has not read yet: KCL parses an option that it is given.
    unread: Vec<(CString, CString)>,
    /// Where a copy tells its original what other copies may need.
    original: Option<PipeWriter>,
}

impl Copies {
    pub(crate) fn new(stage: Stage, requests: Stdin, answers: File) -> Self {
        Self {
            stage,
            requests,
            answers,
            unread: Vec::new(),
            original: None,
        }
    }

    /// Gives the options of the run that this process is for.
    fn next(&mut self) -> io::Result<Vec<(CString, CString)>> {
        while let Some(request) = frame::read(&mut self.requests, u64::MAX)? {
            let run = frame::decode_run(&request)?;
            if run.is_last || self.is_copy()? {
                self.stage.become_run();
                return Ok(run.options);
            }
        }
        process::exit(0)
    }

    /// Makes a copy of the process and waits for its end; true in the copy.
    fn is_copy(&mut self) -> io::Result<bool> {
        let template = process::id();
        let (told, original) = io::pipe()?;
        match copy_process()? {
            Copy::Itself => {
                end_with_parent(i32::try_from(template).unwrap_or_default())?;
                self.original = Some(original);
                Ok(true)
            }
            Copy::Of(copy) => {
                drop(original);
                let patterns = patterns_from(told)?;
                match waitpid(copy, None)? {
                    WaitStatus::Exited(_, 0) => compile_ahead(&patterns),
                    // Part of an answer may stand in the pipe already.
                    _ => process::exit(1),
                }
                Ok(false)
            }
        }
    }

    /// Tells the original the patterns that its next copy will match.
    fn tell_patterns(&mut self) -> io::Result<()> {
        let Some(mut original) = self.original.take() else {
            return Ok(());
        };
        for (pattern, text) in compiled_here() {
            frame::write(&mut original, pattern.as_bytes())?;
            frame::write(&mut original, text.as_bytes())?;
        }
        Ok(())
    }

    /// Answers and ends the process.
    fn answer(&mut self, answer: Answer, bytes: &[u8]) -> ! {
        let written = frame::write(&mut self.answers, &frame::encode_answer(answer, bytes));
        let told = self.tell_patterns();
        end_process(i32::from(written.is_err() || told.is_err()))
    }

    /// The program has ended without handing over a result.
    pub(crate) fn give_up(answers: &mut File, answer: Answer) -> io::Result<()> {
        frame::write(answers, &frame::encode_answer(answer, b""))
    }
}

fn patterns_from(mut copy: PipeReader) -> io::Result<Vec<Use>> {
    let mut read = || -> io::Result<Option<String>> {
        let text = frame::read(&mut copy, u64::MAX)?;
        text.map(|text| String::from_utf8(text).map_err(io::Error::other))
            .transpose()
    };
    let mut uses = Vec::new();
    while let (Some(pattern), Some(text)) = (read()?, read()?) {
        uses.push((pattern, text));
    }
    Ok(uses)
}

impl Observer for Copies {
    fn options(&mut self, name: Option<&[u8]>) -> Vec<(CString, CString)> {
        if !self.stage.is_run() {
            self.unread = self.next().unwrap_or_else(|_| process::exit(1));
        }
        let is_asked =
            |option: &mut (CString, CString)| name.is_none_or(|name| option.0.as_bytes() == name);
        self.unread.extract_if(.., is_asked).collect()
    }

    fn finish(&mut self, json: &[u8]) {
        let answer = match self.stage.is_run() {
            true => Answer::Result,
            false => Answer::Constant,
        };
        self.answer(answer, json)
    }
}
