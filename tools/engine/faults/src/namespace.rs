//! A mount namespace in which a round may fill a small disk or make a folder read-only.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};

/// Whether this machine lets this user have one.
pub fn is_possible() -> bool {
    let tried = Command::new("unshare").args(["-Urm", "true"]).status();
    let alone = || {
        geteuid().is_root()
            && Command::new("unshare")
                .args(["-m", "true"])
                .status()
                .is_ok_and(|s| s.success())
    };
    tried.is_ok_and(|status| status.success()) || alone()
}

/// Puts this process, which has one thread, into namespaces of its own, as root there.
pub fn enter() -> anyhow::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).is_ok() {
        std::fs::write("/proc/self/setgroups", "deny")?;
        std::fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
        std::fs::write("/proc/self/gid_map", format!("0 {group} 1"))?;
    } else {
        unshare(CloneFlags::CLONE_NEWNS)?;
    }
    let none = None::<&str>;
    mount(none, "/", none, MsFlags::MS_REC | MsFlags::MS_PRIVATE, none)?;
    Ok(())
}

/// A disk of this many bytes, in memory.
pub fn small_disk(folder: &Path, size: u64) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let options = format!("size={size}");
    mount(
        Some("small"),
        folder,
        Some("tmpfs"),
        MsFlags::empty(),
        Some(options.as_str()),
    )
    .with_context(|| format!("a small disk at {}", folder.display()))
}

/// Takes a disk or a mount away again.
pub fn take_away(folder: &Path) {
    let _ = umount2(folder, MntFlags::MNT_DETACH);
}

/// A folder that cannot be written until this is dropped.
pub struct ReadOnly<'a>(&'a Path);

impl ReadOnly<'_> {
    pub fn make(folder: &Path) -> anyhow::Result<ReadOnly<'_>> {
        let none = None::<&str>;
        mount(Some(folder), folder, none, MsFlags::MS_BIND, none)?;
        let made = ReadOnly(folder);
        let flags = MsFlags::MS_REMOUNT | MsFlags::MS_BIND | MsFlags::MS_RDONLY;
        mount(none, folder, none, flags, none)?;
        Ok(made)
    }
}

impl Drop for ReadOnly<'_> {
    fn drop(&mut self) {
        take_away(self.0);
    }
}
