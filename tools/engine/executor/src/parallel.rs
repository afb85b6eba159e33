//! The same cheap work on many things at once.

/// `work` on each item, on up to `threads` threads, a chunk at a time; results in
/// the items' order.
pub(crate) fn map<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    const CHUNK: usize = 32;
    let chunks: Vec<&[T]> = items.chunks(CHUNK).collect();
    let work = |chunk: &&[T]| chunk.iter().map(&work).collect::<Vec<R>>();
    let done = parallel::map(threads, &chunks, work);
    done.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        let expected: Vec<usize> = items.iter().map(|n| n * 2).collect();
        assert_eq!(super::map(4, &items, |n| n * 2), expected);
        assert_eq!(super::map(4, &items[..3], |n| n * 2), expected[..3]);
    }
}
