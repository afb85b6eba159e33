//! The edit that makes the wheel's library loadable without Python.
//!
//! The library is linked `BIND_NOW` against symbols of Python that its C ABI
//! never reaches. The loader leaves an undefined symbol at null when it is
//! weak, so each `Py*` and `_Py*` entry of `.dynsym` that is undefined and
//! global becomes weak. Layout: the System V ABI, chapters 4 and 5 (ELF-64).

use std::ops::Range;

use crate::Arch;

const SECTION_HEADER_OFFSET: usize = 0x28;
const SECTION_HEADER_SIZE: usize = 0x3a;
const SECTION_COUNT: usize = 0x3c;
const MACHINE: usize = 0x12;
const TYPE_DYNSYM: u32 = 11;
const SYMBOL_SIZE: usize = 24;
const UNDEFINED: u16 = 0;
const GLOBAL: u8 = 1;
const WEAK: u8 = 2;

/// A function that every KCL library exports.
const EXPORT: &[u8] = b"kcl_service_call_with_length";

/// Why a library cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ElfError {
    #[error("the wheel's library is no 64-bit little-endian ELF file")]
    NotElf,
    #[error("the wheel's library is for another machine (ELF machine {found}, not {wanted})")]
    Machine { found: u16, wanted: u16 },
    #[error("the wheel's library is cut short at byte {0}")]
    Truncated(usize),
    #[error("the wheel's library has no dynamic symbols")]
    NoSymbols,
    #[error("the wheel's library does not export kcl_service_call_with_length: not the KCL C ABI")]
    NotKcl,
}

/// An undefined or defined dynamic symbol.
struct Symbol {
    /// Where its `st_info` byte is.
    info_at: usize,
    info: u8,
    section: u16,
    name: Range<usize>,
}

/// Makes the undefined global symbols of Python weak; says how many there were.
pub(crate) fn weaken(library: &mut [u8], arch: Arch) -> Result<usize, ElfError> {
    check_header(library, arch)?;
    let symbols = symbols(library)?;
    let exported = symbols
        .iter()
        .any(|symbol| symbol.section != UNDEFINED && library[symbol.name.clone()] == *EXPORT);
    if !exported {
        return Err(ElfError::NotKcl);
    }
    let of_python: Vec<&Symbol> = symbols
        .iter()
        .filter(|symbol| is_pythons(symbol, library))
        .collect();
    for symbol in &of_python {
        library[symbol.info_at] = WEAK << 4 | symbol.info & 0xf;
    }
    Ok(of_python.len())
}

fn is_pythons(symbol: &Symbol, library: &[u8]) -> bool {
    let name = &library[symbol.name.clone()];
    symbol.section == UNDEFINED
        && symbol.info >> 4 == GLOBAL
        && (name.starts_with(b"Py") || name.starts_with(b"_Py"))
}

fn check_header(library: &[u8], arch: Arch) -> Result<(), ElfError> {
    // Magic, 64-bit class, little-endian data.
    if !library.starts_with(b"\x7fELF\x02\x01") {
        return Err(ElfError::NotElf);
    }
    let found = u16_at(library, MACHINE)?;
    let wanted = arch.machine();
    if found == wanted {
        Ok(())
    } else {
        Err(ElfError::Machine { found, wanted })
    }
}

fn symbols(library: &[u8]) -> Result<Vec<Symbol>, ElfError> {
    let (table, strings) = dynamic_symbols(library)?;
    let mut found = Vec::new();
    for at in table.step_by(SYMBOL_SIZE) {
        let name = offset(strings, u32_at(library, at)? as usize)?;
        let text = library.get(name..).ok_or(ElfError::Truncated(name))?;
        let length = text
            .iter()
            .position(|byte| *byte == 0)
            .ok_or(ElfError::Truncated(name))?;
        found.push(Symbol {
            info_at: at + 4,
            info: *library.get(at + 4).ok_or(ElfError::Truncated(at + 4))?,
            section: u16_at(library, at + 6)?,
            name: name..name + length,
        });
    }
    Ok(found)
}

/// Where the dynamic symbols are, and where their strings begin.
fn dynamic_symbols(library: &[u8]) -> Result<(Range<usize>, usize), ElfError> {
    let headers = usize_at(library, SECTION_HEADER_OFFSET)?;
    let size = usize::from(u16_at(library, SECTION_HEADER_SIZE)?);
    for index in 0..usize::from(u16_at(library, SECTION_COUNT)?) {
        let header = offset(headers, index * size)?;
        if u32_at(library, offset(header, 4)?)? != TYPE_DYNSYM {
            continue;
        }
        let start = usize_at(library, offset(header, 24)?)?;
        let end = offset(start, usize_at(library, offset(header, 32)?)?)?;
        let link = u32_at(library, offset(header, 40)?)? as usize;
        let strings = offset(headers, link.checked_mul(size).ok_or(ElfError::NoSymbols)?)?;
        return Ok((
            start..end.min(library.len()),
            usize_at(library, offset(strings, 24)?)?,
        ));
    }
    Err(ElfError::NoSymbols)
}

