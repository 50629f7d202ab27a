//! Waking everybody who waits, at the price of waking one.
//!
//! Whoever rings takes the list of those who sleep as one value and calls the first of them; each one that is called
//! calls two more on its way out. So a publisher, which rings under its service's mutex, pays one look at a counter
//! when nobody waits, and one short lock and one wake-up otherwise, for one waiter as for ten thousand.
//!
//! No wake-up is lost. A waiter announces itself (`listening`), fences, reads the number of the round, looks for what
//! it waits for, and goes to sleep only if the round is still the same. A ringer stores what is new, fences, and looks
//! at `listening`. If the ringer's fence comes first, the waiter's look finds what is new. If the waiter's comes first,
//! the ringer sees it listening and ends the round under the lock: before the waiter read its number (then the lock
//! makes the news visible to the look), between that and its falling asleep (then the number differs and it looks
//! again), or after (then it is on the list and is called).
//!
//! Invariant: a sleeper that was taken off the list is called exactly once, and does not leave before it has called
//! those whom it was given; also if its time is up meanwhile. It looks and calls under its own lock while it is on no
//! list, so nobody else wants that lock then, and those whom it calls call nobody who calls.

use std::{sync::Arc, time::Duration};

#[cfg(shuttle)]
use crate::faults;
#[cfg(test)]
use crate::sync::AtomicUsize;
use crate::sync::{AtomicU64, Monitor, Ordering, fence};

/// What waiters wait for.
pub(crate) struct Bell {
    /// Threads inside `wait`.
    listening: AtomicU64,
    round: Monitor<Round>,
    #[cfg(test)]
    woken_by_ringers: AtomicUsize,
}

#[derive(Default)]
struct Round {
    number: u64,
    sleepers: Vec<Arc<Sleeper>>,
}

struct Sleeper {
    /// Where it stands on the list of its round; read and written under that list's lock.
    place: AtomicU64,
    /// Set when it is called: those whom it calls in turn.
    call: Monitor<Option<Sleepers>>,
}

/// Some of those who slept in a round that has ended.
struct Sleepers {
    all: Arc<Vec<Arc<Sleeper>>>,
    from: usize,
    to: usize,
}

/// Announces a waiter for as long as it lives.
struct Listening<'a>(&'a AtomicU64);

impl Bell {
    pub(crate) fn new() -> Bell {
        Bell {
            listening: AtomicU64::new(0),
            round: Monitor::new(Round::default()),
            #[cfg(test)]
            woken_by_ringers: AtomicUsize::new(0),
        }
    }

    /// Wakes everybody who waits for what was stored before. Says how many threads the caller itself woke: one at most.
    pub(crate) fn ring(&self) -> usize {
        // SeqCst pairs with the fence in `wait`; the module's head argues the rest.
        fence(Ordering::SeqCst);
        self.ring_after_fence()
    }

    pub(crate) fn ring_after_fence(&self) -> usize {
        if self.listening.load(Ordering::Relaxed) == 0 {
            return 0;
        }
        let all = Arc::new(self.round.with(Round::end));
        let to = all.len();
        let woken = Sleepers { all, from: 0, to }.call_first();
        #[cfg(test)]
        self.woken_by_ringers.fetch_add(woken, Ordering::Relaxed);
        woken
    }

    /// How many sleep.
    #[cfg(any(test, loom))]
    pub(crate) fn asleep(&self) -> usize {
        self.round.with(|round| round.sleepers.len())
    }

    /// How many threads were woken by those who rang, not by each other.
    #[cfg(test)]
    pub(crate) fn woken_by_ringers(&self) -> usize {
        self.woken_by_ringers.load(Ordering::Relaxed)
    }

    /// Waits until `ready` says so, or the time is up. `ready` is asked at first and after every ring, by a thread that
    /// holds no lock that anybody who rings could want.
    pub(crate) fn wait(&self, timeout: Option<Duration>, mut ready: impl FnMut() -> bool) {
        if ready() || timeout == Some(Duration::ZERO) {
            return;
        }
        let _listening = Listening::new(&self.listening);
        // SeqCst pairs with the fence in `ring`.
        fence(Ordering::SeqCst);
        let sleeper = Sleeper::new();
        // The round in which it is on the list.
        let mut asleep_in = None;
        sleeper.call.wait_while(timeout, |call| {
            match call.take() {
                None if asleep_in.is_some() => return true,
                others => others.into_iter().for_each(Sleepers::call),
            }
            asleep_in = self.sleep_unless(&sleeper, &mut ready);
            asleep_in.is_some()
        });
        if let Some(number) = asleep_in {
            self.give_up(&sleeper, number);
            // What came in the last moment counts.
            ready();
        }
    }

    /// Puts a sleeper on the list, and says in which round, unless `ready` says that it need not sleep.
    fn sleep_unless(&self, sleeper: &Arc<Sleeper>, ready: &mut impl FnMut() -> bool) -> Option<u64> {
        let mut number = self.round.with(|round| round.number);
        loop {
            if ready() {
                return None;
            }
            match self.round.with(|round| round.add(sleeper, number)) {
                Ok(()) => return Some(number),
                Err(later) => number = later,
            }
        }
    }

    /// Takes a sleeper off the list whose time is up. One that was taken off before is about to be called, and must
    /// hear whom to call in turn.
    fn give_up(&self, sleeper: &Arc<Sleeper>, number: u64) {
        if self.round.with(|round| round.remove(sleeper, number)) {
            return;
        }
        sleeper.call.wait_while(None, |call| match call.take() {
            Some(others) => {
                others.call();
                false
            }
            None => true,
        });
    }
}

