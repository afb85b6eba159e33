//! Addresses, networks and URLs (apiserver, `pkg/cel/library/{ip,cidr,urls}.go`).

use super::unknown;
use crate::validate::cel::value::{Cel, Evaluated, Failure, Key, Library};
use crate::validate::formats::Url;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

/// A network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::validate::cel) struct Cidr {
    address: IpAddr,
    bits: u8,
}

/// Neither a zone nor an IPv4 address in IPv6's clothes.
pub(super) fn parse_ip(text: &str) -> Option<IpAddr> {
    let address: IpAddr = text.parse().ok()?;
    (!is_mapped(address)).then_some(address)
}

fn is_mapped(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

pub(super) fn parse_cidr(text: &str) -> Option<Cidr> {
    let (address, bits) = text.rsplit_once('/')?;
    let address = parse_ip(address)?;
    let is_number = bits.bytes().all(|b| b.is_ascii_digit());
    let is_short = bits.len() == 1 || !bits.starts_with('0');
    let bits: u8 = bits.parse().ok().filter(|_| is_number && is_short)?;
    (bits <= size(address)).then_some(Cidr { address, bits })
}

/// How many bits an address of this family has.
fn size(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

impl Cidr {
    fn masked(self) -> Self {
        Self {
            address: masked(self.address, self.bits),
            ..self
        }
    }

    fn contains(self, address: IpAddr) -> bool {
        size(self.address) == size(address)
            && masked(address, self.bits) == masked(self.address, self.bits)
    }
}

/// Only the first bits.
fn masked(address: IpAddr, bits: u8) -> IpAddr {
    let rest = u32::from(size(address) - bits);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(rest).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).into()
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(rest).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).into()
        }
    }
}

fn ip_argument(value: &Cel) -> Result<IpAddr, Failure> {
    match value {
        Cel::Library(Library::Ip(address)) => Ok(*address),
        Cel::Text(text) => {
            parse_ip(text).ok_or_else(|| Failure::Error(format!("IP Address {text:?} parse error")))
        }
        _ => Err(Failure::no_overload()),
    }
}

fn cidr_argument(value: &Cel) -> Result<Cidr, Failure> {
    match value {
        Cel::Library(Library::Cidr(network)) => Ok(*network),
        Cel::Text(text) => parse_cidr(text)
            .ok_or_else(|| Failure::Error(format!("network address {text:?} parse error"))),
        _ => Err(Failure::no_overload()),
    }
}

/// `ip(…)`, `isCIDR(…)` and so on; none if it is no such function.
pub(super) fn call(name: &str, arguments: &[Cel]) -> Option<Evaluated> {
    let done = match (name, arguments) {
        ("ip", [value]) => ip_argument(value).map(|ip| Cel::Library(Library::Ip(ip))),
        ("isIP", [Cel::Text(text)]) => Ok(Cel::Bool(parse_ip(text).is_some())),
        ("ip.isCanonical", [value @ Cel::Text(text)]) => {
            ip_argument(value).map(|ip| Cel::Bool(ip.to_string() == **text))
        }
        ("cidr", [value]) => cidr_argument(value).map(|c| Cel::Library(Library::Cidr(c))),
        ("isCIDR", [Cel::Text(text)]) => Ok(Cel::Bool(parse_cidr(text).is_some())),
        ("url", [Cel::Text(text)]) => match Url::parse(text) {
            Some(url) => Ok(Cel::Library(Library::Url(Rc::new(url)))),
            None => Err(Failure::Error(format!("URL parse error of {text:?}"))),
        },
        ("isURL", [Cel::Text(text)]) => {
            Ok(Cel::Bool(crate::validate::formats::accepts("uri", text)))
        }
        ("string", [Cel::Library(Library::Ip(address))]) => Ok(address.to_string().into()),
        ("string", [Cel::Library(Library::Cidr(network))]) => {
            Ok(format!("{}/{}", network.address, network.bits).into())
        }
        _ => return None,
    };
    Some(done)
}

pub(super) fn ip_method(name: &str, address: IpAddr) -> Evaluated {
    let is_multicast = address.is_multicast();
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    Ok(Cel::Bool(match (name, address) {
        ("family", IpAddr::V4(_)) => return Ok(Cel::Int(4)),
        ("family", IpAddr::V6(_)) => return Ok(Cel::Int(6)),
        ("isUnspecified", _) => address.is_unspecified(),
        ("isLoopback", _) => address.is_loopback(),
        ("isLinkLocalUnicast", _) => is_link_local,
        ("isLinkLocalMulticast", IpAddr::V4(address)) => address.octets()[..3] == [224, 0, 0],
        ("isLinkLocalMulticast", IpAddr::V6(address)) => address.segments()[0] & 0xff0f == 0xff02,
        ("isGlobalUnicast", _) => {
            let is_broadcast = address == IpAddr::V4(Ipv4Addr::BROADCAST);
            !is_broadcast
                && !address.is_unspecified()
                && !address.is_loopback()
                && !is_multicast
                && !is_link_local
        }
        _ => return Err(unknown(name)),
    }))
}

pub(super) fn cidr_method(name: &str, network: Cidr, arguments: &[Cel]) -> Evaluated {
    match (name, arguments) {
        ("containsIP", [value]) => Ok(Cel::Bool(network.contains(ip_argument(value)?))),
        ("containsCIDR", [value]) => {
            let other = cidr_argument(value)?;
            let holds = network.contains(other.address) && network.bits <= other.bits;
            Ok(Cel::Bool(holds))
        }
        ("ip", []) => Ok(Cel::Library(Library::Ip(network.address))),
        ("masked", []) => Ok(Cel::Library(Library::Cidr(network.masked()))),
        ("prefixLength", []) => Ok(Cel::Int(network.bits.into())),
        _ => Err(unknown(name)),
    }
}

pub(super) fn url_method(name: &str, url: &Url) -> Evaluated {
    Ok(match name {
        "getScheme" => url.scheme.as_str().into(),
        "getHost" => url.host.as_str().into(),
        "getHostname" => url.host_name().into(),
        "getPort" => url.port().into(),
        "getEscapedPath" => url.path.as_str().into(),
        "getQuery" => query(url),
        _ => return Err(unknown(name)),
    })
}

fn query(url: &Url) -> Cel {
    let mut values: BTreeMap<Key, Vec<Cel>> = BTreeMap::new();
    for (name, value) in url.query() {
        let key = Key::Text(name.into());
        values.entry(key).or_default().push(value.into());
    }
    let lists = values.into_iter().map(|(key, values)| (key, values.into()));
    Cel::Map(Rc::new(lists.collect()))
}
