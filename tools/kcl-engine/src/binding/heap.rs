//! The heap that libkcl gets in a worker, in place of the C library's.
//!
//! A third of the C library's time goes away by what a worker need not do: it
//! has one thread that allocates, it lives shortly, and what a copy of it (see
//! `copies`) frees of its original's is not worth a write to a shared page. So
//! blocks are cut one after the other from one large mapping, with their class
//! of sizes before them, and freed ones wait in a list for each class. What is
//! large, comes from another thread, or finds no room is the C library's.
//!
//! ```c
//! void* malloc(size_t size);
//! void* calloc(size_t count, size_t size);
//! void* realloc(void* block, size_t size);
//! void  free(void* block);
//! ```

use std::{
    cell::{Cell, UnsafeCell},
    ffi::c_void,
    num::NonZero,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap_anonymous};

unsafe extern "C" {
    fn malloc(size: usize) -> *mut c_void;
    fn calloc(count: usize, size: usize) -> *mut c_void;
    fn realloc(block: *mut c_void, size: usize) -> *mut c_void;
    fn free(block: *mut c_void);
}

/// Classes that grow by 16 bytes; from there on each doubling has four.
const EXACT: usize = 65;
const CLASSES: usize = EXACT + 4 * 10;
/// The largest block that is cut from the mapping, in bytes.
const LARGEST: usize = 1 << 20;
/// Bytes before a block, which hold its class.
const HEADER: usize = 8;
/// A large page of x86-64 and AArch64.
const PAGE: usize = 2 << 20;
/// What comes before the first large page: as much as a small program needs, which
/// is not worth the clearing of a whole one.
const BEFORE: usize = 512 << 10;

/// Where the mapping is; it never moves.
static START: AtomicUsize = AtomicUsize::new(0);
static LENGTH: AtomicUsize = AtomicUsize::new(0);
static HEAP: OfOneThread = OfOneThread(UnsafeCell::new(Heap::NONE));

thread_local! {
    /// Whether this thread is the one that allocates.
    static IS_OWNER: Cell<bool> = const { Cell::new(false) };
}

struct OfOneThread(UnsafeCell<Heap>);

// SAFETY: only the thread whose IS_OWNER is set looks inside, see `with_heap`.
unsafe impl Sync for OfOneThread {}

