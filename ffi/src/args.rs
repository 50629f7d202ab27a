//! Memory of the caller: what is read from it and what is written to it, each checked first.

#![allow(unsafe_code, reason = "the pointers come from C")]
#![allow(clippy::unused_self, reason = "`self` is the proof that the pointers keep the header's rules")]

use std::{marker::PhantomData, mem::MaybeUninit, ptr::NonNull, slice};

use serde::Serialize;
use steadfast_core::Packed;

use crate::{
    codes,
    failure::{Answer, Failure},
    registry::Shell,
    types::{self, Options, Report, Steadfast, Text, View},
};

/// No structure of this interface will ever be larger; what claims to be is garbage.
const STRUCT_SIZE_MAX: u32 = 4096;

/// Proof that the caller of an exported function promised the header's rules for all pointers of that call: each is
/// NULL, or valid for what its function's description says (reading, or writing) until the function returns. What can
/// be checked is checked here: NULL, alignment, `struct_size`, UTF-8.
pub(crate) struct Caller(());

/// A structure of C that begins with its `struct_size`.
///
/// # Safety
///
/// The type is `repr(C)`, its first field is `struct_size: u32`, and any bytes are a valid value of it.
pub(crate) unsafe trait Versioned: Copy {
    /// The size that it had in the first header. A program that was compiled with less than today's says nothing about
    /// the rest, which is then zero.
    const FIRST_SIZE: usize = size_of::<Self>();
}

macro_rules! versioned {
    ($($name:ident),*) => {$(
        // SAFETY: `repr(C)`, begins with `struct_size`, and consists of numbers and raw pointers.
        unsafe impl Versioned for types::$name {}
    )*};
}

versioned!(ErrorReport, Address, Claim, Registration, FullBeat, Author, Overlay, Effect, Install, NamedBeat, Quota);
versioned!(FloorTarget, FloorEffect, Selector, BulkOrder, Plan, BulkEffect, Route, Routed, Lookup);

// SAFETY: `repr(C)`, begins with `struct_size`, and consists of numbers and raw pointers.
unsafe impl Versioned for Options {
    /// Up to `reserved`.
    const FIRST_SIZE: usize = 80;
}

impl Caller {
    /// # Safety
    ///
    /// The promise above holds for every pointer that is passed to the methods of the result.
    pub(crate) unsafe fn promised() -> Caller {
        Caller(())
    }

    /// The registry, if it belongs to this process.
    pub(crate) fn registry(&self, registry: *const Steadfast) -> Result<&Shell, Failure> {
        let registry = checked(registry, "registry")?;
        // SAFETY: it comes from `steadfast_open` and was not freed (promised), so it is a live `Steadfast`.
        let shell = unsafe { &registry.as_ref().0 };
        if shell.is_forked() { Err(Failure::plain(codes::STEADFAST_E_FORKED)) } else { Ok(shell) }
    }

    /// A structure that may come from a program compiled with an earlier or later header.
    pub(crate) fn structure<T: Versioned>(&self, place: *const T, name: &str) -> Result<T, Failure> {
        let place = checked(place, name)?;
        let size = struct_size(place, name)?;
        let known = size.min(size_of::<T>());
        // SAFETY: `struct_size` says that this many bytes are the caller's structure (promised), and it is bounded.
        let unknown = unsafe { slice::from_raw_parts(place.as_ptr().cast::<u8>().add(known), size - known) };
        if unknown.iter().any(|byte| *byte != 0) {
            return Err(Failure::new(
                codes::STEADFAST_E_RESERVED,
                format!("{name} sets a field that this version of the library does not know"),
            ));
        }
        let mut value = MaybeUninit::<T>::zeroed();
        // SAFETY: `known` bytes are readable (promised) and no more than a `T` has; the copy is ours and overlaps nothing.
        // Any bytes are a valid `T` (Versioned), so those that were not copied are, too.
        unsafe {
            value.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(place.as_ptr().cast::<u8>(), known);
            Ok(value.assume_init())
        }
    }

    /// The same, where NULL means that there is none.
    pub(crate) fn structure_optional<T: Versioned>(&self, place: *const T, name: &str) -> Result<Option<T>, Failure> {
        if place.is_null() { Ok(None) } else { self.structure(place, name).map(Some) }
    }

    /// An array of structures. All tell the same size, which is also how far one begins after the other: the caller's
    /// header may be a later one.
    pub(crate) fn structures<T: Versioned>(&self, first: *const T, len: usize, name: &str) -> Result<Vec<T>, Failure> {
        if len == 0 {
            return Ok(Vec::new());
        }
        let size = struct_size(checked(first, name)?, name)?;
        bounded::<[u8; STRUCT_SIZE_MAX as usize]>(len, name)?;
        let element = |at: usize| {
            let name = format!("{name}[{at}]");
            // SAFETY: the array has `len` elements of `size` bytes each (promised), which fit the address space
            // (checked); the first of them says so, and each is checked to agree before it is used.
            let place = unsafe { first.byte_add(at * size) };
            match struct_size(checked(place, &name)?, &name)? {
                own if own == size => self.structure(place, &name),
                own => Err(Failure::new(
                    codes::STEADFAST_E_STRUCT_SIZE,
                    format!("{name} has struct_size {own}, and the first element {size}; all have one size"),
                )),
            }
        };
        (0..len).map(element).collect()
    }

