//! Files cut and flipped anywhere: refused with an error, or read as they were; never anything else.

use steadfast_core::{Change, StoreError, StoreTable};

use super::{disk::Disk, open_data, opener, random::Random};
use crate::data::{self, DataFile, Known};

const CUTS: usize = 150;
const FLIPS: usize = 450;
const ROOTS_BYTES: usize = 512;

type Records = Vec<(Vec<u8>, Vec<u8>)>;

struct Sample {
    bytes: Vec<u8>,
    known: Known,
    records: Records,
}

impl Sample {
    /// A file with a history: pages that are in use, and pages that were.
    fn new() -> Sample {
        let disk = Disk::new(1);
        data::create(std::path::Path::new("registry.redb"), &opener(&disk)).unwrap();
        let mut data = open_data(&disk, Known::Nothing, false).unwrap();
        for turn in 0_u32..60 {
            let key = (turn % 40).to_be_bytes().to_vec();
            let value = (turn % 7 != 0).then(|| vec![b'h'; 700 + turn as usize]);
            data.commit(&[Change { table: StoreTable::Holds, key, value }]).unwrap();
        }
        let (records, known) = (records(&mut data).unwrap(), Known::Registry(data.registry_id()));
        assert!(data.close() && records.len() > 20);
        Sample { bytes: disk.bytes(), known, records }
    }

    /// What a start makes of `bytes`: whether it refuses them.
    fn is_refused(&self, bytes: &[u8], suspect: bool, what: &str) -> bool {
        let opened = open_data(&Disk::holding(bytes), self.known, suspect);
        match opened.and_then(|mut data| records(&mut data)) {
            Ok(found) => {
                assert!(found == self.records, "{what}: {} records became {}", self.records.len(), found.len());
                false
            }
            Err(StoreError::Unusable(why)) => {
                assert!(why.contains("registry.redb"), "{what}: {why}");
                true
            }
            Err(error) => panic!("{what}: the disk is not to blame: {error}"),
        }
    }
}

fn records(data: &mut DataFile) -> Result<Records, StoreError> {
    let mut records = Vec::new();
    data.load(StoreTable::Holds, &mut |key, value| records.push((key.to_vec(), value.to_vec())))?;
    Ok(records)
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused_or_whole() {
    let (sample, mut random) = (Sample::new(), Random::new(11));
    let mut refused = 0;
    for turn in 0..CUTS {
        let len = random.below(sample.bytes.len());
        refused += usize::from(sample.is_refused(&sample.bytes[..len], turn % 2 == 0, &format!("cut to {len}")));
    }
    assert!(refused > CUTS / 2, "{refused} of {CUTS} cuts were noticed");
}

#[test]
fn a_file_that_is_flipped_anywhere_is_refused_or_whole() {
    let (sample, mut random) = (Sample::new(), Random::new(12));
    // Every bit where redb keeps its roots: a flip must not lead it back to an earlier commit.
    let roots = (0..ROOTS_BYTES).flat_map(|at| (0..8).map(move |bit| (at, bit)));
    let anywhere: Vec<_> = (0..FLIPS).map(|_| (random.below(sample.bytes.len()), random.below(8))).collect();
    let mut refused = 0;
    for (turn, (at, bit)) in roots.chain(anywhere).enumerate() {
        let mut bytes = sample.bytes.clone();
        bytes[at] ^= 1 << bit;
        refused += usize::from(sample.is_refused(&bytes, turn % 3 == 0, &format!("bit {bit} flipped at {at}")));
    }
    assert!(refused > ROOTS_BYTES, "{refused} flips were noticed");
}

#[test]
fn a_file_of_noise_is_refused() {
    let (sample, mut random) = (Sample::new(), Random::new(13));
    for len in [1, 9, 63, 511, 4096, 65_536] {
        let mut bytes: Vec<u8> = (0..len).map(|_| random.next().to_le_bytes()[0]).collect();
        assert!(sample.is_refused(&bytes, false, "noise"));
        // Noise behind a beginning that looks right.
        let start = len.min(9);
        bytes[..start].copy_from_slice(&sample.bytes[..start]);
        assert!(sample.is_refused(&bytes, false, "noise behind the magic"));
    }
}