/// The functions that stand for the C library's, by name.
pub(super) fn functions() -> [(&'static str, usize); 4] {
    [
        ("malloc", allocate as *const () as usize),
        ("calloc", allocate_zeroed as *const () as usize),
        ("realloc", reallocate as *const () as usize),
        ("free", release as *const () as usize),
    ]
}

/// Makes this thread the one that allocates, from a mapping of up to `length`
/// bytes. False if there is none to be had.
pub(super) fn start(length: usize) -> bool {
    let Some(size) = NonZero::new(length + PAGE) else {
        return false;
    };
    let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
    let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_NORESERVE;
    // SAFETY: a new mapping at an address of the kernel's choice.
    let Ok(mapped) = (unsafe { mmap_anonymous(None, size, access, flags) }) else {
        return false;
    };
    let large = (mapped.as_ptr() as usize + BEFORE).next_multiple_of(PAGE);
    let start = large - BEFORE;
    if let Some(first) = ptr::NonNull::new(large as *mut c_void) {
        let length = length.saturating_sub(BEFORE);
        // SAFETY: the range lies in the new mapping. Without large pages it is only slower.
        let _ = unsafe { madvise(first, length, MmapAdvise::MADV_HUGEPAGE) };
    }
    START.store(start, Ordering::Relaxed);
    LENGTH.store(length, Ordering::Relaxed);
    IS_OWNER.set(true);
    with_heap(|heap| *heap = Heap::of(start, length));
    true
}

/// A copy of the process leaves alone what it shares with its original.
pub(super) fn leave_shared() {
    with_heap(Heap::leave_shared);
}

/// Lends the heap to the thread that owns it.
fn with_heap<R>(work: impl FnOnce(&mut Heap) -> R) -> Option<R> {
    // SAFETY: one thread only, and no work on the heap allocates.
    IS_OWNER.get().then(|| work(unsafe { &mut *HEAP.0.get() }))
}

fn is_ours(block: *mut c_void) -> bool {
    let offset = (block as usize).wrapping_sub(START.load(Ordering::Relaxed));
    offset < LENGTH.load(Ordering::Relaxed)
}

struct Heap {
    /// Where the next block's header goes.
    next: usize,
    end: usize,
    /// Blocks below it are never given back.
    shared: usize,
    /// The first free block of each class, which holds the next one's address.
    free: [usize; CLASSES],
}

impl Heap {
    const NONE: Self = Self::of(0, 0);

    const fn of(start: usize, length: usize) -> Self {
        Self {
            // Blocks are aligned to 16, so headers are not.
            next: start + 16 - HEADER,
            end: start + length,
            shared: start,
            free: [0; CLASSES],
        }
    }

    fn leave_shared(&mut self) {
        let next = self.next.next_multiple_of(PAGE).min(self.end);
        *self = Self::of(next, self.end - next);
    }

    /// A block, and whether it is new, which means zeroed; 0 if there is no room.
    fn take(&mut self, size: usize) -> (usize, bool) {
        let class = class_of(size);
        let block = self.free[class];
        if block != 0 {
            // SAFETY: a free block of ours holds the next one's address.
            self.free[class] = unsafe { *(block as *const usize) };
            return (block, false);
        }
        let block = self.next + HEADER;
        let next = block + capacity(class);
        if next > self.end {
            return (0, false);
        }
        // SAFETY: the header lies in the mapping, below the block.
        unsafe { *(self.next as *mut usize) = class };
        self.next = next;
        (block, true)
    }

    /// # Safety
    /// `block` must be one that `take` gave and that nobody uses.
    unsafe fn give_back(&mut self, block: usize) {
        if block < self.shared {
            return;
        }
        // SAFETY: as promised, a class stands before the block, and the smallest
        // block has room for an address.
        unsafe {
            let class = class_at(block);
            *(block as *mut usize) = self.free[class];
            self.free[class] = block;
        }
    }
}

/// # Safety
/// `block` must be one that [`Heap::take`] gave.
unsafe fn class_at(block: usize) -> usize {
    // SAFETY: as promised.
    unsafe { *((block - HEADER) as *const usize) }
}

/// The class of blocks with room for `size` bytes, at most [`LARGEST`].
fn class_of(size: usize) -> usize {
    if size <= capacity(EXACT - 1) {
        return (size + 7) / 16;
    }
    let last = size - HEADER - 1;
    let doubling = last.ilog2() as usize;
    EXACT + (doubling - 10) * 4 + ((last >> (doubling - 2)) & 3)
}

/// The bytes that a class's blocks have; 8 more than a multiple of 16.
fn capacity(class: usize) -> usize {
    if class < EXACT {
        return 16 * class + HEADER;
    }
    let (doubling, quarter) = ((class - EXACT) / 4 + 10, (class - EXACT) % 4);
    ((5 + quarter) << (doubling - 2)) + HEADER
}

/// A block of ours, unless the C library must give one.
fn own(size: usize) -> Option<(*mut c_void, bool)> {
    if size > LARGEST {
        return None;
    }
    let (block, is_new) = with_heap(|heap| heap.take(size))?;
    (block != 0).then_some((block as *mut c_void, is_new))
}

unsafe extern "C" fn allocate(size: usize) -> *mut c_void {
    match own(size) {
        Some((block, _)) => block,
        // SAFETY: the caller's request, as it is.
        None => unsafe { malloc(size) },
    }
}

unsafe extern "C" fn allocate_zeroed(count: usize, size: usize) -> *mut c_void {
    let Some((block, is_new)) = count.checked_mul(size).and_then(own) else {
        // SAFETY: the caller's request, as it is.
        return unsafe { calloc(count, size) };
    };
    if !is_new {
        // SAFETY: the block has room for so many bytes.
        unsafe { ptr::write_bytes(block.cast::<u8>(), 0, count * size) };
    }
    block
}

unsafe extern "C" fn reallocate(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        // SAFETY: what realloc does with no block.
        return unsafe { allocate(size) };
    }
    if !is_ours(block) {
        // SAFETY: the C library gave this block.
        return unsafe { realloc(block, size) };
    }
    // SAFETY: a block of ours has its class before it; the new one has room for
    // all that the old one holds.
    unsafe {
        let held = capacity(class_at(block as usize));
        if size <= held {
            return block;
        }
        let new = allocate(size);
        if !new.is_null() {
            ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast::<u8>(), held);
            release(block);
        }
        new
    }
}

unsafe extern "C" fn release(block: *mut c_void) {
    if !is_ours(block) {
        // SAFETY: the C library gave this block, or it is none.
        return unsafe { free(block) };
    }
    // SAFETY: the caller uses its block no more. Another thread's stays where it is.
    with_heap(|heap| unsafe { heap.give_back(block as usize) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_size_has_the_smallest_class_that_holds_it() {
        let mut class = 0;
        for size in 0..=LARGEST {
            if size > capacity(class) {
                class += 1;
            }
            assert_eq!(class_of(size), class, "{size}");
            assert_eq!(capacity(class) % 16, HEADER);
        }
        assert_eq!(class, CLASSES - 1);
    }
}
