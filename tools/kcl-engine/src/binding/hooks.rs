//! Stands between a program and functions that libkcl offers it.
//!
//! libkcl finds the functions behind `option()`, `datetime.now()` and so on in
//! slots that the dynamic linker filled in. Putting another address there lets
//! a worker see when a program first reads an option, take its result, refuse
//! what gives another value at each run, take the network away, and do sooner
//! what libkcl does slowly: see `heap` and `patterns`.
//!
//! ```c
//! value* kcl_builtin_option(context*, const value* args, const value* kwargs);  // and all others
//! void   kcl_builtin_option_init(context*, const char* name, const char* json);
//! value* kcl_list_get_option(context*, const value* list, int32_t index);
//! char*  kcl_value_Str_ptr(const value*);       // null for what is no string; not terminated
//! int32_t kcl_value_len(const value*);          // of a string: bytes
//! value* kcl_value_Dict(context*);
//! value* kcl_value_Str(context*, const char*);
//! value* kcl_value_Bool(context*, int8_t);
//! void   kcl_dict_merge(context*, value* dict, const char* key, const value*,
//!                       int32_t operation, int32_t index, int8_t has_index);
//! value* kcl_value_plan_to_json(context*, const value*);
//! void   kcl_assert(context*, const value* condition, const value* message);
//! ```
//! Source: `crates/runtime/src/{value,stdlib}/*api.rs` of KCL.

use std::{
    cell::RefCell,
    collections::HashMap,
    ffi::{CStr, CString, c_char, c_int, c_uint, c_void},
    path::Path,
    ptr::NonNull,
    sync::OnceLock,
};

use libloading::Library;
use nix::{
    errno::Errno,
    libc,
    sys::mman::{ProtFlags, mprotect},
    unistd::{SysconfVar, sysconf},
};

use super::{
    elf::{self, Symbol},
    heap, patterns,
};

/// What takes part in the run of a program.
pub(crate) trait Observer {
    /// The options of a name, or all if it is not known. Asked for whenever the
    /// program reads one; those that are given stay.
    fn options(&mut self, name: Option<&[u8]>) -> Vec<(CString, CString)>;
    /// Takes the result that the program's last statement hands over.
    fn finish(&mut self, json: &[u8]);
}

/// A program's last statement hands over a variable's value by
/// `print(HANDOVER, value)`.
pub(crate) const HANDOVER: &str = "hermetic.dev/handover";

/// What gives another value at each run, as libkcl and as programs name it.
const IMPURE: [(&str, &str); 6] = [
    ("kcl_datetime_today", "datetime.today"),
    ("kcl_datetime_now", "datetime.now"),
    ("kcl_datetime_ticks", "datetime.ticks"),
    ("kcl_datetime_date", "datetime.date"),
    ("kcl_crypto_uuid", "crypto.uuid"),
    ("kcl_net_fqdn", "net.fqdn"),
];

type Pointer = *const c_void;
type BuiltIn = unsafe extern "C-unwind" fn(*mut c_void, Pointer, Pointer) -> Pointer;

thread_local! {
    static OBSERVER: RefCell<Option<Box<dyn Observer>>> = const { RefCell::new(None) };
}

static KCL: OnceLock<Functions> = OnceLock::new();

/// Files to read in place of others.
static INSTEAD: OnceLock<Vec<(CString, CString)>> = OnceLock::new();

/// libkcl's own functions.
struct Functions {
    option: BuiltIn,
    print: BuiltIn,
    matches: BuiltIn,
    replace: BuiltIn,
    init: unsafe extern "C-unwind" fn(*mut c_void, *const c_char, *const c_char),
    element: unsafe extern "C-unwind" fn(*mut c_void, Pointer, i32) -> Pointer,
    characters: unsafe extern "C-unwind" fn(Pointer) -> *const u8,
    length: unsafe extern "C-unwind" fn(Pointer) -> i32,
    dict: unsafe extern "C-unwind" fn(*mut c_void) -> *mut c_void,
    string: unsafe extern "C-unwind" fn(*mut c_void, *const c_char) -> Pointer,
    boolean: unsafe extern "C-unwind" fn(*mut c_void, i8) -> Pointer,
    merge:
        unsafe extern "C-unwind" fn(*mut c_void, *mut c_void, *const c_char, Pointer, i32, i32, i8),
    plan: unsafe extern "C-unwind" fn(*mut c_void, Pointer) -> Pointer,
    assert: unsafe extern "C-unwind" fn(*mut c_void, Pointer, Pointer),
}

