//! The files that an action sees, in a mount namespace of its own.
//!
//! A new root in memory; on it the system's folders, read-only; the project root with the inputs.
//! Small inputs are copied, large ones mounted. What the action may write is on disk, so that its
//! outputs can be moved into the store without copying.

use std::collections::HashSet;
use std::fmt::Display;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use nix::errno::Errno;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::unistd::{getegid, geteuid, pivot_root};

use super::{Network, PROJECT, Spec};
use crate::inputs::{LARGE, Staged, StagedItem};

/// The system's folders, as far as they exist.
pub(super) const SYSTEM: &[&str] = &[
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32",
];

/// What every action sees of /etc: where the dynamic linker and Debian's `cc` look.
const ETC: &[&str] = &["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives"];

/// What an action with the host's network sees besides.
const ETC_NETWORK: &[&str] = &[
    "passwd",
    "group",
    "nsswitch.conf",
    "hosts",
    "host.conf",
    "gai.conf",
    "resolv.conf",
    "services",
    "protocols",
    "ssl",
    "pki",
    "ca-certificates",
    "ca-certificates.conf",
    "crypto-policies",
];

pub(super) const DEVICES: &[&str] = &["null", "zero", "full", "random", "urandom"];

/// The files of /etc that an action may read.
pub(super) fn etc_paths(network: bool) -> impl Iterator<Item = PathBuf> {
    let more = if network { ETC_NETWORK } else { &[] };
    let names = ETC.iter().chain(more);
    names.map(|name| Path::new("/etc").join(name))
}

/// Builds the new root and makes it this process's.
pub(super) fn lay_out(spec: &Spec) -> Result<(), String> {
    let root = spec.mount_point.clone();
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)
        .map_err(|error| format!("making mounts private: {error}"))?;
    mount_memory(&root)?;
    let layout = Layout { root: root.clone() };
    layout.system()?;
    layout.etc(spec.network == Network::Host)?;
    layout.devices()?;
    layout.processes()?;
    layout.folder_with_mode("tmp", 0o1777)?;
    layout.folder_with_mode("var/tmp", 0o1777)?;
    Project::new(&layout, spec).lay_out()?;
    // Last, since in a sandbox within a sandbox they may be below the project root.
    layout.host_folders(spec)?;
    for folder in ["dev", "etc", "var", ""] {
        let folder = root.join(folder);
        fs::set_permissions(&folder, Permissions::from_mode(0o555)).map_err(at(&folder))?;
    }
    switch_root(&root)
}

fn switch_root(root: &Path) -> Result<(), String> {
    std::env::set_current_dir(root).map_err(at(root))?;
    pivot_root(".", ".").map_err(|error| format!("pivot_root: {error}"))?;
    umount2(".", MntFlags::MNT_DETACH).map_err(|error| format!("leaving the old root: {error}"))?;
    std::env::set_current_dir("/").map_err(at(Path::new("/")))
}

fn at<E: Display>(path: &Path) -> impl Fn(E) -> String + '_ {
    move |error| format!("{}: {error}", path.display())
}

struct Layout {
    root: PathBuf,
}

