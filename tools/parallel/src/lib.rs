//! The same work on many things at once, with the results of one after the other.
//!
//! - [`map`], [`map_with`]: of things that are there already
//! - [`each_in_order`]: of things that come and go

mod stream;

pub use stream::each_in_order;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` gives for each item, in the items' order, on up to `threads` threads.
pub fn map<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_with(threads, items, || (), |(), item| work(item))
}

/// The same for work that needs something which threads cannot share: each makes
/// its own. A panic of the work is one of the caller.
pub fn map_with<S, T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    own: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads <= 1 {
        let mut own = own();
        return items.iter().map(|item| work(&mut own, item)).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let (mut own, mut done) = (own(), Vec::new());
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            match items.get(index) {
                Some(item) => done.push((index, work(&mut own, item))),
                None => return done,
            }
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let joined = workers.into_iter().map(|worker| match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        joined.flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::{map, map_with};

    #[test]
    fn the_order_is_the_items() {
        let items: Vec<usize> = (0..100).collect();
        let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
        for threads in [0, 1, 7, 200] {
            assert_eq!(map(threads, &items, |item| item * 2), expected);
        }
        assert_eq!(map(4, &items[..3], |item| item * 2), expected[..3]);
        assert!(map(4, &items[..0], |item| item * 2).is_empty());
    }

    #[test]
    fn each_thread_has_what_it_made() {
        let seen = map_with(
            3,
            &[(); 50],
            || 0,
            |count: &mut i32, ()| {
                *count += 1;
                *count
            },
        );
        let firsts = seen.iter().filter(|count| **count == 1).count();
        assert!((1..=3).contains(&firsts), "{seen:?}");
    }
}