impl Functions {
    /// # Safety
    /// `library` must be a KCL library, so that the symbols have these types.
    unsafe fn of(library: &Library) -> Result<Self, libloading::Error> {
        // SAFETY: as promised by the caller.
        unsafe {
            Ok(Self {
                option: *library.get(b"kcl_builtin_option\0")?,
                print: *library.get(b"kcl_builtin_print\0")?,
                matches: *library.get(b"kcl_regex_match\0")?,
                replace: *library.get(b"kcl_regex_replace\0")?,
                init: *library.get(b"kcl_builtin_option_init\0")?,
                element: *library.get(b"kcl_list_get_option\0")?,
                characters: *library.get(b"kcl_value_Str_ptr\0")?,
                length: *library.get(b"kcl_value_len\0")?,
                dict: *library.get(b"kcl_value_Dict\0")?,
                string: *library.get(b"kcl_value_Str\0")?,
                boolean: *library.get(b"kcl_value_Bool\0")?,
                merge: *library.get(b"kcl_dict_merge\0")?,
                plan: *library.get(b"kcl_value_plan_to_json\0")?,
                assert: *library.get(b"kcl_assert\0")?,
            })
        }
    }

    /// The text of a value, unless it is no string.
    ///
    /// # Safety
    /// `value` must come from libkcl and live.
    unsafe fn text(&self, value: Pointer) -> Option<Vec<u8>> {
        // SAFETY: a string's characters are as many bytes as its length says.
        unsafe {
            let characters = (self.characters)(value);
            if characters.is_null() {
                return None;
            }
            let length = usize::try_from((self.length)(value)).ok()?;
            Some(std::slice::from_raw_parts(characters, length).to_vec())
        }
    }

    /// The first argument of a call, if it is a text and none is given by keyword.
    ///
    /// # Safety
    /// All must come from libkcl and live, `args` a list and `kwargs` a map.
    unsafe fn first_text(
        &self,
        context: *mut c_void,
        args: Pointer,
        kwargs: Pointer,
    ) -> Option<Vec<u8>> {
        // SAFETY: as promised; the list has a first element.
        unsafe {
            if (self.length)(args) == 0 || (self.length)(kwargs) != 0 {
                return None;
            }
            self.text((self.element)(context, args, 0))
        }
    }

    /// The arguments of a call, if they are so many texts, each given by position.
    ///
    /// # Safety
    /// All must come from libkcl and live, `args` a list and `kwargs` a map.
    unsafe fn texts<const N: usize>(
        &self,
        context: *mut c_void,
        args: Pointer,
        kwargs: Pointer,
    ) -> Option<[Vec<u8>; N]> {
        // SAFETY: as promised; the list has N elements.
        unsafe {
            if (self.length)(args) != i32::try_from(N).ok()? || (self.length)(kwargs) != 0 {
                return None;
            }
            let mut texts = [const { Vec::new() }; N];
            for (index, text) in (0..).zip(&mut texts) {
                *text = self.text((self.element)(context, args, index))?;
            }
            Some(texts)
        }
    }

    /// A variable as KCL plans the whole program's result: `{"<name>": value}`.
    ///
    /// # Safety
    /// `context` and `value` must come from libkcl and live.
    unsafe fn plan(&self, context: *mut c_void, name: &CString, value: Pointer) -> Option<Vec<u8>> {
        const UNION: i32 = 0;
        // SAFETY: the dict is libkcl's and lives as long as the context.
        unsafe {
            let dict = (self.dict)(context);
            (self.merge)(context, dict, name.as_ptr(), value, UNION, 0, 0);
            self.text((self.plan)(context, dict))
        }
    }
}

/// How a library is to be changed for the runs of this thread.
pub(crate) struct Changes {
    /// Refuse what is impure.
    pub(crate) refuse_impure: bool,
    /// What takes part in the runs.
    pub(crate) observer: Option<Box<dyn Observer>>,
    /// Files to read in place of others.
    pub(crate) instead: Vec<(CString, CString)>,
    /// Bytes that the library's own heap may have.
    pub(crate) heap: usize,
}