impl Layout {
    /// Where `path` of the new root is for now.
    fn target(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn system(&self) -> Result<(), String> {
        for folder in SYSTEM.iter().chain(&["/nix/store"]) {
            let folder = Path::new(folder);
            match fs::symlink_metadata(folder) {
                Ok(found) if found.is_symlink() => {
                    let to = fs::read_link(folder).map_err(at(folder))?;
                    symlink(to, self.target(folder)).map_err(at(folder))?;
                }
                Ok(_) => self.bind(folder, true)?,
                Err(_) => {}
            }
        }
        Ok(())
    }

    fn etc(&self, network: bool) -> Result<(), String> {
        make_folders(&self.root.join("etc"))?;
        for path in etc_paths(network) {
            let Ok(found) = fs::metadata(&path) else {
                continue;
            };
            if found.is_dir() {
                self.bind(&path, true)?;
            } else {
                // Copied: what a link such as resolv.conf leads to need not be in the sandbox.
                place_file(&path, &self.target(&path), false, found.len())?;
            }
        }
        if network {
            return Ok(());
        }
        let (user, group) = (geteuid(), getegid());
        let write = |name: &str, text: &str| {
            let path = self.root.join("etc").join(name);
            fs::write(&path, text).map_err(at(&path))
        };
        write("hosts", "127.0.0.1 localhost\n::1 localhost\n")?;
        write(
            "nsswitch.conf",
            "passwd: files\ngroup: files\nhosts: files\n",
        )?;
        write("passwd", &format!("build:x:{user}:{group}::/:/bin/sh\n"))?;
        write("group", &format!("build:x:{group}:\n"))
    }

    fn devices(&self) -> Result<(), String> {
        let dev = self.root.join("dev");
        make_folders(&dev)?;
        for name in DEVICES {
            let (host, target) = (Path::new("/dev").join(name), dev.join(name));
            fs::write(&target, "").map_err(at(&target))?;
            bind_mount(&host, &target).map_err(at(&host))?;
            // It can be written to all the same, but has its mode from the host and keeps it.
            remount_read_only(&target, MsFlags::MS_NOEXEC).map_err(at(&host))?;
        }
        for (name, to) in [
            ("fd", "fd"),
            ("stdin", "fd/0"),
            ("stdout", "fd/1"),
            ("stderr", "fd/2"),
        ] {
            symlink(Path::new("/proc/self").join(to), dev.join(name)).map_err(at(&dev))?;
        }
        self.folder_with_mode("dev/shm", 0o1777)
    }

    fn processes(&self) -> Result<(), String> {
        let target = self.root.join("proc");
        make_folders(&target)?;
        let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
        match mount(Some("proc"), &target, Some("proc"), flags, None::<&str>) {
            Ok(()) => Ok(()),
            // A container that hides parts of its own /proc may not mount a new one.
            Err(Errno::EPERM) => bind_mount(Path::new("/proc"), &target).map_err(at(&target)),
            Err(error) => Err(at(&target)(error)),
        }
    }

    fn folder_with_mode(&self, path: &str, mode: u32) -> Result<(), String> {
        let folder = self.root.join(path);
        make_folders(&folder)?;
        fs::set_permissions(&folder, Permissions::from_mode(mode)).map_err(at(&folder))
    }

    /// The toolchain's folders, and those of privileged actions; outer ones first.
    fn host_folders(&self, spec: &Spec) -> Result<(), String> {
        let read = spec.read.iter().map(|path| (path, true));
        let write = spec.write.iter().map(|path| (path, false));
        let mut all: Vec<(&PathBuf, bool)> = read.chain(write).collect();
        all.sort();
        for (path, read_only) in all {
            let there = fs::metadata(self.target(path));
            let Ok(host) = fs::metadata(path) else {
                continue;
            };
            let is_there = there.is_ok_and(|found| same_file(&found, &host));
            if !(read_only && is_there) {
                self.bind(path, read_only)?;
            }
        }
        Ok(())
    }

    fn bind(&self, path: &Path, read_only: bool) -> Result<(), String> {
        let target = self.target(path);
        let found = fs::metadata(path).map_err(at(path))?;
        if found.is_dir() {
            make_folders(&target)?;
        } else if !target.exists() {
            make_folders(target.parent().unwrap_or(&self.root))?;
            fs::write(&target, "").map_err(at(&target))?;
        }
        bind_mount(path, &target).map_err(at(path))?;
        if !read_only {
            return Ok(());
        }
        make_read_only(&target).map_err(at(path))?;
        for inner in mounts_below(path) {
            let target = self.target(&inner);
            make_read_only(&target).map_err(at(&inner))?;
        }
        Ok(())
    }
}

fn same_file(a: &fs::Metadata, b: &fs::Metadata) -> bool {
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

fn mount_memory(target: &Path) -> Result<(), String> {
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV;
    mount(
        Some("tmpfs"),
        target,
        Some("tmpfs"),
        flags,
        Some("mode=0755"),
    )
    .map_err(at(target))
}

fn bind_mount(from: &Path, to: &Path) -> nix::Result<()> {
    let flags = MsFlags::MS_BIND | MsFlags::MS_REC;
    mount(Some(from), to, None::<&str>, flags, None::<&str>)
}

fn make_read_only(target: &Path) -> nix::Result<()> {
    match remount_read_only(target, MsFlags::MS_NODEV) {
        // A flag that the host has set may not be cleared.
        Err(Errno::EPERM) => remount_read_only(target, MsFlags::MS_NODEV | MsFlags::MS_NOEXEC),
        result => result,
    }
}

fn remount_read_only(target: &Path, more: MsFlags) -> nix::Result<()> {
    let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY | MsFlags::MS_NOSUID;
    mount(
        None::<&str>,
        target,
        None::<&str>,
        flags | more,
        None::<&str>,
    )
}

/// The host's mounts below a folder, which a recursive bind brings along.
fn mounts_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(table) = fs::read_to_string("/proc/self/mountinfo") else {
        return Vec::new();
    };
    let points = table.lines().filter_map(|line| line.split(' ').nth(4));
    points
        .map(|point| PathBuf::from(point.replace("\\040", " ")))
        .filter(|point| point != folder && point.starts_with(folder))
        .collect()
}

fn make_folders(folder: &Path) -> Result<(), String> {
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder);
    made.map_err(at(folder))
}

