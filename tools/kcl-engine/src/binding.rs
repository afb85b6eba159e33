//! The only unsafe code of the repository's KCL side: libkcl's C ABI.
//!
//! ```c
//! void*       kcl_service_new(uint64_t plugin_agent);
//! const char* kcl_service_call_with_length(void*, const char* method,
//!                                          const char* args, size_t args_len, size_t* out_len);
//! void        kcl_service_free_string(char*);      // without it: void kcl_free(char*, size_t)
//! void        kcl_service_delete(void*);
//! ```
#![allow(unsafe_code)]

mod elf;
mod heap;
mod hooks;
mod patterns;

use std::{
    ffi::{CStr, CString, c_char, c_void},
    io,
    path::{Path, PathBuf},
};

use libloading::Library;
use nix::unistd::{ForkResult, Pid, fork};

pub(crate) use hooks::{Changes, HANDOVER, Observer};
pub(crate) use patterns::{Use, compile_ahead, compiled_here};

type New = unsafe extern "C-unwind" fn(u64) -> *mut c_void;
type Call = unsafe extern "C-unwind" fn(
    *mut c_void,
    *const c_char,
    *const c_char,
    usize,
    *mut usize,
) -> *mut c_char;
type Delete = unsafe extern "C-unwind" fn(*mut c_void);
type FreeString = unsafe extern "C-unwind" fn(*mut c_char);
type FreeBytes = unsafe extern "C-unwind" fn(*mut c_char, usize);

/// What starts every reply that is an error text.
const ERROR_MARK: &[u8] = b"ERROR:";

/// How this library takes a reply back.
enum Free {
    String(FreeString),
    Bytes(FreeBytes),
}

/// A reply of the service.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// An encoded message.
    Message(Vec<u8>),
    /// The text of an error, without its mark.
    Error(String),
}

/// A loaded libkcl with its service. Not for use by two threads at once: KCL
/// documents its executor as not thread-safe.
pub(crate) struct LibKcl {
    service: *mut c_void,
    call: Call,
    delete: Delete,
    free: Free,
    library: Library,
    path: PathBuf,
}

impl LibKcl {
    /// Loads the library at `path`.
    pub(crate) fn load(path: &Path) -> Result<Self, libloading::Error> {
        // SAFETY: the file is the KCL library that the user named; its
        // initialisers are Rust's and the C library's own.
        let library = unsafe { Library::new(path)? };
        // SAFETY: the types are those of the C ABI in this module's documentation.
        let (new, call, delete, free) = unsafe {
            (
                *library.get::<New>(b"kcl_service_new\0")?,
                *library.get::<Call>(b"kcl_service_call_with_length\0")?,
                *library.get::<Delete>(b"kcl_service_delete\0")?,
                Self::free_function(&library)?,
            )
        };
        // SAFETY: 0 stands for "no plugin agent"; the service is deleted on drop.
        let service = unsafe { new(0) };
        Ok(Self {
            service,
            call,
            delete,
            free,
            library,
            path: path.to_owned(),
        })
    }

    /// # Safety
    /// `library` must be a KCL library, so that the symbols have these types.
    unsafe fn free_function(library: &Library) -> Result<Free, libloading::Error> {
        // SAFETY: as promised by the caller.
        unsafe {
            // A plain library has both, and kcl_free is for what kcl_malloc gave there.
            if let Ok(free) = library.get::<FreeString>(b"kcl_service_free_string\0") {
                return Ok(Free::String(*free));
            }
            Ok(Free::Bytes(*library.get::<FreeBytes>(b"kcl_free\0")?))
        }
    }

    /// Changes the library for this thread's runs.
    pub(crate) fn change(&self, changes: Changes) -> Result<(), String> {
        // SAFETY: `load` loaded this KCL library from this path.
        unsafe { hooks::install(&self.library, &self.path, changes) }
    }

    /// Calls a method, such as `KclService.ExecProgram`, with an encoded message.
    pub(crate) fn call(&mut self, method: &CString, arguments: &[u8]) -> Reply {
        // A caught panic leaves the length unwritten, so 0 means "measure it".
        let mut length = 0;
        // SAFETY: service and call come from one library; the method ends with
        // NUL; the argument's length is its own; length outlives the call.
        let reply = unsafe {
            (self.call)(
                self.service,
                method.as_ptr(),
                arguments.as_ptr().cast(),
                arguments.len(),
                &raw mut length,
            )
        };
        if reply.is_null() {
            return Reply::Error("the KCL library gave no reply".to_owned());
        }
        // SAFETY: reply is not null and holds `length` bytes and a NUL, or, when
        // the length was not written, a NUL-terminated text.
        let bytes = unsafe {
            let length = if length == 0 {
                CStr::from_ptr(reply).to_bytes().len()
            } else {
                length
            };
            std::slice::from_raw_parts(reply.cast::<u8>(), length).to_vec()
        };
        self.release(reply, bytes.len());
        decode(bytes)
    }

    fn release(&self, reply: *mut c_char, length: usize) {
        // SAFETY: the reply came from this library, is used no more, and goes
        // back through the function that the library has for it.
        unsafe {
            match self.free {
                Free::String(free) => free(reply),
                Free::Bytes(free) => free(reply, length),
            }
        }
    }
}

impl Drop for LibKcl {
    fn drop(&mut self) {
        // SAFETY: the service came from this library and is deleted once.
        unsafe { (self.delete)(self.service) }
    }
}

/// What `copy_process` returns, once in each process.
pub(crate) enum Copy {
    /// This is the copy.
    Itself,
    /// This is the original, of the copy with this id.
    Of(Pid),
}

/// Makes a copy of the process with this thread only.
pub(crate) fn copy_process() -> io::Result<Copy> {
    // SAFETY: a worker has one more thread, which waits in a join and holds no
    // lock; the C library's allocator is usable in the copy.
    match unsafe { fork()? } {
        ForkResult::Child => {
            heap::leave_shared();
            Ok(Copy::Itself)
        }
        ForkResult::Parent { child } => Ok(Copy::Of(child)),
    }
}

/// Ends the process without a word to anything in it.
pub(crate) fn end_process(code: i32) -> ! {
    // SAFETY: the kernel alone is called; nothing that is written waits in a buffer.
    unsafe { nix::libc::_exit(code) }
}

fn decode(bytes: Vec<u8>) -> Reply {
    match bytes.strip_prefix(ERROR_MARK) {
        Some(text) => Reply::Error(String::from_utf8_lossy(text).into_owned()),
        None => Reply::Message(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_with_the_error_mark_is_an_error() {
        assert_eq!(decode(b"ERROR:no".to_vec()), Reply::Error("no".into()));
        assert_eq!(
            decode(b"\x0a\x02{}".to_vec()),
            Reply::Message(b"\x0a\x02{}".to_vec())
        );
        assert_eq!(decode(Vec::new()), Reply::Message(Vec::new()));
    }
}
