//! A `.table` file of any bytes is refused with an error, or is a policy that survives being written and read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use steadfast_core::Policy;

const CHECKSUM_BYTES: usize = 4;

fuzz_target!(|bytes: &[u8]| {
    // As it comes, and with the checksum that lets it in: no fuzzer guesses a CRC.
    let _ = Policy::from_table_bytes(bytes);
    let Some(summed) = bytes.len().checked_sub(CHECKSUM_BYTES).map(|end| &bytes[..end]) else { return };
    let mut repaired = summed.to_vec();
    repaired.extend(crc32fast::hash(summed).to_le_bytes());
    let Ok(policy) = Policy::from_table_bytes(&repaired) else { return };
    let written = policy.to_table_bytes().expect("what was read can be written");
    let again = Policy::from_table_bytes(&written).expect("what was written can be read");
    assert_eq!(again.digest, policy.digest);
    assert_eq!(again.to_table_bytes().expect("it was written before"), written);
});
