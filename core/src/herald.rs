//! The thread that raises the descriptors of queues, so that publishers need not.
//!
//! It waits for the bell like any poll, and looks at every queue that has a descriptor. It lives from the first such
//! queue to the last, and holds nothing of the registry while it sleeps.
//!
//! Lock order: the herald's list → a queue's own lock. Publishers take neither.

use std::{
    sync::{Arc, Weak},
    thread::JoinHandle,
};

use crate::{bell::Bell, error::WatchError, sync::Mutex, threads, watch::Queue};

const STACK_BYTES: usize = 256 * 1024;

/// Who tells queues with a descriptor that there is news.
#[derive(Default)]
pub(crate) struct Herald {
    rounds: Arc<Mutex<Rounds>>,
}

#[derive(Default)]
struct Rounds {
    queues: Vec<Weak<Queue>>,
    thread: Option<JoinHandle<()>>,
    /// Which thread is in charge; one that was told to end looks for its number in vain.
    number: u64,
}

impl Herald {
    /// Looks after a queue from now on, with a descriptor and a thread that are made if they are not there.
    pub(crate) fn attend(&self, queue: &Arc<Queue>) -> Result<(), WatchError> {
        let mut rounds = self.rounds.lock();
        if rounds.thread.is_none() {
            let thread = self.start(rounds.number, &queue.inner.ring.bell)?;
            rounds.thread = Some(thread);
        }
        match queue.signal.make() {
            Ok(true) => rounds.queues.push(Arc::downgrade(queue)),
            Ok(false) => {}
            Err(error) => {
                let ended = rounds.end_if_idle();
                drop(rounds);
                wait_for(ended, queue);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Leaves a queue alone from now on. The thread's last queue takes the thread along.
    pub(crate) fn dismiss(&self, queue: &Arc<Queue>) {
        if !queue.signal.is_made() {
            return;
        }
        let mut rounds = self.rounds.lock();
        rounds.queues.retain(|other| !std::ptr::eq(other.as_ptr(), Arc::as_ptr(queue)));
        let ended = rounds.end_if_idle();
        drop(rounds);
        wait_for(ended, queue);
    }

    fn start(&self, number: u64, bell: &Arc<Bell>) -> Result<JoinHandle<()>, WatchError> {
        let (rounds, bell) = (Arc::clone(&self.rounds), Arc::clone(bell));
        let run = move || bell.wait(None, || !rounds.lock().go_round(number));
        threads::spawn("steadfast-watch", STACK_BYTES, run).map_err(|error| WatchError::Descriptor(error.kind()))
    }
}

/// Waits until a thread that was told to end has done so: hosts unload libraries.
fn wait_for(ended: Option<JoinHandle<()>>, queue: &Queue) {
    if let Some(thread) = ended {
        queue.inner.ring.notify();
        let _ = thread.join();
    }
}

impl Rounds {
    /// Raises what there is to raise; says whether to come again.
    fn go_round(&self, number: u64) -> bool {
        if self.number != number {
            return false;
        }
        // A queue that is let go waits for this list before it goes, so none ends here.
        let mut queues = self.queues.iter().filter_map(Weak::upgrade);
        queues.all(|queue| {
            queue.raise_if_pending();
            true
        })
    }

    fn end_if_idle(&mut self) -> Option<JoinHandle<()>> {
        if !self.queues.is_empty() {
            return None;
        }
        self.number += 1;
        self.thread.take()
    }
}

impl Queue {
    pub(crate) fn raise_if_pending(&self) {
        let mut watched = self.watched.lock();
        if self.is_pending(&mut watched) {
            self.signal.raise();
        }
    }
}
