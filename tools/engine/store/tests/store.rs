//! What the store promises to those who share it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may panic")]

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::{Duration, SystemTime};

use pretty_assertions::assert_eq;
use store::{Content, Digest, Entry, EntryOutput, FileDigests, Store, Tree, TreeItem};
use tempfile::TempDir;

fn store() -> (TempDir, Store, FileDigests) {
    let folder = TempDir::new().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store, FileDigests::default())
}

/// One field of a protobuf message with a payload of bytes.
fn field(tag: u8, payload: &[u8]) -> Vec<u8> {
    assert!(payload.len() < 128);
    let mut bytes = vec![tag << 3 | 2, u8::try_from(payload.len()).unwrap()];
    bytes.extend(payload);
    bytes
}

/// `build.bazel.remote.execution.v2.Digest`, written by hand.
fn digest_field(digest: Digest) -> Vec<u8> {
    let mut message = field(1, digest.hex().as_bytes());
    if digest.size > 0 {
        message.extend([2 << 3, u8::try_from(digest.size).unwrap()]);
    }
    field(2, &message)
}

#[test]
fn a_directory_has_the_digest_of_the_remote_execution_api() {
    let (_folder, store, files) = store();
    let hello = store.put(b"hello", false, &files).unwrap();
    let empty = store.put(b"", true, &files).unwrap();

    let mut inner = field(1, b"run");
    inner.extend(digest_field(empty));
    inner.extend([4 << 3, 1]);
    let inner = field(1, &inner);

    let mut file = field(1, b"a.txt");
    file.extend(digest_field(hello));
    let mut folder = field(1, b"sub");
    folder.extend(digest_field(Digest::of(&inner)));
    let mut link = field(1, b"link");
    link.extend(field(2, b"sub/run"));
    let root = [field(1, &file), field(2, &folder), field(3, &link)].concat();

    let mut tree = Tree::default();
    tree.insert(
        "sub/run",
        TreeItem::File {
            digest: empty,
            executable: true,
        },
    )
    .unwrap();
    tree.insert("link", TreeItem::Symlink("sub/run".to_owned()))
        .unwrap();
    tree.insert(
        "a.txt",
        TreeItem::File {
            digest: hello,
            executable: false,
        },
    )
    .unwrap();
    let digest = store.put_tree(&tree, &files).unwrap();
    assert_eq!(digest, Digest::of(&root));

    let paths: Vec<String> = store
        .tree(digest, &files)
        .unwrap()
        .unwrap()
        .into_iter()
        .map(|(path, _)| path)
        .collect();
    assert_eq!(paths, ["a.txt", "link", "sub", "sub/run"]);
}

#[test]
fn an_empty_directory_has_the_well_known_digest() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0";
    assert_eq!(Tree::default().digest().to_string(), empty);
}

#[test]
fn blobs_are_read_only_and_of_either_mode() {
    let (_folder, store, files) = store();
    let digest = store.put(b"text", false, &files).unwrap();
    let mode = |executable| {
        let path = store.blob(digest, executable, &files).unwrap().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"text");
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    };
    assert_eq!(mode(false), 0o444);
    assert_eq!(mode(true), 0o555);
}

#[test]
fn a_file_with_another_link_is_copied_and_not_moved() {
    let (folder, store, files) = store();
    let (one, two) = (store.fresh_path().unwrap(), folder.path().join("two"));
    std::fs::write(&one, "text").unwrap();
    std::fs::hard_link(&one, &two).unwrap();
    let metadata = std::fs::symlink_metadata(&one).unwrap();
    let (digest, _) = store.adopt(&one, &metadata, &files).unwrap();
    std::fs::write(&two, "else").unwrap();
    let path = store
        .blob(digest, false, &FileDigests::default())
        .unwrap()
        .unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"text");
    assert_eq!(std::fs::metadata(path).unwrap().nlink(), 1);
}

