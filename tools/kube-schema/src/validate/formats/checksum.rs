//! Numbers with a check digit (`internal/third_party/govalidator`).

use super::{Compiled, matches};
use regex::Regex;
use std::sync::LazyLock;

/// A card number of a known issuer whose digits pass Luhn's check; whatever is
/// no digit does not count.
pub(super) fn is_credit_card(text: &str) -> bool {
    static CARD: Compiled = LazyLock::new(|| {
        Regex::new("^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35[0-9]{3})[0-9]{11})$").ok()
    });
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    matches(&CARD, &digits) && luhn(&digits).is_multiple_of(10)
}

fn luhn(digits: &str) -> u32 {
    let doubled = |digit: u32| digit / 5 + digit * 2 % 10;
    digits
        .bytes()
        .rev()
        .map(|b| u32::from(b - b'0'))
        .enumerate()
        .map(|(i, digit)| if i % 2 == 1 { doubled(digit) } else { digit })
        .sum()
}

/// Ten digits, the last of which may be an X for ten.
pub(super) fn is_isbn10(text: &str) -> bool {
    let digits = bare(text);
    let value = |(i, c): (usize, char)| match c {
        'X' if i == 9 => Some(10),
        c => c.to_digit(10),
    };
    let values: Option<Vec<u32>> = digits.chars().enumerate().map(value).collect();
    values.is_some_and(|values| {
        let sum: u32 = (1..)
            .zip(&values)
            .map(|(weight, value)| weight * value)
            .sum();
        values.len() == 10 && sum.is_multiple_of(11)
    })
}

pub(super) fn is_isbn13(text: &str) -> bool {
    let digits = bare(text);
    let values: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(10)).collect();
    values.is_some_and(|values| {
        let sum: u32 = values
            .iter()
            .zip([1, 3].into_iter().cycle())
            .map(|(value, weight)| weight * value)
            .sum();
        values.len() == 13 && sum.is_multiple_of(10)
    })
}

/// Without spaces and dashes.
fn bare(text: &str) -> String {
    let is_noise = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ' | '-');
    text.chars().filter(|c| !is_noise(*c)).collect()
}
