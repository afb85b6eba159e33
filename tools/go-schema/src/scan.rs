//! Finds the parts of a Go file that declare types, so that only they are parsed.
//!
//! Most of a generated API package is function bodies. Types need none of them: of a
//! method only what stands before its body, of a function nothing, of a variable only
//! what could be a registry of types. What is skipped is still read token by token
//! (go.dev/ref/spec#Lexical_elements), so that its braces and quotes are balanced.

use std::ops::Range;

/// What a file holds for the parser.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Declarations {
    /// The parts to parse, in order.
    pub parts: Vec<Range<usize>>,
    /// The comments outside of what is skipped, in order.
    pub comments: Vec<Range<usize>>,
}

/// Where a file stops being Go, and why.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub offset: usize,
    pub message: &'static str,
}

/// Finds the declarations of a file.
pub(crate) fn declarations(text: &str) -> Result<Declarations, Fault> {
    let mut scanner = Scanner {
        tokens: Tokens {
            text: text.as_bytes(),
            at: 0,
        },
        found: Declarations::default(),
        kept_from: 0,
    };
    while scanner.declaration()? {}
    scanner.keep_until(text.len());
    Ok(scanner.found)
}

struct Scanner<'t> {
    tokens: Tokens<'t>,
    found: Declarations,
    kept_from: usize,
}

impl Scanner<'_> {
    /// Reads one declaration with what stands before it; false at the end of the file.
    fn declaration(&mut self) -> Result<bool, Fault> {
        loop {
            let Some(token) = self.tokens.next()? else {
                return Ok(false);
            };
            match token.kind {
                Kind::Comment => self.found.comments.push(token.range),
                Kind::Newline => {}
                Kind::Word => {
                    match self.tokens.slice(&token.range) {
                        b"func" => self.function(token.range.start)?,
                        b"var" => self.variable(token.range.start)?,
                        _ => drop(self.statement()?),
                    }
                    return Ok(true);
                }
                _ => drop(self.statement()?),
            }
        }
    }

    fn keep_until(&mut self, end: usize) {
        if self.kept_from < end {
            self.found.parts.push(self.kept_from..end);
        }
    }

    fn skip(&mut self, range: Range<usize>) {
        self.keep_until(range.start);
        self.kept_from = range.end;
    }

    /// A method keeps its head, a function nothing.
    fn function(&mut self, start: usize) -> Result<(), Fault> {
        let is_method = self.tokens.peek_is(b'(');
        let head = self.statement_until_body()?;
        let after = match head.body {
            Some(open) => self.block(open)?,
            None => head.end,
        };
        let from = match head.body {
            Some(open) if is_method => open,
            _ if is_method => return Ok(()),
            _ => start,
        };
        self.skip(from..after);
        Ok(())
    }

    /// A variable is kept if it could hold a registry: a map of `reflect.Type`.
    fn variable(&mut self, start: usize) -> Result<(), Fault> {
        let comments = self.found.comments.len();
        let end = self.statement()?;
        let text = &self.tokens.text[start..end];
        let names = |needle: &[u8]| text.windows(needle.len()).any(|part| part == needle);
        if !names(b".TypeFor") && !names(b".TypeOf") {
            self.found.comments.truncate(comments);
            self.skip(start..end);
        }
        Ok(())
    }

    /// Reads to where a statement ends: after it, at depth 0, before the line's end
    /// (go.dev/ref/spec#Semicolons).
    fn statement(&mut self) -> Result<usize, Fault> {
        let start = self.tokens.at;
        let mut depth = 0usize;
        let mut may_end = true;
        let mut end = start;
        while let Some(token) = self.tokens.next()? {
            match token.kind {
                Kind::Comment => {
                    self.found.comments.push(token.range.clone());
                    if depth == 0 && may_end && self.tokens.spans_lines(&token.range) {
                        return Ok(end);
                    }
                }
                Kind::Newline if depth == 0 && may_end => return Ok(end),
                Kind::Newline => {}
                Kind::Sign(b';') if depth == 0 => return Ok(end),
                Kind::Sign(b'(' | b'[' | b'{') => {
                    depth += 1;
                    may_end = false;
                }
                Kind::Sign(b')' | b']' | b'}') => {
                    depth = depth.checked_sub(1).ok_or(Fault {
                        offset: token.range.start,
                        message: "this closes nothing",
                    })?;
                    may_end = true;
                }
                Kind::Sign(_) => may_end = false,
                Kind::Word | Kind::Literal => may_end = true,
            }
            if !matches!(token.kind, Kind::Newline | Kind::Comment) {
                end = token.range.end;
            }
        }
        if depth == 0 {
            return Ok(end);
        }
        Err(Fault {
            offset: start,
            message: "the declaration that begins here is never closed",
        })
    }

    /// Reads the head of a function, to the brace of its body.
    fn statement_until_body(&mut self) -> Result<Head, Fault> {
        let mut depth = 0usize;
        let mut head = Head {
            body: None,
            end: self.tokens.at,
        };
        let mut before = Before::Other;
        while let Some(token) = self.tokens.next()? {
            match token.kind {
                Kind::Comment => continue,
                Kind::Newline if depth == 0 && before == Before::MayEnd => return Ok(head),
                Kind::Newline => continue,
                Kind::Sign(b'{') if depth == 0 && before != Before::TypeKeyword => {
                    head.body = Some(token.range.start);
                    return Ok(head);
                }
                Kind::Sign(b'(' | b'[' | b'{') => depth += 1,
                Kind::Sign(b')' | b']' | b'}') => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = Before::of(&token, &self.tokens);
            head.end = token.range.end;
        }
        Ok(head)
    }

    /// Reads a block to the end of it; its opening brace is read already.
    fn block(&mut self, open: usize) -> Result<usize, Fault> {
        let mut depth = 1usize;
        while let Some(token) = self.tokens.next()? {
            match token.kind {
                Kind::Sign(b'{') => depth += 1,
                Kind::Sign(b'}') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(token.range.end);
            }
        }
        Err(Fault {
            offset: open,
            message: "this brace is never closed",
        })
    }
}

