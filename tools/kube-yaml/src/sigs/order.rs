//! The order of keys: numbers in them count as numbers, letters come after all else.

use std::cmp::Ordering;

/// Compares two keys as `keyList.Less` does.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = a.iter().zip(&b).position(|(a, b)| a != b) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x.cmp(&y),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let start = leading(&a, &b, at);
            let (a, b) = (digits(&a[at..]), digits(&b[at..]));
            let number = |digits: &str| {
                digits.chars().fold(start, |number: i64, digit| {
                    let digit = i64::from(digit.to_digit(10).unwrap_or_default());
                    number.wrapping_mul(10).wrapping_add(digit)
                })
            };
            number(&a)
                .cmp(&number(&b))
                .then(a.len().cmp(&b.len()))
                .then(x.cmp(&y))
        }
    }
}

/// 1 if the digits go on from ones before that are not all zero: a zero here
/// does not lead then.
fn leading(a: &[char], b: &[char], at: usize) -> i64 {
    let before = a[..at].iter().rev().take_while(|c| c.is_ascii_digit());
    let goes_on = before.into_iter().any(|c| *c != '0');
    i64::from((a[at] == '0' || b[at] == '0') && goes_on)
}

fn digits(text: &[char]) -> String {
    text.iter().take_while(|c| c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_natural_order() {
        let sorted = [
            "", "-", "1", "2", "10", "a", "a.b", "a1", "a2", "a10", "aB", "ab", "é",
        ];
        let mut keys = sorted;
        keys.reverse();
        keys.sort_by(|a, b| compare(a, b));
        assert_eq!(keys, sorted);
    }
}
