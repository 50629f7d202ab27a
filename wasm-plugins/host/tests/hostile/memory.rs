//! What this process holds, and the most that it held. Linux tells; elsewhere the table has no such column.

use std::fs;

/// Resident now, in bytes.
pub(crate) fn resident() -> Option<u64> {
    field("VmRSS:")
}

/// The most that was resident since the last [`forget_peak`].
pub(crate) fn peak() -> Option<u64> {
    field("VmHWM:")
}

/// Where the system refuses this, the peak is that of the whole life of the process: too much, never too little.
pub(crate) fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn field(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib << 10)
}
