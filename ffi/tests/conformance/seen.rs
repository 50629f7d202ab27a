//! What comes back from C: codes, messages, JSON, and the bytes of a view read as its header describes them.

use std::{
    collections::BTreeMap,
    ffi::{CStr, c_char},
    mem::offset_of,
    ptr,
};

use serde_json::Value;
use steadfast_conformance::{Broken, Listed};
use steadfast_core::policy::Traffic;
use steadfast_ffi::{
    codes::{STEADFAST_E_BUFFER_TOO_SMALL, STEADFAST_OK},
    exports::views::{steadfast_view_read, steadfast_view_release},
    types::{ErrorReport, STEADFAST_VIEW_HEALTHY, STEADFAST_VIEW_MAGIC, View, ViewHeader, ViewRecord},
};

use crate::given::size;

/// Calls a function that may explain its failure.
pub(crate) fn explained(call: impl FnOnce(*mut ErrorReport) -> i32) -> (i32, String) {
    let mut report = ErrorReport { struct_size: size::<ErrorReport>(), code: 0, message: [0; 504] };
    let code = call(&raw mut report);
    // SAFETY: the library ends every message in NUL, and an unused report is all zero.
    let message = unsafe { CStr::from_ptr(report.message.as_ptr()) }.to_string_lossy().into_owned();
    (code, message)
}

/// The code of a call, which may fail only with the one code that is expected.
pub(crate) fn code(expected: Option<i32>, call: impl FnOnce(*mut ErrorReport) -> i32) -> Result<i32, Broken> {
    let (code, message) = explained(call);
    if code >= 0 || Some(code) == expected { Ok(code) } else { Err(Broken::new(format!("code {code}: {message}"))) }
}

/// A JSON answer, in a buffer that grows as far as it has to; `None` for the code that stands for "nothing".
pub(crate) fn json(
    nothing: Option<i32>,
    write: impl Fn(*mut c_char, usize, *mut usize) -> i32,
) -> Result<Option<Value>, Broken> {
    let mut buffer: Vec<u8> = Vec::new();
    loop {
        let mut needed = 0;
        match write(buffer.as_mut_ptr().cast(), buffer.len(), &raw mut needed) {
            STEADFAST_OK => return serde_json::from_slice(&buffer[..needed]).map(Some).map_err(Broken::new),
            STEADFAST_E_BUFFER_TOO_SMALL => buffer = vec![0; needed],
            code if Some(code) == nothing => return Ok(None),
            code => return Err(Broken::new(format!("code {code}"))),
        }
    }
}

/// A view, released when it is dropped.
pub(crate) struct Picture(*const View);

impl Picture {
    /// Takes over a view that was acquired and nobody else releases.
    pub(crate) fn new(view: *const View) -> Picture {
        Picture(view)
    }

    /// The instance of an address.
    pub(crate) fn find(&self, ip: &str, port: u16, cluster: &str) -> Result<Option<Listed>, Broken> {
        let block = self.bytes()?;
        let header = Block(block);
        if header.u32(offset_of!(ViewHeader, magic))? != STEADFAST_VIEW_MAGIC {
            return Err(Broken::new("the view has another magic number"));
        }
        let step = usize::from(header.u16(offset_of!(ViewHeader, record_size))?);
        let first = header.index(offset_of!(ViewHeader, header_size))?;
        let arena = usize::try_from(header.u64(offset_of!(ViewHeader, arena_offset))?).map_err(Broken::new)?;
        for number in 0..header.index(offset_of!(ViewHeader, count))? {
            let record = Block(block.get(first + number * step..).ok_or_else(cut)?);
            let text = |at: usize| -> Result<&[u8], Broken> {
                let (from, len) = (arena + record.index(at)?, record.index(at + 4)?);
                block.get(from..from + len).ok_or_else(cut)
            };
            let is_it = text(offset_of!(ViewRecord, ip_off))? == ip.as_bytes()
                && text(offset_of!(ViewRecord, cluster_off))? == cluster.as_bytes()
                && record.u16(offset_of!(ViewRecord, port))? == port;
            if is_it {
                return listed(&record, text(offset_of!(ViewRecord, metadata_off))?).map(Some);
            }
        }
        Ok(None)
    }

    fn bytes(&self) -> Result<&[u8], Broken> {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: the view has not been released, and both pointers are to locals.
        let code = unsafe { steadfast_view_read(self.0, &raw mut data, &raw mut len, ptr::null_mut()) };
        if code != STEADFAST_OK {
            return Err(Broken::new(format!("code {code} from a view")));
        }
        // SAFETY: the library says that `len` bytes are readable there until the view is released, which the borrow of
        // `self` outlives.
        Ok(unsafe { std::slice::from_raw_parts(data, len) })
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: acquired once, released once.
        unsafe { steadfast_view_release(self.0) };
    }
}

fn listed(record: &Block<'_>, packed: &[u8]) -> Result<Listed, Broken> {
    let traffic = record.byte(offset_of!(ViewRecord, traffic))?;
    Ok(Listed {
        healthy: record.byte(offset_of!(ViewRecord, flags))? & STEADFAST_VIEW_HEALTHY != 0,
        traffic: Traffic::from_number(traffic).ok_or_else(|| Broken::new(format!("traffic {traffic}")))?,
        weight: f64::from_bits(record.u64(offset_of!(ViewRecord, weight))?),
        metadata: pairs(packed)?,
    })
}

fn pairs(mut packed: &[u8]) -> Result<BTreeMap<String, String>, Broken> {
    let mut pairs = BTreeMap::new();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(Broken::new);
    while !packed.is_empty() {
        let (key, value) = (usize::from(Block(packed).u16(0)?), usize::from(Block(packed).u16(2)?));
        let rest = packed.get(4..).filter(|rest| rest.len() >= key + value).ok_or_else(cut)?;
        pairs.insert(text(&rest[..key])?, text(&rest[key..key + value])?);
        packed = &rest[key + value..];
    }
    Ok(pairs)
}

/// Little-endian numbers at places of a block.
struct Block<'a>(&'a [u8]);

impl Block<'_> {
    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], Broken> {
        self.0.get(at..at + N).and_then(|bytes| bytes.try_into().ok()).ok_or_else(cut)
    }

    fn byte(&self, at: usize) -> Result<u8, Broken> {
        self.bytes::<1>(at).map(|[byte]| byte)
    }

    fn u16(&self, at: usize) -> Result<u16, Broken> {
        self.bytes(at).map(u16::from_le_bytes)
    }

    fn u32(&self, at: usize) -> Result<u32, Broken> {
        self.bytes(at).map(u32::from_le_bytes)
    }

    fn u64(&self, at: usize) -> Result<u64, Broken> {
        self.bytes(at).map(u64::from_le_bytes)
    }

    fn index(&self, at: usize) -> Result<usize, Broken> {
        usize::try_from(self.u32(at)?).map_err(Broken::new)
    }
}

fn cut() -> Broken {
    Broken::new("a view points outside of itself")
}
