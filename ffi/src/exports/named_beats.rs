//! Beats by name, many in one call.

use steadfast_core::{self as core, Beat, RegisterError, ServiceId, limits::BATCH_MAX};

use crate::{
    args::Caller,
    boundary::enter,
    codes::{self, STEADFAST_OK},
    failure::Failure,
    types::{ErrorReport, NamedBeat, Steadfast},
};

/// Beats that are read before they are beaten: what is read stays in the nearest cache.
const BLOCK: usize = 256;

/// Signs of life of `count` addresses, at most 65536, each as by `steadfast_beat_at`; some hundred at a time use the
/// call best.
///
/// `STEADFAST_PARTIAL`: some are not alive. `*rejected_count` becomes how many, `rejected` receives the positions of the
/// first `rejected_capacity` of them in `beats`, and `codes` (may be NULL, else as long as `rejected`) what
/// `steadfast_beat_at` answers there: `STEADFAST_REGISTER_AGAIN`, or an error, which spoils no other beat.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_beat_batch_at(
    registry: *const Steadfast,
    beats: *const NamedBeat,
    count: usize,
    rejected: *mut u32,
    codes: *mut i32,
    rejected_capacity: usize,
    rejected_count: *mut usize,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            if count > BATCH_MAX {
                return Err(Failure::plain(codes::STEADFAST_E_TOO_MANY));
            }
            let beats = caller.structures(beats, count, "beats")?;
            let places = caller.array_out(rejected, rejected_capacity, "rejected")?;
            let told = if codes.is_null() { 0 } else { rejected_capacity };
            let codes = caller.array_out(codes, told, "codes")?;
            let rejected_count = caller.out(rejected_count, "rejected_count")?;
            let rejections = beat_all(shell.core(), caller, &beats);
            if rejections.iter().any(|(_, code)| *code == codes::STEADFAST_E_CLOSED) {
                return Err(Failure::plain(codes::STEADFAST_E_CLOSED));
            }
            for (place, (position, _)) in places.iter_mut().zip(&rejections) {
                place.write(*position);
            }
            for (place, (_, code)) in codes.iter_mut().zip(&rejections) {
                place.write(*code);
            }
            rejected_count.write(rejections.len());
            Ok(if rejections.is_empty() { STEADFAST_OK } else { codes::STEADFAST_PARTIAL })
        })
    }
}

/// The position of a beat and its code, for each one that is not alive, in order of the positions.
fn beat_all(registry: &core::Registry, caller: &Caller, beats: &[NamedBeat]) -> Vec<(u32, i32)> {
    let mut rejections = Vec::new();
    // Their number is bounded (BATCH_MAX), so that a position fits.
    for (block, first) in beats.chunks(BLOCK).zip((0_u32..).step_by(BLOCK)) {
        let read: Vec<_> = block.iter().map(|beat| caller.named_beat(beat)).collect();
        let (mut named, mut positions) = (Vec::with_capacity(block.len()), Vec::with_capacity(block.len()));
        for ((read, beat), position) in read.iter().zip(block).zip(first..) {
            match read {
                Ok((address, full)) => {
                    let service = ServiceId::from_u64(beat.service);
                    named.push(core::NamedBeat { service, address, full: full.as_ref() });
                    positions.push(position);
                }
                Err(failure) => rejections.push((position, failure.code)),
            }
        }
        registry.beat_batch_at(&named, &mut |at, why| rejections.push((positions[at], code(why))));
    }
    rejections.sort_unstable();
    rejections
}

fn code(beat: Result<Beat, RegisterError>) -> i32 {
    match beat {
        Ok(Beat::Alive) => STEADFAST_OK,
        Ok(Beat::RegisterAgain) => codes::STEADFAST_REGISTER_AGAIN,
        Ok(Beat::Closed) => codes::STEADFAST_E_CLOSED,
        Err(error) => Failure::from(error).code,
    }
}

impl Caller {
    fn named_beat(&self, beat: &NamedBeat) -> Result<(core::Address, Option<core::FullBeat>), Failure> {
        let (ip, cluster) = (self.text(beat.ip, "ip")?, self.text(beat.cluster, "cluster")?);
        Ok((core::Address::new(ip, beat.port, cluster)?, self.full_beat(beat.full)?))
    }
}
