//! What a template and its parent say to each other: length-prefixed frames.

use std::{
    ffi::CString,
    io::{self, Read, Write},
    os::unix::ffi::OsStrExt,
    path::PathBuf,
};

use crate::{program::Argument, worker::REPLY_MARK};

/// Runs of a template's program, as its parent asks for them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Whether no run comes after it.
    pub(crate) is_last: bool,
    /// Values of `option()`.
    pub(crate) options: Vec<(CString, CString)>,
}

/// What a template answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Answer {
    /// The result of the run.
    Result = 0,
    /// The result of every run: the program reads no option.
    Constant = 1,
    /// Only an ordinary run can tell.
    Unknown = 2,
    /// The program fails with these options; an ordinary run says why.
    Failed = 3,
}

impl Answer {
    fn from_byte(byte: u8) -> Option<Self> {
        [Self::Result, Self::Constant, Self::Unknown, Self::Failed]
            .into_iter()
            .find(|answer| *answer as u8 == byte)
    }
}

/// Writes bytes with their length before them.
pub(crate) fn write(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let mut frame = (bytes.len() as u64).to_le_bytes().to_vec();
    frame.extend_from_slice(bytes);
    to.write_all(&frame)?;
    to.flush()
}

/// Reads such bytes, `None` at the end of the stream.
pub(crate) fn read(from: &mut impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u64::from_le_bytes(length);
    if length > limit {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    let mut bytes = Vec::new();
    from.take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    }
    Ok(Some(bytes))
}

/// A run as it is sent.
pub(crate) fn encode_run(arguments: &[Argument], is_last: bool) -> Vec<u8> {
    let mut bytes = vec![u8::from(is_last)];
    for argument in arguments {
        for text in [&argument.name, &argument.value] {
            bytes.extend((text.len() as u64).to_le_bytes());
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

pub(crate) fn decode_run(bytes: &[u8]) -> io::Result<Run> {
    let [is_last, rest @ ..] = bytes else {
        return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
    };
    Ok(Run {
        is_last: *is_last != 0,
        options: decode_pairs(rest)?,
    })
}

/// Files to read in place of others, as they are sent.
pub(crate) fn encode_files(files: &[(PathBuf, PathBuf)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for path in files.iter().flat_map(|(path, instead)| [path, instead]) {
        let path = path.as_os_str().as_bytes();
        bytes.extend((path.len() as u64).to_le_bytes());
        bytes.extend(path);
    }
    bytes
}

/// Pairs of texts, each with its length before it.
pub(crate) fn decode_pairs(mut rest: &[u8]) -> io::Result<Vec<(CString, CString)>> {
    let mut texts = Vec::new();
    while let Some(text) = read(&mut rest, u64::MAX)? {
        texts.push(CString::new(text).map_err(io::Error::other)?);
    }
    let mut texts = texts.into_iter();
    let mut pairs = Vec::new();
    while let (Some(first), Some(second)) = (texts.next(), texts.next()) {
        pairs.push((first, second));
    }
    Ok(pairs)
}

/// An answer as it is sent.
pub(crate) fn encode_answer(answer: Answer, bytes: &[u8]) -> Vec<u8> {
    [REPLY_MARK.as_slice(), &[answer as u8], bytes].concat()
}

pub(crate) fn decode_answer(mut bytes: Vec<u8>) -> Option<(Answer, Vec<u8>)> {
    let rest = bytes.strip_prefix(REPLY_MARK)?;
    let answer = Answer::from_byte(*rest.first()?)?;
    Some((answer, bytes.split_off(REPLY_MARK.len() + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_read_back() {
        let arguments = [("params", "{}"), ("ü", "")].map(|(name, value)| Argument {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        let run = decode_run(&encode_run(&arguments, true)).unwrap();
        assert!(run.is_last);
        assert_eq!(run.options[0], (c"params".to_owned(), c"{}".to_owned()));
        assert_eq!(run.options[1], (c"ü".to_owned(), c"".to_owned()));
    }

    #[test]
    fn an_answer_is_read_back() {
        let bytes = encode_answer(Answer::Constant, b"{}");
        assert_eq!(
            decode_answer(bytes),
            Some((Answer::Constant, b"{}".to_vec()))
        );
        assert_eq!(decode_answer(b"words".to_vec()), None);
    }

    #[test]
    fn a_frame_that_is_too_long_or_cut_short_is_refused() {
        let mut bytes = Vec::new();
        write(&mut bytes, b"1234").unwrap();
        assert_eq!(
            read(&mut bytes.as_slice(), 4).unwrap(),
            Some(b"1234".to_vec())
        );
        assert!(read(&mut bytes.as_slice(), 3).is_err());
        assert!(read(&mut &bytes[..9], 4).is_err());
        assert_eq!(read(&mut io::empty(), 4).unwrap(), None);
    }
}
