//! What takes the place of namespaces where there are none.

use std::collections::BTreeMap;
use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetStatus, path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

use super::{Network, Spec, mounts};

/// Opens nothing but what a mount namespace would hold, and lets write only where outputs go.
pub(super) fn files(spec: &Spec) -> Result<(), String> {
    let abi = ABI::V5;
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
    write.push(PathBuf::from("/dev"));
    write.extend(
        spec.writable_folders
            .iter()
            .map(|folder| project.join(folder)),
    );
    let restrict = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
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

/// Refuses sockets of the internet families; there is no loopback then either.
pub(super) fn network() -> Result<(), String> {
    let install = || -> Result<(), Box<dyn std::error::Error>> {
        let mut rules = BTreeMap::new();
        let family = |family: i32| {
            let condition = SeccompCondition::new(
                0,
                SeccompCmpArgLen::Dword,
                SeccompCmpOp::Eq,
                u64::from(family.cast_unsigned()),
            )?;
            SeccompRule::new(vec![condition])
        };
        let families = [
            nix::libc::AF_INET,
            nix::libc::AF_INET6,
            nix::libc::AF_PACKET,
        ];
        rules.insert(
            nix::libc::SYS_socket,
            families.into_iter().map(family).collect::<Result<_, _>>()?,
        );
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