/// Puts a file where the action expects it: a copy if it is small, else a read-only mount.
fn place_file(host: &Path, target: &Path, executable: bool, size: u64) -> Result<(), String> {
    let mode = if executable { 0o555 } else { 0o444 };
    let create = || -> io::Result<fs::File> {
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(target)
    };
    let mut file = create().map_err(at(target))?;
    if size <= LARGE {
        let bytes = fs::read(host).map_err(at(host))?;
        return file.write_all(&bytes).map_err(at(target));
    }
    bind_mount(host, target).map_err(at(host))?;
    make_read_only(target).map_err(at(host))
}

/// The project root: inputs where they belong, folders for outputs.
struct Project<'a> {
    spec: &'a Spec,
    root: PathBuf,
    /// The folders on disk: from the writable one down to each that the action writes in.
    on_disk: HashSet<&'a str>,
    made: HashSet<String>,
}

impl<'a> Project<'a> {
    fn new(layout: &Layout, spec: &'a Spec) -> Project<'a> {
        let mut on_disk = HashSet::new();
        for folder in &spec.writable_folders {
            let mut folder = folder.as_str();
            while on_disk.insert(folder) && folder != spec.writable {
                folder = parent(folder);
            }
        }
        Project {
            spec,
            root: layout.target(Path::new(PROJECT)),
            on_disk,
            made: HashSet::new(),
        }
    }

    fn lay_out(mut self) -> Result<(), String> {
        make_folders(&self.root)?;
        self.mount_writable()?;
        for staged in &self.spec.staged {
            self.place(staged)?;
        }
        for folder in &self.made {
            if !self.on_disk.contains(folder.as_str()) {
                let folder = self.root.join(folder);
                fs::set_permissions(&folder, Permissions::from_mode(0o555)).map_err(at(&folder))?;
            }
        }
        let mode = if self.on_disk.contains("") {
            0o755
        } else {
            0o555
        };
        fs::set_permissions(&self.root, Permissions::from_mode(mode)).map_err(at(&self.root))
    }

    fn mount_writable(&mut self) -> Result<(), String> {
        let writable = &self.spec.writable;
        self.folder(parent(writable))?;
        let target = self.root.join(writable);
        make_folders(&target)?;
        bind_mount(&self.spec.disk, &target).map_err(at(&target))?;
        self.made
            .extend(self.on_disk.iter().map(|folder| (*folder).to_owned()));
        Ok(())
    }

    fn place(&mut self, staged: &Staged) -> Result<(), String> {
        let target = self.root.join(&staged.path);
        match &staged.item {
            StagedItem::Directory => self.folder(&staged.path),
            StagedItem::Symlink(to) => {
                self.folder(parent(&staged.path))?;
                symlink(to, &target).map_err(at(&target))
            }
            StagedItem::File {
                host,
                executable,
                size,
            } => {
                self.folder(parent(&staged.path))?;
                place_file(host, &target, *executable, *size)
            }
        }
    }

    /// Makes a folder below the project root; what is beside the writable ones is in memory.
    fn folder(&mut self, path: &str) -> Result<(), String> {
        if path.is_empty() || self.made.contains(path) {
            return Ok(());
        }
        let above = parent(path);
        self.folder(above)?;
        let target = self.root.join(path);
        fs::create_dir(&target).map_err(at(&target))?;
        if self.on_disk.contains(above) {
            mount_memory(&target)?;
        }
        self.made.insert(path.to_owned());
        Ok(())
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}
