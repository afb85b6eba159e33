//! What takes the place of namespaces where there are none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::{Network, Spec, mounts};

/// Opens nothing but what a mount namespace would hold, and lets write only where outputs go. Where
/// the kernel can, processes outside get no signal, and their abstract sockets no connection.
pub(super) fn files(spec: &Spec) -> Result<(), String> {
    let abi = ABI::V6;
    let project = spec.disk.clone();
    let mut read: Vec<PathBuf> = mounts::SYSTEM.iter().map(PathBuf::from).collect();
    read.extend([
        PathBuf::from("/proc"),
        PathBuf::from("/nix/store"),
        project.clone(),
    ]);
    read.extend(mounts::etc_paths(spec.network == Network::Host));
    read.extend(spec.read.iter().cloned());
    let mut write: Vec<PathBuf> = spec.write.clone();
    let devices = mounts::DEVICES
        .iter()
        .map(|name| Path::new("/dev").join(name));
    write.extend(devices);
    write.extend(
        spec.writable_folders
            .iter()
            .map(|folder| project.join(folder)),
    );
    let restrict = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(&read, AccessFs::from_read(abi)))?
            .add_rules(path_beneath_rules(&write, AccessFs::from_all(abi)))?
            .restrict_self()
    };
    match restrict() {
        Ok(status) if status.ruleset != RulesetStatus::NotEnforced => Ok(()),
        Ok(_) => Err("Landlock: this kernel has none".to_owned()),
        Err(error) => Err(format!("Landlock: {error}")),
    }
}

/// Refuses sockets of all families but these. Programs for another architecture are killed, since
/// their system calls have other numbers.
pub(super) fn sockets(families: &[i32]) -> Result<(), String> {
    let install = || -> Result<(), Box<dyn std::error::Error>> {
        let mut rules = BTreeMap::new();
        let is_other = |family: &i32| {
            let family = u64::from(family.cast_unsigned());
            SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
        };
        let is_none = families.iter().map(is_other).collect::<Result<_, _>>()?;
        rules.insert(nix::libc::SYS_socket, vec![SeccompRule::new(is_none)?]);
        // A ring makes sockets without this call.
        rules.insert(nix::libc::SYS_io_uring_setup, Vec::new());
        let filter = SeccompFilter::new(
            rules,
            SeccompAction::Allow,
            SeccompAction::Errno(nix::libc::EACCES.cast_unsigned()),
            std::env::consts::ARCH.try_into()?,
        )?;
        let program: BpfProgram = filter.try_into()?;
        seccompiler::apply_filter(&program)?;
        Ok(())
    };
    install().map_err(|error| format!("seccomp: {error}"))
}
