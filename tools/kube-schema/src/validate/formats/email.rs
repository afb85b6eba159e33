//! What Go's `mail.ParseAddress` takes (Go 1.26, `net/mail`): one address of
//! RFC 5322, perhaps with a name, comments, or as a group of one.

use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) fn is_email(text: &str) -> bool {
    let mut parser = Parser(text);
    let count = parser.address(Groups::Allowed);
    count == Some(1) && parser.skip_comments().is_some() && parser.0.is_empty()
}

/// What is left to read. Each function reads on, or gives none if it cannot.
#[derive(Clone, Copy)]
struct Parser<'t>(&'t str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Groups {
    Allowed,
    Forbidden,
}

impl<'t> Parser<'t> {
    /// How many addresses there were: one, or those of a group.
    fn address(&mut self, groups: Groups) -> Option<usize> {
        self.skip_space();
        self.peek()?;
        if self.attempt(Self::address_spec).is_some() {
            self.skip_space();
            if self.consume('(').is_some() {
                self.comment()?;
            }
            return Some(1);
        }
        if self.peek() != Some('<') {
            self.phrase()?;
        }
        self.skip_space();
        if groups == Groups::Allowed && self.consume(':').is_some() {
            return self.group();
        }
        self.consume('<')?;
        self.attempt(Self::address_spec)?;
        self.consume('>')?;
        Some(1)
    }

    fn group(&mut self) -> Option<usize> {
        self.skip_space();
        if self.consume(';').is_some() {
            self.skip_comments()?;
            return Some(0);
        }
        let mut count = 0;
        loop {
            self.skip_space();
            count += self.address(Groups::Forbidden)?;
            self.skip_comments()?;
            if self.consume(';').is_some() {
                self.skip_comments()?;
                return Some(count);
            }
            self.consume(',')?;
        }
    }

    fn address_spec(&mut self) -> Option<()> {
        self.skip_space();
        if self.peek()? == '"' {
            self.quoted_string().filter(|text| !text.is_empty())?;
        } else {
            self.dot_atom().filter(|atom| is_strict(atom))?;
        }
        self.consume('@')?;
        self.skip_space();
        if self.peek()? == '[' {
            self.domain_literal()
        } else {
            self.dot_atom().filter(|atom| is_strict(atom)).map(|_| ())
        }
    }

    /// One word or more.
    fn phrase(&mut self) -> Option<()> {
        let mut words = 0;
        loop {
            if words > 0 {
                self.skip_comments()?;
            }
            self.skip_space();
            let word = match self.peek() {
                None => None,
                Some('"') => self.attempt(|parser| parser.quoted_string().map(|_| ())),
                Some(_) => self.attempt(|parser| parser.dot_atom().map(|_| ())),
            };
            match word {
                Some(()) => words += 1,
                None => return (words > 0).then_some(()),
            }
        }
    }

    /// The text between the quotes, escapes included.
    fn quoted_string(&mut self) -> Option<&'t str> {
        let text = self.0.strip_prefix('"')?;
        let mut is_escaped = false;
        for (i, c) in text.char_indices() {
            match c {
                _ if is_escaped && (is_visible(c) || is_blank(c)) => is_escaped = false,
                _ if is_escaped => return None,
                '"' => {
                    self.0 = &text[i + 1..];
                    return Some(&text[..i]);
                }
                '\\' => is_escaped = true,
                c if is_visible(c) || is_blank(c) => {}
                _ => return None,
            }
        }
        None
    }

    fn dot_atom(&mut self) -> Option<&'t str> {
        let end = self.0.find(|c| !is_atom(c)).unwrap_or(self.0.len());
        let (atom, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(atom).filter(|atom| !atom.is_empty())
    }

    /// An IP address in brackets.
    fn domain_literal(&mut self) -> Option<()> {
        self.consume('[')?;
        let (address, rest) = self.0.split_once(']')?;
        self.0 = rest;
        let is_address = address.parse::<Ipv4Addr>().is_ok() || address.parse::<Ipv6Addr>().is_ok();
        is_address.then_some(())
    }

    fn skip_comments(&mut self) -> Option<()> {
        self.skip_space();
        while self.consume('(').is_some() {
            self.comment()?;
            self.skip_space();
        }
        Some(())
    }

    /// What follows `(`, up to its `)`.
    fn comment(&mut self) -> Option<()> {
        let mut depth = 1;
        let mut chars = self.0.char_indices();
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' => drop(chars.next()),
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.0 = &self.0[i + 1..];
                return Some(());
            }
        }
        None
    }

    fn attempt(&mut self, read: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let before = *self;
        let done = read(self);
        if done.is_none() {
            *self = before;
        }
        done
    }

    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    fn consume(&mut self, c: char) -> Option<()> {
        self.0 = self.0.strip_prefix(c)?;
        Some(())
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_start_matches(is_blank);
    }
}

/// Dots only between other characters.
fn is_strict(atom: &str) -> bool {
    !atom.starts_with('.') && !atom.ends_with('.') && !atom.contains("..")
}

fn is_atom(c: char) -> bool {
    is_visible(c) && !"()<>[]:;@\\,\"".contains(c)
}

fn is_visible(c: char) -> bool {
    ('!'..='~').contains(&c) || !c.is_ascii()
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}