fn offset(start: usize, by: usize) -> Result<usize, ElfError> {
    start.checked_add(by).ok_or(ElfError::Truncated(start))
}

fn bytes_at<const N: usize>(library: &[u8], at: usize) -> Result<[u8; N], ElfError> {
    library
        .get(at..)
        .and_then(|rest| rest.first_chunk())
        .copied()
        .ok_or(ElfError::Truncated(at))
}

fn u16_at(library: &[u8], at: usize) -> Result<u16, ElfError> {
    bytes_at(library, at).map(u16::from_le_bytes)
}

fn u32_at(library: &[u8], at: usize) -> Result<u32, ElfError> {
    bytes_at(library, at).map(u32::from_le_bytes)
}

fn usize_at(library: &[u8], at: usize) -> Result<usize, ElfError> {
    let value = u64::from_le_bytes(bytes_at(library, at)?);
    usize::try_from(value).map_err(|_| ElfError::Truncated(at))
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    /// An ELF file of two sections (`.dynsym`, `.dynstr`) with these symbols:
    /// name, `st_info`, section.
    fn elf(symbols: &[(&str, u8, u16)]) -> Vec<u8> {
        let mut strings = vec![0];
        let mut table = Vec::new();
        for (name, info, section) in symbols {
            table.extend((strings.len() as u32).to_le_bytes());
            table.extend([*info, 0]);
            table.extend(section.to_le_bytes());
            table.extend([0; 16]);
            strings.extend(name.as_bytes());
            strings.push(0);
        }
        let (table_at, strings_at) = (64, 64 + table.len());
        let headers_at = strings_at + strings.len();
        let mut file = b"\x7fELF\x02\x01\x01".to_vec();
        file.resize(64, 0);
        file[0x12..0x14].copy_from_slice(&62u16.to_le_bytes());
        file[0x28..0x30].copy_from_slice(&(headers_at as u64).to_le_bytes());
        file[0x3a..0x3c].copy_from_slice(&64u16.to_le_bytes());
        file[0x3c..0x3e].copy_from_slice(&2u16.to_le_bytes());
        file.extend(&table);
        file.extend(&strings);
        for (kind, at, size, link) in [
            (11u32, table_at, table.len(), 1u32),
            (3, strings_at, strings.len(), 0),
        ] {
            let mut header = [0u8; 64];
            header[4..8].copy_from_slice(&kind.to_le_bytes());
            header[24..32].copy_from_slice(&(at as u64).to_le_bytes());
            header[32..40].copy_from_slice(&(size as u64).to_le_bytes());
            header[40..44].copy_from_slice(&link.to_le_bytes());
            file.extend(header);
        }
        file
    }

    fn infos(file: &[u8]) -> Vec<u8> {
        symbols(file)
            .unwrap()
            .iter()
            .map(|symbol| symbol.info)
            .collect()
    }

    #[test]
    fn only_undefined_global_symbols_of_python_become_weak() {
        let mut file = elf(&[
            ("kcl_service_call_with_length", 0x12, 7),
            ("PyList_New", 0x12, 0),
            ("_Py_Dealloc", 0x11, 0),
            ("PyInit__kcl_lib", 0x12, 7),
            ("malloc", 0x12, 0),
            ("PyWeak", 0x22, 0),
            ("Pthread", 0x12, 0),
        ]);
        assert_eq!(weaken(&mut file, Arch::X86_64), Ok(2));
        assert_eq!(infos(&file), [0x12, 0x22, 0x21, 0x12, 0x12, 0x22, 0x12]);
        assert_eq!(
            weaken(&mut file, Arch::X86_64),
            Ok(0),
            "a second time changes nothing"
        );
    }

    #[test]
    fn a_file_that_is_no_kcl_library_is_refused() {
        assert_eq!(
            weaken(&mut b"PK\x03\x04".to_vec(), Arch::X86_64),
            Err(ElfError::NotElf)
        );
        let mut other = elf(&[
            ("PyList_New", 0x12, 0),
            ("kcl_service_call_with_length", 0x12, 0),
        ]);
        assert_eq!(weaken(&mut other, Arch::X86_64), Err(ElfError::NotKcl));
        let wrong = ElfError::Machine {
            found: 62,
            wanted: 183,
        };
        assert_eq!(weaken(&mut other, Arch::Aarch64), Err(wrong));
    }

    #[test]
    fn a_file_cut_short_anywhere_is_an_error_and_no_crash() {
        let whole = elf(&[
            ("kcl_service_call_with_length", 0x12, 7),
            ("PyList_New", 0x12, 0),
        ]);
        // The last 24 bytes of a section header are not read.
        for length in 0..whole.len() - 32 {
            assert!(
                weaken(&mut whole[..length].to_vec(), Arch::X86_64).is_err(),
                "cut at {length}"
            );
        }
    }
}