/// The head of a function.
struct Head {
    body: Option<usize>,
    end: usize,
}

/// What stands before a token, as far as it says what a brace or a line's end means.
#[derive(PartialEq, Eq)]
enum Before {
    /// `struct` or `interface`: a brace begins a type.
    TypeKeyword,
    /// A statement may end here.
    MayEnd,
    Other,
}

impl Before {
    fn of(token: &Token, tokens: &Tokens<'_>) -> Self {
        match token.kind {
            Kind::Word => match tokens.slice(&token.range) {
                b"struct" | b"interface" => Self::TypeKeyword,
                _ => Self::MayEnd,
            },
            Kind::Literal | Kind::Sign(b')' | b']' | b'}') => Self::MayEnd,
            _ => Self::Other,
        }
    }
}

#[derive(Debug)]
struct Token {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Comment,
    Newline,
    /// An identifier, a keyword or a number.
    Word,
    /// A string or a rune.
    Literal,
    Sign(u8),
}

struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
}

impl Tokens<'_> {
    fn slice(&self, range: &Range<usize>) -> &[u8] {
        &self.text[range.clone()]
    }

    fn spans_lines(&self, range: &Range<usize>) -> bool {
        self.slice(range).contains(&b'\n')
    }

    /// Whether the next sign is this one.
    fn peek_is(&self, sign: u8) -> bool {
        let rest = &self.text[self.at..];
        rest.iter().find(|b| !b.is_ascii_whitespace()) == Some(&sign)
    }

    fn next(&mut self) -> Result<Option<Token>, Fault> {
        let blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\r');
        let rest = &self.text[self.at..];
        let start = self.at + rest.iter().take_while(|b| blank(b)).count();
        let Some(first) = self.text.get(start) else {
            self.at = start;
            return Ok(None);
        };
        let (kind, end) = match first {
            b'\n' => (Kind::Newline, start + 1),
            b'/' if self.text.get(start + 1) == Some(&b'/') => {
                (Kind::Comment, self.line_end(start))
            }
            b'/' if self.text.get(start + 1) == Some(&b'*') => (
                Kind::Comment,
                self.find(start, b"*/", "this comment never ends")?,
            ),
            b'`' => (
                Kind::Literal,
                self.find(start, b"`", "this string never ends")?,
            ),
            b'"' | b'\'' => (Kind::Literal, self.quoted(start, *first)?),
            b if is_word(*b) => (Kind::Word, self.word_end(start)),
            sign => (Kind::Sign(*sign), start + 1),
        };
        self.at = end;
        Ok(Some(Token {
            kind,
            range: start..end,
        }))
    }

    fn line_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        start + rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())
    }

    fn word_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        start + rest.iter().take_while(|b| is_word(**b)).count()
    }

    /// The end of what begins at `start` and ends with `end`.
    fn find(&self, start: usize, end: &[u8], message: &'static str) -> Result<usize, Fault> {
        let from = start + end.len();
        let rest = self.text.get(from..).unwrap_or_default();
        match rest.windows(end.len()).position(|part| part == end) {
            Some(found) => Ok(from + found + end.len()),
            None => Err(Fault {
                offset: start,
                message,
            }),
        }
    }

    fn quoted(&self, start: usize, quote: u8) -> Result<usize, Fault> {
        let mut at = start + 1;
        while let Some(byte) = self.text.get(at) {
            match byte {
                b'\\' => at += 2,
                b'\n' => break,
                b if *b == quote => return Ok(at + 1),
                _ => at += 1,
            }
        }
        Err(Fault {
            offset: start,
            message: "this quote is never closed",
        })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn kept(text: &str) -> String {
        let found = declarations(text).unwrap();
        let parts: Vec<&str> = found.parts.into_iter().map(|part| &text[part]).collect();
        parts.concat()
    }

    #[test]
    fn of_a_method_only_the_head_is_kept() {
        assert_eq!(
            kept(
                "func (t T) M() map[string]interface{} { return \"}\" /* } */ + '}' }\ntype A int\n"
            ),
            "func (t T) M() map[string]interface{} \ntype A int\n"
        );
        assert_eq!(
            kept(
                "func (t T) M(f func() struct{ a int }) (x struct{}, y error) {\n\tif x {\n\t}\n}\n"
            ),
            "func (t T) M(f func() struct{ a int }) (x struct{}, y error) \n"
        );
    }

    #[test]
    fn a_method_without_body_is_kept() {
        let text = "func (t T) M() int\nfunc (t T) N()\n";
        assert_eq!(kept(text), text);
    }

    #[test]
    fn functions_and_plain_variables_are_left_out() {
        assert_eq!(
            kept(
                "func f[T any]() func() { return `}`\n}\nvar x = []int{\n\t1,\n}\nvar y =\n\t`a`\ntype A struct {\n}\n"
            ),
            "\n\n\ntype A struct {\n}\n"
        );
    }

    #[test]
    fn a_registry_of_types_is_kept() {
        let text = "var m = map[K]reflect.Type{\n\tA: reflect.TypeFor[T](),\n}\n";
        assert_eq!(kept(text), text);
    }

    #[test]
    fn comments_are_found_outside_of_bodies() {
        let text = "// a\ntype A int // b\nfunc f() {\n\t// c\n}\n/* d */\ntype B int\n";
        let found = declarations(text).unwrap();
        let comments: Vec<&str> = found.comments.into_iter().map(|c| &text[c]).collect();
        assert_eq!(comments, ["// a", "// b", "/* d */"]);
    }

    #[test]
    fn what_is_never_closed_is_named() {
        for (text, offset) in [
            ("type A struct {\n", 4),
            ("func f() {\n", 9),
            ("const a = \"x\n", 10),
            ("/* x", 0),
            ("const a = `x", 10),
        ] {
            assert_eq!(declarations(text).unwrap_err().offset, offset, "{text}");
        }
        assert_eq!(
            declarations("type A int }\n").unwrap_err().message,
            "this closes nothing"
        );
    }
}
