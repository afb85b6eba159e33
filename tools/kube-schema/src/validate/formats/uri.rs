//! URLs as Go reads them (Go 1.26, `net/url`): `url.ParseRequestURI` takes a
//! scheme with anything behind it, or a path from the root.

use std::net::Ipv6Addr;

/// A URL in parts, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::validate) struct Url {
    /// In small letters.
    pub scheme: String,
    /// With its port.
    pub host: String,
    /// Escaped, as one would send it.
    pub path: String,
    /// Not decoded.
    query: String,
}

pub(super) fn is_request_uri(text: &str) -> bool {
    parse(text, true).is_some()
}

impl Url {
    /// What CEL's `url()` gives: the text without its fragment in parts. None if
    /// `url.ParseRequestURI` refuses it.
    pub fn parse(text: &str) -> Option<Self> {
        parse(text, true)?;
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        is_escaped(fragment, Part::Path).then_some(())?;
        parse(text, false)
    }

    /// The host without port and brackets.
    pub fn host_name(&self) -> &str {
        let host = self.host_and_port().0;
        let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        inner.unwrap_or(host)
    }

    /// The port, or nothing.
    pub fn port(&self) -> &str {
        self.host_and_port().1
    }

    fn host_and_port(&self) -> (&str, &str) {
        match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port),
            _ => (&self.host, ""),
        }
    }

    /// Names and values of the query, decoded; what cannot be decoded is left out.
    pub fn query(&self) -> Vec<(String, String)> {
        let decoded = |text: &str| unescaped(&text.replace('+', " "));
        self.query
            .split('&')
            .filter(|part| !part.is_empty() && !part.contains(';'))
            .filter_map(|part| {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                Some((decoded(name)?, decoded(value)?))
            })
            .collect()
    }
}

/// A host may stand without a scheme, `//host`, but not in a request.
fn parse(text: &str, of_request: bool) -> Option<Url> {
    if text.is_empty() || text.bytes().any(|b| b < 0x20 || b == 0x7f) {
        return None;
    }
    let mut url = Url {
        scheme: String::new(),
        host: String::new(),
        path: String::new(),
        query: String::new(),
    };
    if text == "*" {
        text.clone_into(&mut url.path);
        return Some(url);
    }
    let (scheme, rest) = split_scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    query.clone_into(&mut url.query);
    if !rest.starts_with('/') {
        return (!scheme.is_empty()).then_some(url); // Opaque: nothing more is looked at.
    }
    let may_have_host = !scheme.is_empty() || !of_request && !rest.starts_with("///");
    let path = match rest.strip_prefix("//").filter(|_| may_have_host) {
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            url.host = host_of(&url.scheme, authority)?;
            path
        }
        None => rest,
    };
    is_escaped(path, Part::Path).then_some(())?;
    url.path = escaped_path(path);
    Some(url)
}

/// The scheme, which may be missing, and what follows; none if the text begins
/// with the colon.
fn split_scheme(text: &str) -> Option<(&str, &str)> {
    for (i, b) in text.bytes().enumerate() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if i > 0 => {}
            b':' => return (i > 0).then(|| (&text[..i], &text[i + 1..])),
            _ => break,
        }
    }
    Some(("", text))
}

/// The host of an authority, decoded.
fn host_of(scheme: &str, authority: &str) -> Option<String> {
    let host = match authority.rsplit_once('@') {
        Some((user, host)) => is_user(user).then_some(host)?,
        None => authority,
    };
    is_host(scheme, host).then(|| unescaped(host))?
}

fn is_user(text: &str) -> bool {
    let good = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
    text.bytes().all(good) && is_escaped(text, Part::User)
}

fn is_host(scheme: &str, host: &str) -> bool {
    match host.rfind('[') {
        Some(0) => return is_literal(host),
        Some(_) => return false,
        None => {}
    }
    let Some(first) = host.find(':') else {
        return is_escaped(host, Part::Host);
    };
    let colon = if matches!(scheme, "http" | "https") {
        first
    } else {
        host.rfind(':').unwrap_or(first)
    };
    is_port(&host[colon..]) && is_escaped(host, Part::Host)
}

/// `[address]`, perhaps with a zone, perhaps with a port.
fn is_literal(host: &str) -> bool {
    let Some((address, port)) = host[1..].rsplit_once(']') else {
        return false;
    };
    let (address, zone) = match address.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (address, None),
    };
    let is_zone = zone.is_none_or(|zone| !zone.is_empty() && is_escaped(zone, Part::Zone));
    is_port(port) && address.parse::<Ipv6Addr>().is_ok() && is_zone
}

/// Nothing, or a colon with digits or none.
fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Host,
    Path,
    User,
    Zone,
}

/// Whether every `%` begins an escape, and a host has no character that it may
/// not have.
fn is_escaped(text: &str, part: Part) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        if b == b'%' {
            let Some(code) = bytes.get(i + 1..i + 3).and_then(hex) else {
                return false;
            };
            if !may_be_escaped(code, part) {
                return false;
            }
            i += 3;
            continue;
        }
        if matches!(part, Part::Host | Part::Zone) && b.is_ascii() && !is_host_byte(b) {
            return false;
        }
        i += 1;
    }
    true
}

/// Hosts escape only what is not ASCII; a zone what a host could hold.
fn may_be_escaped(code: u8, part: Part) -> bool {
    match part {
        Part::Host => code >= 0x80 || code == b'%',
        Part::Zone => code == b'%' || code == b' ' || is_host_byte(code),
        Part::Path | Part::User => true,
    }
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    let is_hex = digits.iter().all(u8::is_ascii_hexdigit);
    is_hex.then(|| u8::from_str_radix(text, 16).ok())?
}

fn is_host_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&b)
}

/// Without escapes; none if one is broken.
fn unescaped(text: &str) -> Option<String> {
    unescaped_bytes(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn unescaped_bytes(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&b) = bytes.get(i) {
        if b == b'%' {
            out.push(bytes.get(i + 1..i + 3).and_then(hex)?);
            i += 3;
        } else {
            out.push(b);
            i += 1;
        }
    }
    Some(out)
}

/// A path as it is, if nothing in it must be escaped; else escaped anew.
fn escaped_path(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&b);
    let is_valid = |b: u8| plain(b) || b"!'()*[]%".contains(&b);
    if path.bytes().all(is_valid) {
        return path.to_owned();
    }
    let mut out = String::new();
    for b in unescaped_bytes(path).unwrap_or_default() {
        if plain(b) {
            out.push(char::from(b));
        } else {
            out += &format!("%{b:02X}");
        }
    }
    out
}
