//! The names that `kcl import` gives, which come from go-openapi's `swag`
//! (v0.23): words are cut before every capital, and a list of initialisms is
//! kept whole. People import these names, so every quirk stays.

/// `swag`'s list, longest first, then by alphabet.
const INITIALISMS: [&str; 41] = [
    "ASCII", "HTTPS", "GUID", "HTML", "HTTP", "IPv4", "IPv6", "JSON", "SMTP", "UTF8", "UUID",
    "XMPP", "XSRF", "ACL", "API", "CPU", "CSS", "DNS", "EOF", "LHS", "OAI", "QPS", "RAM", "RHS",
    "RPC", "SLA", "SQL", "SSH", "TCP", "TLS", "TTL", "UDP", "UID", "URI", "URL", "XML", "XSS",
    "ID", "IP", "UI", "VM",
];

/// A piece of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    initialism: Option<&'static str>,
}

/// `ToGoName`: `x-foo` → `XFoo`, `apiVersion` → `APIVersion`, `$ref` → `DollarRef`.
pub fn go_name(name: &str) -> String {
    let words = split(name, true);
    let mut out = String::with_capacity(name.len());
    for word in &words {
        match word.initialism {
            Some(initialism) => out.push_str(&initialism.to_uppercase()),
            None => out.push_str(&capitalized(&word.text)),
        }
    }
    let Some(first) = out.chars().next() else {
        return out;
    };
    if first.is_ascii_uppercase() {
        return out;
    }
    if first.is_ascii_lowercase() {
        return uppercase_first(&out);
    }
    if first.is_alphabetic() && first.is_uppercase() {
        return out;
    }
    format!("{}{out}", prefix(name))
}

/// `ToFileName`: `KCLInput` → `k_c_l_input`, `DNSRecord` → `dns_record`.
pub fn file_name(name: &str) -> String {
    let words = split(name, false);
    let words: Vec<String> = words
        .iter()
        .map(|word| word.text.trim().to_lowercase())
        .collect();
    words.join("_")
}

/// `ToHumanNameLower`: `dnsNames` → `DNS names`… as a text where a schema has none.
pub fn human_name(name: &str) -> String {
    let words = split(name, true);
    let words: Vec<String> = words
        .iter()
        .map(|word| match word.initialism {
            Some(_) => word.text.trim().to_owned(),
            None => word.text.trim().to_lowercase(),
        })
        .collect();
    words.join(" ")
}

/// What goes before a name that does not begin with a letter.
fn prefix(name: &str) -> &'static str {
    match name.chars().next() {
        Some(first) if first.is_alphabetic() => "",
        Some('+') => "Plus",
        Some('-') => "Minus",
        Some('#') => "HashTag",
        _ => "Nr",
    }
}

fn uppercase_first(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// One letter stays as it is; longer words get a capital, the rest small.
fn capitalized(text: &str) -> String {
    if text.len() <= 1 {
        return text.to_owned();
    }
    let mut chars = text.chars();
    let first: String = chars
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}", chars.as_str().trim_matches(' ').to_lowercase())
}

fn split(name: &str, find_initialisms: bool) -> Vec<Word> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut rest = 0;
    for (start, initialism) in initialisms(&chars) {
        if start < rest {
            continue;
        }
        split_plain(&chars[rest..start], find_initialisms, &mut words);
        words.push(Word {
            text: initialism.to_owned(),
            initialism: Some(initialism),
        });
        rest = start + initialism.len();
    }
    split_plain(&chars[rest..], find_initialisms, &mut words);
    words
}

/// Where initialisms stand, in order, the longest of each place first. One that
/// a small letter follows is the beginning of a word.
fn initialisms(chars: &[char]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for start in 0..chars.len() {
        if !chars[start].is_ascii_uppercase() {
            continue;
        }
        for initialism in INITIALISMS.iter() {
            let end = start + initialism.len();
            let matches =
                end <= chars.len() && initialism.chars().eq(chars[start..end].iter().copied());
            if matches && !chars.get(end).is_some_and(|next| next.is_lowercase()) {
                found.push((start, *initialism));
            }
        }
    }
    found
}

fn split_plain(chars: &[char], find_initialisms: bool, words: &mut Vec<Word>) {
    let mut current = String::new();
    let mut push = |text: &mut String| {
        if !text.is_empty() {
            words.push(word(std::mem::take(text), find_initialisms));
        }
    };
    for &c in chars {
        if let Some(spoken) = spoken(c) {
            push(&mut current);
            push(&mut spoken.to_owned());
        } else if !(c.is_alphanumeric() || is_connector(c)) {
            push(&mut current);
        } else {
            if c.is_uppercase() {
                push(&mut current);
            }
            current.push(c);
        }
    }
    push(&mut current);
}

fn word(text: String, find_initialisms: bool) -> Word {
    let same = |initialism: &&&str| initialism.to_uppercase() == text.trim().to_uppercase();
    let initialism = INITIALISMS
        .iter()
        .find(same)
        .copied()
        .filter(|_| find_initialisms);
    Word { text, initialism }
}

/// Signs that become words; `-` and `_` become nothing.
fn spoken(c: char) -> Option<&'static str> {
    match c {
        '@' => Some("At "),
        '&' => Some("And "),
        '|' => Some("Pipe "),
        '$' => Some("Dollar "),
        '!' => Some("Bang "),
        '-' | '_' => Some(""),
        _ => None,
    }
}

/// Unicode's connector punctuation, without `_`.
fn is_connector(c: char) -> bool {
    matches!(
        c,
        '\u{203f}' | '\u{2040}' | '\u{2054}' | '\u{fe33}' | '\u{fe34}' | '\u{fe4d}'
            ..='\u{fe4f}' | '\u{ff3f}'
    )
}
