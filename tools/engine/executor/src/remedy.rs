//! What to do about a disk.

/// What helps when a disk is full, by the words of the error: they may stand in what an action
/// printed itself.
pub(crate) fn when_full(said: &str) -> Option<&'static str> {
    let words = ["No space left on device", "Disk quota exceeded"];
    let is_full = words.iter().any(|words| said.contains(words));
    is_full.then_some("a disk is full: free some space and run the command again")
}

/// What helps when a folder of the engine's own cannot be used.
pub(crate) fn when_unusable(said: &str) -> Option<&'static str> {
    let words = ["Read-only file system", "Permission denied"];
    let is_closed = words.iter().any(|words| said.contains(words));
    when_full(said).or(is_closed.then_some(
        "make it writable; HERMETIC_CACHE names another cache folder, buck-out lies in the checkout",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remedy_fits_the_error() {
        let full = "sh: 1: cat: write error: No space left on device";
        assert!(when_full(full).is_some_and(|remedy| remedy.contains("free some space")));
        assert_eq!(when_full(full), when_unusable(full));
        // An action that writes outside its outputs finds them read-only; that is no disk's fault.
        let closed = "Read-only file system (os error 30)";
        assert_eq!(when_full(closed), None);
        assert!(when_unusable(closed).is_some_and(|remedy| remedy.contains("make it writable")));
        assert_eq!(when_unusable("Is a directory (os error 21)"), None);
    }
}
