//! Addresses of networks (k8s.io/utils/net, `ParseIPSloppy`, `ParseCIDRSloppy`;
//! Go's `net`, `ParseIP`, `ParseMAC`).

use std::net::{Ipv4Addr, Ipv6Addr};

/// Leading zeros are accepted, and so is an IPv6 address with a dotted end.
pub(super) fn is_ipv4(text: &str) -> bool {
    is_sloppy_ipv4(text) || (text.contains('.') && is_sloppy_ipv6(text))
}

pub(super) fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

pub(super) fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = if is_sloppy_ipv4(address) {
        32
    } else if is_sloppy_ipv6(address) {
        128
    } else {
        return false;
    };
    length.bytes().all(|b| b.is_ascii_digit()) && length.parse::<u32>().is_ok_and(|n| n <= most)
}

fn is_sloppy_ipv4(text: &str) -> bool {
    sloppy_ipv4(text).is_some()
}

/// Decimal numbers, also with leading zeros.
fn sloppy_ipv4(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.split('.').collect();
    let [a, b, c, d] = parts[..] else { return None };
    Some(Ipv4Addr::new(octet(a)?, octet(b)?, octet(c)?, octet(d)?))
}

fn octet(text: &str) -> Option<u8> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let digits = text.trim_start_matches('0');
    match (is_number, digits) {
        (false, _) => None,
        (true, "") => Some(0),
        (true, digits) => digits.parse().ok(),
    }
}

/// The dotted end may have leading zeros.
fn is_sloppy_ipv6(text: &str) -> bool {
    let Some((head, tail)) = text.rsplit_once(':') else {
        return false;
    };
    match sloppy_ipv4(tail) {
        Some(address) => is_ipv6(&format!("{head}:{address}")),
        None => is_ipv6(text),
    }
}

/// Six, eight or twenty octets in one of four notations.
pub(super) fn is_mac(text: &str) -> bool {
    let groups = |separator: char, digits: usize, counts: &[usize]| {
        let parts: Vec<&str> = text.split(separator).collect();
        counts.contains(&parts.len())
            && parts
                .iter()
                .all(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let is_bare = matches!(text.len(), 12 | 16 | 40) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_bare
        || groups(':', 2, &[6, 8, 20])
        || groups('-', 2, &[6, 8, 20])
        || groups('.', 4, &[3, 4, 10])
}
