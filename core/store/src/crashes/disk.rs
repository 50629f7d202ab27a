//! A disk as cruel as real ones: what was not synced survives a power cut by sectors and by chance, a failed sync may
//! have done everything, nothing, or have lost pages that stay visible.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::StorageBackend;

use super::random::Random;

const SECTOR: usize = 512;

/// What shall go wrong, and after how many more writes, syncs and length changes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    Errors { after: u32, times: u32 },
    PowerCut { after: u32 },
}

/// One file on one disk; clones are the same file.
#[derive(Clone, Debug)]
pub(crate) struct Disk(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    random: Random,
    /// What the system shows.
    visible: Vec<u8>,
    /// What is there after a power cut, whatever happens.
    durable: Vec<u8>,
    /// What may be there as well.
    pending: Vec<Change>,
    fault: Option<Fault>,
    off: bool,
    struck: bool,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Resize(usize),
}

impl Change {
    fn apply(&self, image: &mut Vec<u8>) {
        match self {
            Change::Write { offset, bytes } => {
                let end = offset + bytes.len();
                if image.len() < end {
                    resize(image, end);
                }
                image[*offset..end].copy_from_slice(bytes);
            }
            Change::Resize(len) => resize(image, *len),
        }
    }

    /// The pieces that a disk writes or does not write each by itself.
    fn sectors(self) -> Vec<Change> {
        let Change::Write { offset, bytes } = self else { return vec![self] };
        let mut pieces = Vec::new();
        let (mut at, mut rest) = (offset, bytes.as_slice());
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.len().min(SECTOR - at % SECTOR));
            pieces.push(Change::Write { offset: at, bytes: piece.to_vec() });
            (at, rest) = (at + piece.len(), after);
        }
        pieces
    }
}

fn resize(image: &mut Vec<u8>, len: usize) {
    // Zeros by the page: filling by `Vec::resize` is a loop over bytes in an unoptimized build.
    let mut resized = vec![0; len];
    let kept = len.min(image.len());
    resized[..kept].copy_from_slice(&image[..kept]);
    *image = resized;
}

impl Disk {
    pub(crate) fn new(seed: u64) -> Disk {
        let random = Random::new(seed);
        let (visible, durable, pending) = (Vec::new(), Vec::new(), Vec::new());
        Disk(Arc::new(Mutex::new(State { random, visible, durable, pending, fault: None, off: false, struck: false })))
    }

    /// A healthy disk that holds `bytes`.
    pub(crate) fn holding(bytes: &[u8]) -> Disk {
        let disk = Disk::new(0);
        let mut state = disk.state();
        (state.visible, state.durable) = (bytes.to_vec(), bytes.to_vec());
        drop(state);
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().visible.clone()
    }

    pub(crate) fn plan(&self, fault: Option<Fault>) {
        self.state().fault = fault;
    }

    /// Whether a fault has struck since this was last asked.
    pub(crate) fn was_struck(&self) -> bool {
        std::mem::take(&mut self.state().struck)
    }

    pub(crate) fn is_off(&self) -> bool {
        self.state().off
    }

    /// The process died; the system lives on, and so does all that it shows.
    pub(crate) fn process_died(&self) {
        let mut state = self.state();
        (state.fault, state.off) = (None, false);
    }

    /// The power went and came back: what was not synced is there by chance.
    pub(crate) fn power_cut(&self) {
        let mut state = self.state();
        state.keep_by_chance();
        state.visible = state.durable.clone();
        (state.fault, state.off) = (None, false);
    }
}

impl State {
    fn keep_by_chance(&mut self) {
        let percent = [0, 50, 90, 100][self.random.below(4)];
        for piece in std::mem::take(&mut self.pending).into_iter().flat_map(Change::sectors) {
            if self.random.below(100) < percent {
                piece.apply(&mut self.durable);
            }
        }
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.visible);
        self.pending.push(change);
    }

    /// Whether the next operation works.
    fn works(&mut self) -> io::Result<()> {
        if self.off {
            return Err(io::Error::other("the machine is off"));
        }
        let (cut, after) = match &mut self.fault {
            None => return Ok(()),
            Some(Fault::Errors { times: 0, .. }) => {
                self.fault = None;
                return Ok(());
            }
            Some(Fault::Errors { after, times }) => {
                *times -= u32::from(*after == 0);
                (false, after)
            }
            Some(Fault::PowerCut { after }) => (true, after),
        };
        if *after > 0 {
            *after -= 1;
            return Ok(());
        }
        (self.off, self.struck) = (cut, true);
        let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::Other, io::ErrorKind::ReadOnlyFilesystem];
        Err(kinds[self.random.below(kinds.len())].into())
    }

    fn write(&mut self, offset: usize, bytes: &[u8]) -> io::Result<()> {
        let worked = self.works();
        // A write that fails may have got some way.
        let len = if worked.is_ok() { bytes.len() } else { self.random.below(bytes.len() + 1) };
        if len > 0 {
            self.change(Change::Write { offset, bytes: bytes[..len].to_vec() });
        }
        worked
    }

    fn resize(&mut self, len: usize) -> io::Result<()> {
        let worked = self.works();
        if worked.is_ok() || self.random.below(2) == 0 {
            self.change(Change::Resize(len));
        }
        worked
    }

    fn sync(&mut self) -> io::Result<()> {
        let Err(error) = self.works() else {
            self.settle();
            return Ok(());
        };
        if self.off {
            return Err(error);
        }
        match self.random.below(4) {
            // Nothing was tried.
            0 => {}
            // All is done, and only the answer was lost.
            1 => self.settle(),
            // Some got through, the rest is forgotten, and shown as if it were there: ext4 and xfs.
            2 => self.keep_by_chance(),
            // Some got through, and what did not is not shown any more: btrfs.
            _ => {
                self.keep_by_chance();
                self.visible = self.durable.clone();
            }
        }
        Err(error)
    }

    fn settle(&mut self) {
        for change in self.pending.drain(..) {
            change.apply(&mut self.durable);
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().visible.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let start = usize::try_from(offset).unwrap();
        let found = state.visible.get(start..start + out.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(found);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state().resize(usize::try_from(len).unwrap())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.state().sync()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state().write(usize::try_from(offset).unwrap(), data)
    }
}