    /// A text.
    pub(crate) fn text(&self, text: Text, name: &str) -> Result<&str, Failure> {
        let bytes = self.array(text.data.cast::<u8>(), text.len, name)?;
        std::str::from_utf8(bytes)
            .map_err(|error| Failure::new(codes::STEADFAST_E_UTF8, format!("{name} is not UTF-8: {error}")))
    }

    /// An array that is read; NULL when `len` is 0 is an empty one.
    pub(crate) fn array<T: Copy>(&self, first: *const T, len: usize, name: &str) -> Result<&[T], Failure> {
        if len == 0 {
            return Ok(&[]);
        }
        let first = checked(first, name)?;
        bounded::<T>(len, name)?;
        // SAFETY: not NULL, aligned and of possible length (checked); readable and unchanged during the call (promised).
        Ok(unsafe { slice::from_raw_parts(first.as_ptr(), len) })
    }

    /// An array that is written.
    #[allow(clippy::mut_from_ref, reason = "the memory is the caller's, not part of `self`")]
    pub(crate) fn array_out<T: Copy>(
        &self,
        first: *mut T,
        len: usize,
        name: &str,
    ) -> Result<&mut [MaybeUninit<T>], Failure> {
        if len == 0 {
            return Ok(&mut []);
        }
        let first = checked(first, name)?;
        bounded::<T>(len, name)?;
        // SAFETY: not NULL, aligned and of possible length (checked); ours alone during the call (promised).
        Ok(unsafe { slice::from_raw_parts_mut(first.cast().as_ptr(), len) })
    }

    /// A place for one result.
    pub(crate) fn out<T: Copy>(&self, place: *mut T, name: &str) -> Result<Out<'_, T>, Failure> {
        checked(place, name).map(|place| Out { place: Some(place), call: PhantomData })
    }

    /// A place for one result that the caller may not want.
    pub(crate) fn out_optional<T: Copy>(&self, place: *mut T, name: &str) -> Result<Out<'_, T>, Failure> {
        if place.is_null() { Ok(Out { place: None, call: PhantomData }) } else { self.out(place, name) }
    }

    /// A place for a structure that the caller may not want.
    pub(crate) fn out_struct_optional<T: Versioned>(
        &self,
        place: *mut T,
        name: &str,
    ) -> Result<OutStruct<'_, T>, Failure> {
        const { assert!(T::FIRST_SIZE == size_of::<T>(), "all of it is written") };
        if place.is_null() {
            return Ok(OutStruct(Out { place: None, call: PhantomData }));
        }
        struct_size(checked(place, name)?, name)?;
        self.out(place, name).map(OutStruct)
    }

    /// Fills the caller's options, which may be of a later header: what this version does not know becomes zero.
    pub(crate) fn options_init(&self, place: *mut Options, size: usize, defaults: Options) -> Answer {
        let place = checked(place, "options")?;
        let struct_size = u32::try_from(size).ok().filter(|size| *size <= STRUCT_SIZE_MAX);
        let Some(struct_size) = struct_size.filter(|_| size >= Options::FIRST_SIZE) else {
            return Err(wrong_size::<Options>("options", size));
        };
        let filled = Options { struct_size, ..defaults };
        let known = size.min(size_of::<Options>());
        // SAFETY: the caller says that `size` bytes are there (promised), of which `known` are those of an `Options` or
        // of its beginning; `filled` is ours and overlaps nothing.
        unsafe {
            let start = place.as_ptr().cast::<u8>();
            start.write_bytes(0, size);
            start.copy_from_nonoverlapping((&raw const filled).cast::<u8>(), known);
        }
        Ok(codes::STEADFAST_OK)
    }

    /// A picture of a service.
    pub(crate) fn view(&self, view: *const View) -> Result<&Packed, Failure> {
        let view = checked(view, "view")?;
        // SAFETY: it comes from `steadfast_view_acquire` and is not released yet (promised), so it is a live `Packed`.
        Ok(unsafe { view.cast::<Packed>().as_ref() })
    }

    /// An answer that was kept.
    pub(crate) fn report(&self, report: *const Report) -> Result<&Report, Failure> {
        let report = checked(report, "report")?;
        // SAFETY: it comes from this library and is not released yet (promised), so it is a live `Report`.
        Ok(unsafe { report.as_ref() })
    }

    /// Adds to the used part of a buffer.
    pub(crate) fn append(
        &self,
        first: *mut u8,
        capacity: usize,
        len: *mut usize,
        parts: &[&[u8]],
    ) -> Result<(), Failure> {
        let place = self.array_out(first, capacity, "buffer")?;
        let len = checked(len, "len")?;
        // SAFETY: not NULL and aligned (checked); readable (promised).
        let used = unsafe { len.as_ptr().read() };
        let added = parts.iter().map(|part| part.len()).sum::<usize>();
        let Some(mut rest) = place.get_mut(used..).filter(|rest| rest.len() >= added) else {
            return Err(Failure::plain(codes::STEADFAST_E_BUFFER_TOO_SMALL));
        };
        for part in parts {
            let (start, after) = rest.split_at_mut(part.len());
            start.write_copy_of_slice(part);
            rest = after;
        }
        // SAFETY: as above, and writable (promised).
        unsafe { len.as_ptr().write(used + added) };
        Ok(())
    }

    /// A buffer for bytes, with a place for how many there are.
    pub(crate) fn buffer(&self, first: *mut u8, capacity: usize, needed: *mut usize) -> Result<Buffer<'_>, Failure> {
        Ok(Buffer { bytes: self.array_out(first, capacity, "buffer")?, needed: self.out(needed, "needed")? })
    }
}

