//! Removes what actions leave behind, on a thread of its own: taking a namespace apart and removing
//! folders is mostly waiting, and no action should wait for it.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::spawn::Rest;

/// Takes away rubbish; done with all of it when it is dropped.
#[derive(Default)]
pub(crate) struct Janitor {
    /// Started with the first piece.
    working: Mutex<Option<(Sender<Piece>, JoinHandle<()>)>>,
}

struct Piece {
    folder: PathBuf,
    rest: Option<Rest>,
}

impl Piece {
    fn clear(self) {
        // The folder is mounted until the sandbox has ended.
        drop(self.rest);
        let _ = store::remove(&self.folder);
    }
}

impl Janitor {
    fn take(&self, piece: Piece) {
        let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
        let (pieces, _) = working.get_or_insert_with(|| {
            let (pieces, received) = channel::<Piece>();
            let thread = std::thread::spawn(move || received.into_iter().for_each(Piece::clear));
            (pieces, thread)
        });
        // It only fails if the thread is gone; the folder goes with the store's own then.
        let _ = pieces.send(piece);
    }
}

impl Drop for Janitor {
    fn drop(&mut self) {
        let working = self
            .working
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((pieces, thread)) = working {
            drop(pieces);
            let _ = thread.join();
        }
    }
}

/// What one action leaves behind; goes to the janitor when the action is done with it.
pub(crate) struct Rubbish<'a> {
    piece: Option<Piece>,
    janitor: &'a Janitor,
}

impl<'a> Rubbish<'a> {
    /// A folder that may or may not be there.
    pub(crate) fn folder(folder: PathBuf, janitor: &'a Janitor) -> Rubbish<'a> {
        Rubbish {
            piece: Some(Piece { folder, rest: None }),
            janitor,
        }
    }

    /// The sandbox that used the folder.
    pub(crate) fn add(&mut self, rest: Rest) {
        if let Some(piece) = &mut self.piece {
            piece.rest = Some(rest);
        }
    }
}

impl Drop for Rubbish<'_> {
    fn drop(&mut self) {
        if let Some(piece) = self.piece.take() {
            self.janitor.take(piece);
        }
    }
}
