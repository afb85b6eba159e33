//! A wheel is a zip; the library is one of its members.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use zip::{ZipArchive, result::ZipError};

/// No library is this large; what is, is a zip bomb.
const SIZE_LIMIT: u64 = 512 << 20;

/// Why a wheel gives no library.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WheelError {
    #[error("the wheel cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("the wheel is no zip file: {0}")]
    Zip(#[from] ZipError),
    #[error("the wheel holds no file kcl_lib/_kcl_lib*.so, or several")]
    Members,
    #[error("the wheel's library is larger than 512 MiB")]
    TooLarge,
}

/// The bytes of the library in a wheel.
pub(crate) fn library(wheel: &Path) -> Result<Vec<u8>, WheelError> {
    let mut archive = ZipArchive::new(File::open(wheel)?)?;
    let names = archive.file_names().collect::<Result<Vec<_>, _>>()?;
    let mut names = names.iter().filter(|name| is_library(name));
    let (Some(name), 0) = (names.next(), names.clone().count()) else {
        return Err(WheelError::Members);
    };
    let name = name.to_string();
    let mut bytes = Vec::new();
    archive
        .by_name(&name)?
        .take(SIZE_LIMIT + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(WheelError::TooLarge);
    }
    Ok(bytes)
}

fn is_library(name: &str) -> bool {
    name.strip_prefix("kcl_lib/_kcl_lib")
        .is_some_and(|rest| rest.ends_with(".so") && !rest.contains('/'))
}