/// A checked place for one result.
pub(crate) struct Out<'call, T> {
    place: Option<NonNull<T>>,
    call: PhantomData<&'call Caller>,
}

impl<T: Copy> Out<'_, T> {
    /// Whether the caller wants the result.
    pub(crate) fn is_wanted(&self) -> bool {
        self.place.is_some()
    }

    pub(crate) fn write(self, value: T) {
        if let Some(place) = self.place {
            // SAFETY: not NULL and aligned (checked when this was made); writable during the call (promised).
            unsafe { place.as_ptr().write(value) };
        }
    }
}

/// A checked place for one structure, whose `struct_size` stays what the caller wrote there.
pub(crate) struct OutStruct<'call, T>(Out<'call, T>);

impl<T: Versioned> OutStruct<'_, T> {
    /// Makes the value only when somebody wants it.
    pub(crate) fn write_with(self, value: impl FnOnce() -> T) {
        let Some(place) = self.0.place else { return };
        let value = value();
        let (start, skipped) = (place.as_ptr().cast::<u8>(), size_of::<u32>());
        // SAFETY: the place holds a whole `T` (its `struct_size` was checked) and is writable (promised); the copy
        // leaves out the leading `struct_size`, and `value` cannot overlap memory of the caller.
        unsafe {
            start
                .add(skipped)
                .copy_from_nonoverlapping((&raw const value).cast::<u8>().add(skipped), size_of::<T>() - skipped);
        };
    }
}

/// A checked buffer of the caller.
pub(crate) struct Buffer<'call> {
    bytes: &'call mut [MaybeUninit<u8>],
    needed: Out<'call, usize>,
}

impl Buffer<'_> {
    /// Writes the value as JSON.
    pub(crate) fn fill_json(self, value: &impl Serialize) -> Answer {
        self.fill(&json(value)?)
    }

    /// Writes all of `bytes`, or only how long they are.
    pub(crate) fn fill(self, bytes: &[u8]) -> Answer {
        self.needed.write(bytes.len());
        let Some(place) = self.bytes.get_mut(..bytes.len()) else {
            return Err(Failure::new(
                codes::STEADFAST_E_BUFFER_TOO_SMALL,
                format!("the buffer has {} bytes, {} are needed", self.bytes.len(), bytes.len()),
            ));
        };
        place.write_copy_of_slice(bytes);
        Ok(codes::STEADFAST_OK)
    }
}

/// A value as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value)
        .map_err(|error| Failure::new(codes::STEADFAST_E_PANIC, format!("a bug inside the library: no JSON: {error}")))
}

fn checked<T>(pointer: *const T, name: &str) -> Result<NonNull<T>, Failure> {
    let Some(found) = NonNull::new(pointer.cast_mut()) else {
        return Err(Failure::new(codes::STEADFAST_E_NULL, format!("{name} is NULL")));
    };
    if !found.is_aligned() {
        return Err(Failure::new(codes::STEADFAST_E_MISALIGNED, format!("{name} is not aligned for its type")));
    }
    Ok(found)
}

fn bounded<T>(len: usize, name: &str) -> Result<(), Failure> {
    if len > isize::MAX.unsigned_abs() / size_of::<T>() {
        return Err(Failure::new(codes::STEADFAST_E_TOO_MANY, format!("{name} cannot have {len} elements")));
    }
    Ok(())
}

fn struct_size<T: Versioned>(place: NonNull<T>, name: &str) -> Result<usize, Failure> {
    // SAFETY: every `Versioned` begins with a `u32`; the place is not NULL and aligned (checked) and readable (promised).
    let size = unsafe { place.cast::<u32>().as_ptr().read() };
    match usize::try_from(size) {
        Ok(found) if found >= T::FIRST_SIZE && size <= STRUCT_SIZE_MAX => Ok(found),
        found => Err(wrong_size::<T>(name, found.unwrap_or(usize::MAX))),
    }
}

fn wrong_size<T: Versioned>(name: &str, size: usize) -> Failure {
    let (known, first) = (size_of::<T>(), T::FIRST_SIZE);
    Failure::new(
        codes::STEADFAST_E_STRUCT_SIZE,
        format!(
            "{name} has struct_size {size}; {known} is the size of this version, {first} the smallest and \
             {STRUCT_SIZE_MAX} the largest that is taken"
        ),
    )
}