/// Changes a library.
///
/// # Safety
/// `library` must be a KCL library, loaded from `path`.
pub(super) unsafe fn install(
    library: &Library,
    path: &Path,
    changes: Changes,
) -> Result<(), String> {
    // SAFETY: as promised by the caller.
    let functions = unsafe { Functions::of(library) };
    let functions = functions.map_err(|error| error.to_string())?;
    let slots = Slots::of(library, path)?;
    KCL.get_or_init(|| functions);
    let network = [
        ("socket", socket as *const () as usize),
        ("getaddrinfo", getaddrinfo as *const () as usize),
    ];
    // A library that does not call them has no other way to the network.
    for (name, hook) in network.into_iter().filter(|(name, _)| slots.has(name)) {
        slots.replace(name, hook)?;
    }
    if !changes.instead.is_empty() && slots.has("open64") {
        INSTEAD.get_or_init(|| changes.instead);
        slots.replace("open64", open as *const () as usize)?;
    }
    slots.redirect("kcl_regex_match", matches)?;
    slots.redirect("kcl_regex_replace", replace)?;
    if let Some(observer) = changes.observer {
        OBSERVER.set(Some(observer));
        slots.redirect("kcl_builtin_option", option)?;
        slots.redirect("kcl_builtin_print", print)?;
    }
    if changes.refuse_impure {
        for (index, (name, _)) in IMPURE.iter().enumerate() {
            slots.redirect(name, REFUSALS[index])?;
        }
    }
    if heap::start(changes.heap) {
        for (name, function) in heap::functions()
            .into_iter()
            .filter(|(name, _)| slots.has(name))
        {
            slots.replace(name, function)?;
        }
    }
    Ok(())
}

struct Slots {
    symbols: HashMap<String, Symbol>,
    /// Where the library is mapped to.
    base: usize,
}

impl Slots {
    fn of(library: &Library, path: &Path) -> Result<Self, String> {
        const KNOWN: &str = "kcl_builtin_option";
        let symbols = elf::symbols(path).map_err(|error| error.to_string())?;
        let known = symbols
            .get(KNOWN)
            .ok_or("it does not call its functions by name")?;
        // SAFETY: only the address is used.
        let address = unsafe { library.get::<BuiltIn>(KNOWN.as_bytes()) };
        let address = *address.map_err(|error| error.to_string())? as usize;
        Ok(Self {
            base: address.wrapping_sub(known.value as usize),
            symbols,
        })
    }

    /// Whether libkcl calls the function by name.
    fn has(&self, name: &str) -> bool {
        self.symbols.contains_key(name)
    }

    /// Lets libkcl call `hook` where it would call its function `name`.
    fn redirect(&self, name: &str, hook: BuiltIn) -> Result<(), String> {
        self.replace(name, hook as usize)
    }

    /// Puts an address where that of the function `name` is.
    fn replace(&self, name: &str, address: usize) -> Result<(), String> {
        let symbol = self.symbols.get(name);
        let symbol = symbol.ok_or_else(|| format!("it does not call {name} by name"))?;
        let own = (symbol.value != 0).then(|| self.base.wrapping_add(symbol.value as usize));
        for slot in &symbol.slots {
            let slot = self.base.wrapping_add(*slot as usize) as *mut usize;
            make_writable(slot)?;
            // SAFETY: the library's own table says that this address, which is
            // writable now and aligned as all slots are, holds the function's.
            unsafe {
                if own.is_some_and(|own| slot.read() != own) {
                    return Err(format!("the slot of {name} holds something else"));
                }
                slot.write(address);
            }
        }
        Ok(())
    }
}

/// There is no network.
extern "C" fn socket(_domain: c_int, _kind: c_int, _protocol: c_int) -> c_int {
    Errno::EACCES.set();
    -1
}

/// No name can be looked up.
extern "C" fn getaddrinfo(_: Pointer, _: Pointer, _: Pointer, _: *mut Pointer) -> c_int {
    const NEVER: c_int = -4;
    NEVER
}

/// Opens a file, or the one to read in its place.
unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: the caller's path ends with NUL; so do ours. Who gives no mode
    // needs none.
    unsafe {
        let wanted = CStr::from_ptr(path);
        let mut instead = INSTEAD.get().into_iter().flatten();
        let found = instead.find(|(of, _)| of.as_c_str() == wanted);
        libc::open64(found.map_or(path, |(_, file)| file.as_ptr()), flags, mode)
    }
}