#[test]
fn a_tampered_blob_is_none_and_can_be_put_again() {
    let (_folder, store, files) = store();
    let digest = store.put(b"text", false, &files).unwrap();
    for bytes in ["tex", "else", "texts"] {
        let path = store.blob(digest, false, &files).unwrap().unwrap();
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
        assert_eq!(store.blob(digest, false, &files).unwrap(), None, "{bytes}");
        store.put(b"text", false, &files).unwrap();
    }
    assert!(store.blob(digest, false, &files).unwrap().is_some());
}

#[test]
fn digests_are_kept_between_processes_and_only_while_they_hold() {
    let folder = TempDir::new().unwrap();
    let (file, kept) = (
        folder.path().join("file"),
        folder.path().join("state/files"),
    );
    std::fs::write(&file, "one").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let files = FileDigests::load(&kept);
    assert_eq!(files.file(&file).unwrap().digest, Digest::of(b"one"));
    files.save().unwrap();

    let files = FileDigests::load(&kept);
    let metadata = std::fs::metadata(&file).unwrap();
    assert_eq!(files.known(&metadata), Some(Digest::of(b"one")));
    std::fs::write(&file, "two").unwrap();
    assert_eq!(files.known(&std::fs::metadata(&file).unwrap()), None);
    assert_eq!(files.file(&file).unwrap().digest, Digest::of(b"two"));

    let mut bytes = std::fs::read(&kept).unwrap();
    let last = bytes.len() - 30;
    bytes[last] ^= 1;
    std::fs::write(&kept, bytes).unwrap();
    assert_eq!(FileDigests::load(&kept).known(&metadata), None);
}

#[test]
fn a_file_read_right_after_it_was_written_is_not_trusted() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "one").unwrap();
    let files = FileDigests::default();
    files.file(&file).unwrap();
    assert_eq!(files.known(&std::fs::metadata(&file).unwrap()), None);
}

#[test]
fn a_file_of_our_own_is_trusted_later_only_if_it_was_left_alone() {
    let folder = TempDir::new().unwrap();
    let (file, kept) = (folder.path().join("file"), folder.path().join("files"));
    let known_later = |wait: u64| {
        std::fs::write(&file, "one").unwrap();
        let files = FileDigests::load(&kept);
        let metadata = std::fs::metadata(&file).unwrap();
        files.wrote(&file, &metadata, Digest::of(b"one"));
        assert_eq!(files.known(&metadata), Some(Digest::of(b"one")));
        std::thread::sleep(Duration::from_millis(wait));
        files.save().unwrap();
        FileDigests::load(&kept).known(&metadata).is_some()
    };
    assert!(!known_later(0));
    assert!(known_later(100));
}

fn key(name: &str) -> Digest {
    Digest::of(name.as_bytes())
}

/// An entry whose only output is a file of `size` bytes, used so many days ago.
fn add_entry(store: &Store, files: &FileDigests, folder: &Path, name: &str, size: usize, age: u64) {
    let digest = store
        .put(&vec![name.as_bytes()[0]; size], false, files)
        .unwrap();
    let output = EntryOutput {
        path: name.to_owned(),
        content: Content::File {
            digest,
            executable: false,
        },
    };
    let entry = Entry {
        outputs: vec![output],
    };
    store.put_entry(key(name), &entry).unwrap();
    let hex = key(name).hex();
    let path = folder.join("v1/actions").join(&hex[..2]).join(&hex);
    let time = SystemTime::now() - Duration::from_secs(age * 86_400);
    std::fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

fn known(store: &Store) -> Vec<&'static str> {
    let names = ["a", "b", "c", "d"];
    names
        .into_iter()
        .filter(|name| store.entry(key(name)).is_some())
        .collect()
}

#[test]
fn what_was_used_longest_ago_is_evicted_first() {
    let (folder, store, files) = store();
    for (name, size, age) in [("a", 1000, 1), ("b", 1000, 9), ("c", 1000, 5), ("d", 10, 7)] {
        add_entry(&store, &files, folder.path(), name, size, age);
    }
    store.put(b"named by nothing", false, &files).unwrap();
    let evicted = store.evict(2500).unwrap().unwrap();
    assert_eq!(
        (evicted.entries, evicted.bytes, evicted.left),
        (1, 1016, 2010)
    );
    assert_eq!(known(&store), ["a", "c", "d"]);
}