impl Round {
    /// Begins the next round; whoever slept in this one.
    fn end(&mut self) -> Vec<Arc<Sleeper>> {
        self.number += 1;
        std::mem::take(&mut self.sleepers)
    }

    fn add(&mut self, sleeper: &Arc<Sleeper>, number: u64) -> Result<(), u64> {
        #[cfg(shuttle)]
        let number = if faults::is(faults::Fault::SleepsThroughTheRing) { self.number } else { number };
        if self.number != number {
            return Err(self.number);
        }
        sleeper.place.store(self.sleepers.len() as u64, Ordering::Relaxed);
        self.sleepers.push(Arc::clone(sleeper));
        Ok(())
    }

    /// Whether the sleeper was still there.
    fn remove(&mut self, sleeper: &Sleeper, number: u64) -> bool {
        if self.number != number {
            return false;
        }
        let place = sleeper.place.load(Ordering::Relaxed);
        self.sleepers.swap_remove(place as usize);
        if let Some(moved) = self.sleepers.get(place as usize) {
            moved.place.store(place, Ordering::Relaxed);
        }
        true
    }
}

impl Sleeper {
    fn new() -> Arc<Sleeper> {
        Arc::new(Sleeper { place: AtomicU64::new(0), call: Monitor::new(None) })
    }
}

impl Sleepers {
    /// Calls the first of each half, who call the others.
    fn call(self) {
        let Sleepers { all, from, to } = self;
        let middle = from.midpoint(to);
        Sleepers { all: Arc::clone(&all), from, to: middle }.call_first();
        Sleepers { all, from: middle, to }.call_first();
    }

    /// Calls the first, who calls the others. Says how many threads that woke.
    fn call_first(self) -> usize {
        let Sleepers { all, from, to } = self;
        if from == to {
            return 0;
        }
        let first = Arc::clone(&all[from]);
        first.call.set(Some(Sleepers { all, from: from + 1, to }));
        1
    }
}

impl<'a> Listening<'a> {
    fn new(listening: &'a AtomicU64) -> Listening<'a> {
        // Relaxed: the fence that follows orders it.
        listening.fetch_add(1, Ordering::Relaxed);
        Listening(listening)
    }
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        // Relaxed: a ringer that still sees it finds nobody on the list, at the price of one lock.
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::thread;

    use super::*;
    use crate::sync::AtomicBool;

    const LONG: Option<Duration> = Some(Duration::from_mins(10));

    impl Bell {
        fn until_asleep(&self, sleepers: usize) {
            while self.asleep() < sleepers {
                thread::yield_now();
            }
        }
    }

    #[test]
    fn one_ring_wakes_everybody_and_whoever_rings_wakes_one() {
        const WAITERS: usize = 100;
        let (bell, news, woken) = (Bell::new(), AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..WAITERS {
                scope.spawn(|| {
                    bell.wait(LONG, || news.load(Ordering::Relaxed));
                    woken.fetch_add(1, Ordering::Relaxed);
                });
            }
            bell.until_asleep(WAITERS);
            assert_eq!(bell.ring(), 1, "all look, find nothing and sleep again");
            bell.until_asleep(WAITERS);
            assert_eq!(woken.load(Ordering::Relaxed), 0);
            news.store(true, Ordering::Relaxed);
            assert_eq!(bell.ring(), 1);
        });
        assert_eq!(woken.load(Ordering::Relaxed), WAITERS);
        assert_eq!(bell.ring(), 0, "nobody waits any more");
    }

    #[test]
    fn who_has_its_news_already_and_who_has_no_time_does_not_sleep() {
        let bell = Bell::new();
        bell.wait(None, || true);
        bell.wait(Some(Duration::ZERO), || false);
        assert_eq!(bell.round.with(|round| round.number), 0);
    }

    #[test]
    fn who_gives_up_keeps_no_place_and_the_others_keep_theirs() {
        let mut round = Round::default();
        let sleepers = [(); 3].map(|()| Sleeper::new());
        for sleeper in &sleepers {
            assert_eq!(round.add(sleeper, 0), Ok(()));
        }
        assert!(round.remove(&sleepers[0], 0));
        assert!(round.remove(&sleepers[2], 0));
        assert!(Arc::ptr_eq(&round.sleepers[0], &sleepers[1]));
        assert_eq!(round.end().len(), 1);
        assert!(!round.remove(&sleepers[1], 0), "it was taken off");
        assert_eq!(round.add(&sleepers[1], 0), Err(1));
    }

    #[test]
    fn waiters_whose_time_is_up_while_others_ring_pass_the_call_on() {
        const RINGS: usize = 2_000;
        let (bell, rung) = (Bell::new(), AtomicUsize::new(0));
        thread::scope(|scope| {
            for short in 0..4_u64 {
                let (bell, rung) = (&bell, &rung);
                scope.spawn(move || {
                    while rung.load(Ordering::Relaxed) < RINGS {
                        bell.wait(Some(Duration::from_micros(short * 7 + 1)), || false);
                    }
                });
                scope.spawn(move || {
                    for turn in 0..RINGS {
                        bell.wait(None, || rung.load(Ordering::Relaxed) > turn);
                    }
                });
            }
            for _ in 0..RINGS {
                rung.fetch_add(1, Ordering::Relaxed);
                bell.ring();
            }
        });
    }
}
