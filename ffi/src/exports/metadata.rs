//! Packing metadata in the caller's own memory.

use std::ptr;

use crate::{
    boundary::guard,
    codes::{STEADFAST_E_METADATA, STEADFAST_OK},
    failure::Failure,
    types::Text,
};

/// Appends a pair to packed metadata: the key's length and the value's, two little-endian bytes each, the key, the
/// value. `*len` is how much of `buffer` is used, 0 at first; it becomes how much is used afterwards, or is left alone
/// when the pair does not fit (`STEADFAST_E_BUFFER_TOO_SMALL`). Bounds of keys and values are checked when the metadata
/// is used.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_metadata_append(
    buffer: *mut u8,
    capacity: usize,
    len: *mut usize,
    key: Text,
    value: Text,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        guard(ptr::null_mut(), |caller| {
            let (key, value) = (caller.text(key, "key")?, caller.text(value, "value")?);
            let (Ok(key_len), Ok(value_len)) = (u16::try_from(key.len()), u16::try_from(value.len())) else {
                return Err(Failure::plain(STEADFAST_E_METADATA));
            };
            let parts = [&key_len.to_le_bytes(), &value_len.to_le_bytes(), key.as_bytes(), value.as_bytes()];
            caller.append(buffer, capacity, len, &parts)?;
            Ok(STEADFAST_OK)
        })
    }
}
