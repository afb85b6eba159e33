//! The digest of a blob: SHA-256 and size, as in the Remote Execution API.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use sha2::Digest as _;

/// SHA-256 and length of a blob; prints as `<64 hex digits>:<size>`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest {
    /// SHA-256 of the bytes.
    pub hash: [u8; 32],
    /// How many bytes there are.
    pub size: u64,
}

/// Why a text is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no digest: expected 64 lower-case hex digits, a colon and a size")]
pub struct DigestError(String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest {
            hash: sha2::Sha256::digest(bytes).into(),
            size: bytes.len() as u64,
        }
    }

    /// The digest of everything that `reader` still gives.
    pub fn of_reader(reader: &mut impl Read) -> io::Result<Digest> {
        let mut hasher = Hasher::default();
        let mut buffer = vec![0; 256 * 1024];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(hasher.finish()),
                Ok(count) => hasher.update(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The hash in lower-case hex, 64 digits.
    pub fn hex(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        self.hash
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .map(|nibble| char::from(DIGITS[usize::from(nibble)]))
            .collect()
    }

    /// A digest from its two parts, as the protocol's messages carry them.
    pub(crate) fn from_parts(hex: &str, size: u64) -> Option<Digest> {
        if hex.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Digest { hash, size })
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hex(), self.size)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Digest, DigestError> {
        text.split_once(':')
            .and_then(|(hex, size)| Digest::from_parts(hex, size.parse().ok()?))
            .ok_or_else(|| DigestError(text.to_owned()))
    }
}

/// A digest that grows with the bytes it is given.
#[derive(Default, Clone)]
pub struct Hasher {
    sha256: sha2::Sha256,
    size: u64,
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// Adds a text with its length before it, so that two texts never run into each other.
    pub fn text(&mut self, text: &[u8]) {
        self.update(&(text.len() as u64).to_le_bytes());
        self.update(text);
    }

    /// The digest of everything added.
    pub fn finish(self) -> Digest {
        Digest {
            hash: self.sha256.finalize().into(),
            size: self.size,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:0";

    #[test]
    fn a_digest_prints_and_reads_back() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.parse(), Ok(digest));
        for bad in ["", "e3:1", &EMPTY.to_uppercase(), &EMPTY[..64]] {
            assert!(bad.parse::<Digest>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reader_and_its_bytes_have_one_digest() {
        let bytes: Vec<u8> = (0..600_000_u32).map(|n| n as u8).collect();
        assert_eq!(
            Digest::of_reader(&mut bytes.as_slice()).unwrap(),
            Digest::of(&bytes)
        );
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        let digest = |texts: &[&str]| {
            let mut hasher = Hasher::default();
            texts.iter().for_each(|text| hasher.text(text.as_bytes()));
            hasher.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
    }
}
