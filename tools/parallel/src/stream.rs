use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many items a thread may be ahead of the result that is taken next.
const AHEAD: usize = 4;

/// Works on items as they come, on up to `threads` threads, and hands the results
/// to `take` in the items' order. Only a few of them are held at once, however many
/// there are. `own` makes what a thread needs for itself. Ends early when `take`
/// breaks; a panic of the work is one of the caller.
pub fn each_in_order<S, T, R: Send>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    own: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, T) -> R + Sync,
    mut take: impl FnMut(R) -> ControlFlow<()>,
) {
    if threads <= 1 {
        let mut own = own();
        for item in items {
            if take(work(&mut own, item)).is_break() {
                return;
            }
        }
        return;
    }
    let queue = Queue::new(items, threads * AHEAD);
    let run = || {
        let _end = EndOnPanic(&queue);
        let mut own = own();
        while let Some((index, item)) = queue.next() {
            queue.put(index, work(&mut own, item));
        }
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        while let Some(result) = queue.take() {
            if take(result).is_break() {
                queue.end();
            }
        }
        for worker in workers {
            if let Err(panic) = worker.join() {
                std::panic::resume_unwind(panic);
            }
        }
    });
}

/// Items that are to be worked on, and results that are to be taken.
struct Queue<I, R> {
    state: Mutex<State<I, R>>,
    changed: Condvar,
    /// How many items may be worked on or wait to be taken.
    most: usize,
}

struct State<I, R> {
    items: I,
    /// Whether there are no more items, or none are wanted.
    is_ended: bool,
    given: usize,
    taken: usize,
    done: BTreeMap<usize, R>,
}

impl<I: Iterator, R> Queue<I, R> {
    fn new(items: I, most: usize) -> Self {
        let state = State {
            items,
            is_ended: false,
            given: 0,
            taken: 0,
            done: BTreeMap::new(),
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            most,
        }
    }

    fn wait_while<'s>(
        &self,
        state: MutexGuard<'s, State<I, R>>,
        condition: impl Fn(&State<I, R>) -> bool,
    ) -> MutexGuard<'s, State<I, R>> {
        let waited = self.changed.wait_while(state, |state| condition(state));
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// The next item with its number, once it is not too far ahead.
    fn next(&self) -> Option<(usize, I::Item)> {
        let is_ahead = |state: &State<I, R>| state.given >= state.taken + self.most;
        let mut state = self.wait_while(self.state(), |s| !s.is_ended && is_ahead(s));
        if state.is_ended {
            return None;
        }
        let Some(item) = state.items.next() else {
            state.is_ended = true;
            self.changed.notify_all();
            return None;
        };
        state.given += 1;
        Some((state.given - 1, item))
    }

    fn put(&self, index: usize, result: R) {
        let mut state = self.state();
        state.done.insert(index, result);
        if index == state.taken {
            self.changed.notify_all();
        }
    }

    /// The next result; none after the last.
    fn take(&self) -> Option<R> {
        let is_coming = |state: &State<I, R>| !state.is_over() && state.waits();
        let mut state = self.wait_while(self.state(), is_coming);
        if state.is_over() {
            return None;
        }
        let next = state.taken;
        let result = state.done.remove(&next)?;
        state.taken += 1;
        self.changed.notify_all();
        Some(result)
    }
}

impl<I, R> Queue<I, R> {
    fn state(&self) -> MutexGuard<'_, State<I, R>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No more items are given out, and no result is waited for.
    fn end(&self) {
        let mut state = self.state();
        state.is_ended = true;
        state.given = state.taken;
        state.done.clear();
        self.changed.notify_all();
    }
}

impl<I, R> State<I, R> {
    /// Whether every result that is wanted was taken.
    fn is_over(&self) -> bool {
        self.is_ended && self.taken == self.given
    }

    /// Whether the next result is not there yet.
    fn waits(&self) -> bool {
        !self.done.contains_key(&self.taken)
    }
}

/// Ends the queue when its thread panics, so that nobody waits for its result.
struct EndOnPanic<'q, I, R>(&'q Queue<I, R>);

impl<I, R> Drop for EndOnPanic<'_, I, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::each_in_order;
    use std::ops::ControlFlow;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    fn squares(threads: usize, count: u64) -> Vec<u64> {
        let mut taken = Vec::new();
        each_in_order(
            threads,
            0..count,
            || (),
            |(), item| {
                // The earlier of a few take longer.
                std::thread::sleep(Duration::from_micros((7 - item % 7) * 100));
                item * item
            },
            |result| {
                taken.push(result);
                ControlFlow::Continue(())
            },
        );
        taken
    }

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let expected: Vec<u64> = (0..100).map(|item| item * item).collect();
        for threads in [0, 1, 3, 16] {
            assert_eq!(squares(threads, 100), expected, "{threads} threads");
            assert!(squares(threads, 0).is_empty());
        }
    }

    #[test]
    fn items_are_not_fetched_long_before_their_results_are_taken() {
        let (fetched, most) = (AtomicUsize::new(0), 3 * super::AHEAD);
        let items = (0..200).inspect(|_| {
            fetched.fetch_add(1, Ordering::SeqCst);
        });
        let mut taken = 0;
        each_in_order(
            3,
            items,
            || (),
            |(), item| item,
            |_| {
                std::thread::sleep(Duration::from_micros(200));
                taken += 1;
                assert!(fetched.load(Ordering::SeqCst) <= taken + most);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken, 200);
    }

    #[test]
    fn who_has_seen_enough_ends_it() {
        for threads in [1, 4] {
            let mut taken = Vec::new();
            each_in_order(
                threads,
                0..,
                || (),
                |(), item: u32| item,
                |result| {
                    taken.push(result);
                    match result {
                        9 => ControlFlow::Break(()),
                        _ => ControlFlow::Continue(()),
                    }
                },
            );
            assert_eq!(taken, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    #[should_panic(expected = "seven")]
    fn a_panic_of_the_work_is_the_callers() {
        let work = |(): &mut (), item: u32| assert_ne!(item, 7, "seven");
        each_in_order(3, 0..1000, || (), work, |()| ControlFlow::Continue(()));
    }
}
