//! Standard base64, as Go's `base64.StdEncoding`.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes with padding.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| u32::from(chunk.get(i).copied().unwrap_or_default()));
        let group = a << 16 | b << 8 | c;
        for i in 0..4 {
            let index = group >> (18 - 6 * i) & 63;
            let digit = char::from(ALPHABET[index as usize]);
            text.push(if i <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

/// Decodes; line breaks are ignored. An error still has what stood before it,
/// which Go gives beside its error.
pub fn decode(text: &str) -> Result<Vec<u8>, Vec<u8>> {
    let digits: Vec<u8> = text
        .bytes()
        .filter(|b| !matches!(b, b'\r' | b'\n'))
        .collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut rest = digits.as_slice();
    while !rest.is_empty() {
        let (group, after) = rest.split_at(rest.len().min(4));
        let is_last = after.is_empty();
        match decode_group(group, is_last) {
            Some(decoded) => bytes.extend(decoded),
            None => return Err(bytes),
        }
        rest = after;
    }
    Ok(bytes)
}

#[allow(clippy::cast_possible_truncation)]
fn decode_group(group: &[u8], is_last: bool) -> Option<Vec<u8>> {
    let padding = group.iter().rev().take_while(|b| **b == b'=').count();
    if group.len() != 4 || padding > 2 || padding > 0 && !is_last {
        return None;
    }
    let mut value = 0_u32;
    for digit in &group[..4 - padding] {
        let index = ALPHABET.iter().position(|known| known == digit)?;
        value = value << 6 | index as u32;
    }
    value <<= 6 * padding;
    let bytes = [(value >> 16) as u8, (value >> 8) as u8, value as u8];
    Some(bytes[..3 - padding].to_vec())
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[test]
    fn what_is_encoded_comes_back() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text), Ok(bytes.as_bytes().to_vec()));
        }
        assert_eq!(decode("Zm9v\r\nYmFy"), Ok(b"foobar".to_vec()));
    }

    #[test]
    fn an_error_keeps_what_stood_before_it() {
        for (text, before) in [("%%%", ""), ("Zm9v%", "foo"), ("Zg==Zg==", ""), ("Zm9", "")] {
            assert_eq!(decode(text), Err(before.as_bytes().to_vec()), "{text}");
        }
    }
}