#[test]
fn using_an_entry_keeps_it() {
    let (folder, store, files) = store();
    add_entry(&store, &files, folder.path(), "a", 1000, 9);
    add_entry(&store, &files, folder.path(), "b", 1000, 5);
    assert!(store.entry(key("a")).is_some());
    store.evict(1500).unwrap().unwrap();
    assert_eq!(known(&store), ["a"]);
}

#[test]
fn a_directorys_files_and_levels_stay_with_its_entry() {
    let (_folder, store, files) = store();
    let inner = store.put(b"inner", true, &files).unwrap();
    let mut tree = Tree::default();
    tree.insert(
        "x/y",
        TreeItem::File {
            digest: inner,
            executable: true,
        },
    )
    .unwrap();
    let digest = store.put_tree(&tree, &files).unwrap();
    let output = EntryOutput {
        path: "dir".to_owned(),
        content: Content::Directory { digest },
    };
    let entry = Entry {
        outputs: vec![output],
    };
    store.put_entry(key("a"), &entry).unwrap();
    assert_eq!(store.evict(1_000_000).unwrap().unwrap().bytes, 0);
    let fresh = FileDigests::default();
    assert!(store.blob(inner, true, &fresh).unwrap().is_some());
    assert!(store.tree(digest, &fresh).unwrap().is_some());
}

#[test]
fn nothing_is_evicted_while_another_process_uses_the_store() {
    let (folder, store, files) = store();
    add_entry(&store, &files, folder.path(), "a", 1000, 9);
    let other = Store::open(folder.path()).unwrap();
    assert_eq!(store.evict(0).unwrap(), None);
    drop(other);
    assert_eq!(store.evict(0).unwrap().unwrap().entries, 1);
}

#[test]
fn eviction_runs_once_a_day_and_takes_what_killed_processes_left() {
    let (folder, store, _files) = store();
    let left = folder.path().join("v1/work/99999-0");
    std::fs::create_dir_all(left.join("0/build")).unwrap();
    std::fs::write(left.join("lock"), "").unwrap();
    assert!(store.evict_sometimes(1000).unwrap().is_some());
    assert!(!left.exists());
    assert!(store.fresh_path().unwrap().parent().unwrap().is_dir());
    assert_eq!(store.evict_sometimes(1000).unwrap(), None);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file).unwrap_err().to_string();
    assert!(error.contains(file.to_str().unwrap()), "{error}");
    assert!(error.contains("Not a directory"), "{error}");
}

#[test]
fn a_file_is_settled_when_every_later_write_shows() {
    let folder = TempDir::new().unwrap();
    let files = FileDigests::default();
    let path = folder.path().join("a");
    for number in 0..20 {
        std::fs::write(&path, format!("{number:02}")).unwrap();
        let metadata = std::fs::metadata(&path).unwrap();
        let at_once = files.file_with(&path, &metadata).unwrap();
        assert!(!at_once.is_unchanged(&metadata), "nobody can know");
        let settled = files.settled(&path, &metadata).unwrap();
        assert!(settled.is_unchanged(&metadata));
        std::fs::write(&path, format!("{:02}", number + 50)).unwrap();
        assert!(!settled.is_unchanged(&std::fs::metadata(&path).unwrap()));
    }
}

#[test]
fn a_lock_on_a_removed_file_keeps_nobody_out_and_is_not_given() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("sub/lock");
    let first = store::Lock::exclusive(&path).unwrap();
    let waiting = {
        let path = path.clone();
        std::thread::spawn(move || store::Lock::exclusive(&path).unwrap())
    };
    std::thread::sleep(Duration::from_millis(100));
    std::fs::remove_dir_all(folder.path().join("sub")).unwrap();
    drop(first);
    let _second = waiting.join().unwrap();
    assert!(store::Lock::try_exclusive(&path).unwrap().is_none());
}
