//! Many at once, in the order of one after the other.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// What `work` gives for each item, in the items' order, by `jobs` threads.
pub(crate) fn in_order<Item: Sync, Done: Send>(
    items: &[Item],
    jobs: usize,
    work: impl Fn(&Item) -> Done + Sync,
) -> Vec<Done> {
    if jobs <= 1 || items.len() <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    let job = || {
        while let Some((index, item)) = {
            let index = next.fetch_add(1, Ordering::Relaxed);
            items.get(index).map(|item| (index, item))
        } {
            let result = work(item);
            let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
            done.push((index, result));
        }
    };
    thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(job);
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_items() {
        let items: Vec<usize> = (0..100).collect();
        for jobs in [1, 7, 200] {
            let done = in_order(&items, jobs, |item| item * 2);
            assert_eq!(done, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        }
    }
}
