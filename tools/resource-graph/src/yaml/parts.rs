//! Texts of many documents, read some documents at a time.

use super::{Node, YamlError, build, parse};
use std::io::{BufRead, Error, ErrorKind, Result};

/// Some whole documents of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The documents' text.
    pub text: String,
    /// How many lines of the whole text stand before it.
    pub lines_before: usize,
    /// Whether there is nothing else in the text.
    pub is_whole: bool,
}

impl Part {
    /// All of a text.
    pub fn whole(text: String) -> Self {
        Self {
            text,
            lines_before: 0,
            is_whole: true,
        }
    }

    /// All of a text that must be UTF-8.
    pub fn of(bytes: Vec<u8>) -> Result<Self> {
        decoded(bytes, 0).map(Self::whole)
    }

    /// Its documents, with their places in the whole text; empty ones are left out.
    pub fn parse(&self) -> std::result::Result<Vec<Node>, YamlError> {
        match self.is_whole {
            true => parse(&self.text),
            false => build::part(&self.text, self.lines_before),
        }
    }

    /// This line of the whole text, if it is in the part.
    pub fn line(&self, number: usize) -> Option<&str> {
        let in_part = number.checked_sub(self.lines_before + 1)?;
        self.text.lines().nth(in_part)
    }
}

/// The parts of a text as it is read: each has about so many bytes and ends where a
/// document begins, so a single document is one part however large it is. A part that
/// is no UTF-8 is an error, and those behind it are read all the same.
#[derive(Debug)]
pub struct Parts<R> {
    reader: R,
    bytes: usize,
    /// The first line of the next part.
    ahead: Vec<u8>,
    bytes_before: usize,
    lines_before: usize,
    is_ended: bool,
}

impl<R: BufRead> Parts<R> {
    /// Parts of about this many bytes.
    pub fn new(reader: R, bytes: usize) -> Self {
        Self {
            reader,
            bytes,
            ahead: Vec::new(),
            bytes_before: 0,
            lines_before: 0,
            is_ended: false,
        }
    }

    /// The text of the next part and how many lines it has.
    fn read(&mut self) -> Result<(Vec<u8>, usize)> {
        let mut text = std::mem::take(&mut self.ahead);
        let mut lines = usize::from(!text.is_empty());
        // Directives belong to the document behind them.
        let mut is_directive = false;
        loop {
            let start = text.len();
            if self.reader.read_until(b'\n', &mut text)? == 0 {
                self.is_ended = true;
                return Ok((text, lines));
            }
            if start >= self.bytes && !is_directive && is_document_start(&text[start..]) {
                self.ahead = text.split_off(start);
                return Ok((text, lines));
            }
            is_directive = text[start] == b'%';
            lines += 1;
        }
    }

    fn part(&mut self) -> Result<Part> {
        let is_first = self.bytes_before == 0;
        let (text, lines) = self.read()?;
        let (lines_before, bytes_before) = (self.lines_before, self.bytes_before);
        self.lines_before += lines;
        self.bytes_before += text.len();
        Ok(Part {
            text: decoded(text, bytes_before)?,
            lines_before,
            is_whole: is_first && self.is_ended,
        })
    }
}

impl<R: BufRead> Iterator for Parts<R> {
    type Item = Result<Part>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_ended {
            return None;
        }
        let part = self.part();
        let is_unreadable = |error: &Error| error.kind() != ErrorKind::InvalidData;
        self.is_ended |= part.as_ref().is_err_and(is_unreadable);
        Some(part)
    }
}

fn decoded(text: Vec<u8>, bytes_before: usize) -> Result<String> {
    String::from_utf8(text).map_err(|error| {
        let at = bytes_before + error.utf8_error().valid_up_to();
        let message = format!("it is no UTF-8 from byte {at} on");
        Error::new(ErrorKind::InvalidData, message)
    })
}

/// `---` at the start of a line can stand for nothing else, not even in a string.
fn is_document_start(line: &[u8]) -> bool {
    let rest = line.strip_prefix(b"---");
    rest.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
}

#[cfg(test)]
mod tests {
    use super::{Part, Parts};

    fn parts(text: &[u8], bytes: usize) -> Vec<Result<Part, String>> {
        let parts = Parts::new(text, bytes);
        parts
            .map(|part| part.map_err(|error| error.to_string()))
            .collect()
    }

    fn part(text: &str, lines_before: usize) -> Result<Part, String> {
        Ok(Part {
            text: text.to_owned(),
            lines_before,
            is_whole: false,
        })
    }

    #[test]
    fn parts_end_where_documents_begin() {
        let text = "a: |\n  ---\n---x: 1\n---\nb: 2\n--- # c\nc: 3\n";
        let whole = Ok(Part::whole(text.to_owned()));
        assert_eq!(parts(text.as_bytes(), 1000), [whole]);
        assert_eq!(
            parts(text.as_bytes(), 1),
            [
                part("a: |\n  ---\n---x: 1\n", 0),
                part("---\nb: 2\n", 3),
                part("--- # c\nc: 3\n", 5),
            ]
        );
        assert_eq!(parts(text.as_bytes(), 20).len(), 2);
        assert_eq!(parts(b"", 1), [Ok(Part::whole(String::new()))]);
    }

    #[test]
    fn directives_stay_with_their_document() {
        let text = "a: 1\n...\n%YAML 1.2\n---\nb: 2\n---\nc: 3\n";
        assert_eq!(
            parts(text.as_bytes(), 1),
            [
                part("a: 1\n...\n%YAML 1.2\n---\nb: 2\n", 0),
                part("---\nc: 3\n", 5),
            ]
        );
    }

    #[test]
    fn a_part_that_is_no_utf8_hides_no_other() {
        assert_eq!(
            parts(b"a: 1\n---\nb: \xff\n---\nc: 3\n", 1),
            [
                part("a: 1\n", 0),
                Err("it is no UTF-8 from byte 12 on".to_owned()),
                part("---\nc: 3\n", 3),
            ]
        );
    }

    #[test]
    fn documents_know_their_place_in_the_whole_text() {
        let found = Parts::new("\u{feff}a: 1\n---\nb: 2\n".as_bytes(), 1);
        let documents = found.map(|part| part.unwrap().parse().unwrap());
        let entries = documents.map(|nodes| nodes[0].entries()[0].clone());
        let found: Vec<(String, usize)> = entries
            .map(|entry| (entry.key, entry.key_at.line))
            .collect();
        assert_eq!(found, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    }
}