/// The linker makes slots read-only once they are filled in.
fn make_writable(slot: *mut usize) -> Result<(), String> {
    let size = sysconf(SysconfVar::PAGE_SIZE).map_err(|error| error.to_string())?;
    let size = size
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(4096);
    let page = NonNull::new((slot as usize & !(size - 1)) as *mut c_void);
    let page = page.ok_or("the slot lies at no address")?;
    // SAFETY: the page is the library's, and its contents do not change.
    unsafe { mprotect(page, size, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE) }
        .map_err(|error| format!("the slot stays read-only: {error}"))
}

unsafe extern "C-unwind" fn option(
    context: *mut c_void,
    args: Pointer,
    kwargs: Pointer,
) -> Pointer {
    let Some(kcl) = KCL.get() else {
        return std::ptr::null();
    };
    // SAFETY: libkcl called with these pointers; the texts end with NUL.
    unsafe {
        let asked = kcl.first_text(context, args, kwargs);
        let options = OBSERVER.with_borrow_mut(|observer| match observer {
            Some(observer) => observer.options(asked.as_deref()),
            None => Vec::new(),
        });
        for (name, value) in &options {
            (kcl.init)(context, name.as_ptr(), value.as_ptr());
        }
        (kcl.option)(context, args, kwargs)
    }
}

unsafe extern "C-unwind" fn print(context: *mut c_void, args: Pointer, kwargs: Pointer) -> Pointer {
    let Some(kcl) = KCL.get() else {
        return std::ptr::null();
    };
    // SAFETY: libkcl called with these pointers, and args is a list.
    unsafe {
        let text = |index| kcl.text((kcl.element)(context, args, index));
        if text(0).as_deref() == Some(HANDOVER.as_bytes()) {
            let name = text(1).and_then(|name| CString::new(name).ok());
            let value = (kcl.element)(context, args, 2);
            let json = name.and_then(|name| kcl.plan(context, &name, value));
            OBSERVER.with_borrow_mut(|observer| {
                if let (Some(observer), Some(json)) = (observer, json) {
                    observer.finish(&json);
                }
            });
        }
        (kcl.print)(context, args, kwargs)
    }
}

unsafe extern "C-unwind" fn matches(
    context: *mut c_void,
    args: Pointer,
    kwargs: Pointer,
) -> Pointer {
    let Some(kcl) = KCL.get() else {
        return std::ptr::null();
    };
    // SAFETY: libkcl called with these pointers.
    unsafe {
        let told = kcl
            .texts(context, args, kwargs)
            .and_then(|[text, pattern]| patterns::is_match(&pattern, &text));
        match told {
            Some(is_match) => (kcl.boolean)(context, i8::from(is_match)),
            None => (kcl.matches)(context, args, kwargs),
        }
    }
}

unsafe extern "C-unwind" fn replace(
    context: *mut c_void,
    args: Pointer,
    kwargs: Pointer,
) -> Pointer {
    let Some(kcl) = KCL.get() else {
        return std::ptr::null();
    };
    // SAFETY: libkcl called with these pointers; the text ends with NUL.
    unsafe {
        let told = kcl
            .texts(context, args, kwargs)
            .and_then(|[text, pattern, by]| patterns::replaced(&pattern, &text, &by))
            .and_then(|text| CString::new(text).ok());
        match told {
            Some(text) => (kcl.string)(context, text.as_ptr()),
            None => (kcl.replace)(context, args, kwargs),
        }
    }
}

/// One refusal for each name of [`IMPURE`].
const REFUSALS: [BuiltIn; IMPURE.len()] = [
    refuse::<0>,
    refuse::<1>,
    refuse::<2>,
    refuse::<3>,
    refuse::<4>,
    refuse::<5>,
];

unsafe extern "C-unwind" fn refuse<const INDEX: usize>(
    context: *mut c_void,
    _args: Pointer,
    _kwargs: Pointer,
) -> Pointer {
    let name = IMPURE[INDEX].1;
    let message = format!(
        "{name}() gives another value at each run: pass the value in as an option, or allow \
         such functions with --impure"
    );
    let message = CString::new(message).unwrap_or_default();
    if let Some(kcl) = KCL.get() {
        // SAFETY: libkcl called with this context; its assertion unwinds from
        // here with the place of the call.
        unsafe {
            let condition = (kcl.boolean)(context, 0);
            (kcl.assert)(context, condition, (kcl.string)(context, message.as_ptr()));
        }
    }
    std::ptr::null()
}
