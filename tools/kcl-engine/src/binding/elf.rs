//! Where a shared library keeps the addresses of the functions that it calls
//! by name: the slots that the dynamic linker fills in.
//!
//! Source: the ELF-64 object file format and the processor supplements of
//! x86-64 and AArch64 (relocations GLOB_DAT and JUMP_SLOT).
#![forbid(unsafe_code)]

use std::{collections::HashMap, fs::File, io, os::unix::fs::FileExt, path::Path};

const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const X86_64: u16 = 62;
const AARCH64: u16 = 183;

/// Entries of the dynamic section.
mod tag {
    pub(super) const STRTAB: u64 = 5;
    pub(super) const SYMTAB: u64 = 6;
    pub(super) const RELA: u64 = 7;
    pub(super) const RELASZ: u64 = 8;
    pub(super) const STRSZ: u64 = 10;
    pub(super) const JMPREL: u64 = 23;
    pub(super) const PLTRELSZ: u64 = 2;
    pub(super) const RELACOUNT: u64 = 0x6fff_fff9;
}

const RELOCATION_SIZE: u64 = 24;
const SYMBOL_SIZE: u64 = 24;

/// A function that the library calls by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Symbol {
    /// Its address less the library's base, or 0 if it is another library's.
    pub(super) value: u64,
    /// Its slots' addresses less the library's base.
    pub(super) slots: Vec<u64>,
}

/// The functions that the library at `path` calls by name.
pub(super) fn symbols(path: &Path) -> io::Result<HashMap<String, Symbol>> {
    let image = Image::open(path)?;
    let names = image.names()?;
    let mut symbols: HashMap<String, Symbol> = HashMap::new();
    for (slot, index) in image.slots()? {
        let entry = image.at(image.entry(tag::SYMTAB)? + index * SYMBOL_SIZE, SYMBOL_SIZE)?;
        let name = text(&names, word(&entry, 0)? as usize)?;
        let symbol = symbols.entry(name).or_insert(Symbol {
            value: long(&entry, 8)?,
            slots: Vec::new(),
        });
        symbol.slots.push(slot);
    }
    Ok(symbols)
}

/// A library's file, read at the addresses that it is mapped to.
struct Image {
    file: File,
    machine: u16,
    /// Address, place in the file and length of what is mapped.
    mapped: Vec<[u64; 3]>,
    dynamic: HashMap<u64, u64>,
}

impl Image {
    fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let header = read(&file, 0, 64)?;
        if !header.starts_with(b"\x7fELF\x02\x01") {
            return Err(malformed("it is no 64-bit little-endian ELF file"));
        }
        let mut image = Self {
            machine: short(&header, 18)?,
            file,
            mapped: Vec::new(),
            dynamic: HashMap::new(),
        };
        let size = u64::from(short(&header, 54)?);
        let count = u64::from(short(&header, 56)?);
        let table = read(&image.file, long(&header, 32)?, size * count)?;
        let mut dynamic = Vec::new();
        for segment in table.chunks_exact(usize::from(short(&header, 54)?).max(56)) {
            let [offset, address, length] =
                [long(segment, 8)?, long(segment, 16)?, long(segment, 32)?];
            match word(segment, 0)? {
                LOAD => image.mapped.push([address, offset, length]),
                DYNAMIC => dynamic = read(&image.file, offset, length)?,
                _ => {}
            }
        }
        for entry in dynamic.chunks_exact(16) {
            image.dynamic.insert(long(entry, 0)?, long(entry, 8)?);
        }
        Ok(image)
    }

    /// The bytes at an address.
    fn at(&self, address: u64, length: u64) -> io::Result<Vec<u8>> {
        let holds = |[start, _, size]: &&[u64; 3]| (*start..start + size).contains(&address);
        let [start, offset, _] = self
            .mapped
            .iter()
            .find(holds)
            .ok_or_else(|| malformed("an address lies outside the file"))?;
        read(&self.file, address - start + offset, length)
    }

    fn entry(&self, tag: u64) -> io::Result<u64> {
        let missing = || malformed("its dynamic section is incomplete");
        self.dynamic.get(&tag).copied().ok_or_else(missing)
    }

    fn names(&self) -> io::Result<Vec<u8>> {
        self.at(self.entry(tag::STRTAB)?, self.entry(tag::STRSZ)?)
    }

    /// The slots, each with the number of its symbol.
    fn slots(&self) -> io::Result<Vec<(u64, u64)>> {
        let skipped = self.entry(tag::RELACOUNT).unwrap_or(0) * RELOCATION_SIZE;
        let length = self.entry(tag::RELASZ)?.saturating_sub(skipped);
        let mut table = self.at(self.entry(tag::RELA)? + skipped, length)?;
        if let (Ok(address), Ok(length)) = (self.entry(tag::JMPREL), self.entry(tag::PLTRELSZ)) {
            table.extend(self.at(address, length)?);
        }
        let mut slots = Vec::new();
        for relocation in table.chunks_exact(24) {
            let info = long(relocation, 8)?;
            if self.is_slot(info as u32) {
                slots.push((long(relocation, 0)?, info >> 32));
            }
        }
        Ok(slots)
    }

    fn is_slot(&self, relocation: u32) -> bool {
        match self.machine {
            X86_64 => matches!(relocation, 6 | 7),
            AARCH64 => matches!(relocation, 1025 | 1026),
            _ => false,
        }
    }
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn read(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    const MOST: u64 = 64 << 20;
    if length > MOST {
        return Err(malformed("a table is too long"));
    }
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, offset)?;
    Ok(bytes)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> io::Result<[u8; N]> {
    let part = bytes.get(at..at + N).and_then(|part| part.try_into().ok());
    part.ok_or_else(|| malformed("a table is cut short"))
}

fn short(bytes: &[u8], at: usize) -> io::Result<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

fn word(bytes: &[u8], at: usize) -> io::Result<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

fn long(bytes: &[u8], at: usize) -> io::Result<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

fn text(names: &[u8], at: usize) -> io::Result<String> {
    let rest = names.get(at..).unwrap_or_default();
    let name = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8(name.to_vec()).map_err(|_| malformed("a name is no text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.so");
        std::fs::write(&file, [0; 64]).unwrap();
        let error = symbols(&file).unwrap_err();
        assert_eq!(error.to_string(), "it is no 64-bit little-endian ELF file");
        std::fs::write(&file, b"\x7fELF").unwrap();
        assert!(symbols(&file).is_err());
    }
}
