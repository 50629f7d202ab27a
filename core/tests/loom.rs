//! Models of the races that the gate, published values and the bell must win, and of the variants that lose them.
//!
//! Run with `RUSTFLAGS="--cfg loom --cfg crossbeam_loom" cargo test -p steadfast-core --release --test loom`. The gate,
//! published values, the bin and the bell are the registry's own; what happens around it (mutex, decision) is cut down to what matters for the race.
#![cfg(loom)]

use loom::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread,
};
use steadfast_core::model::{Bell, Gate, Shown, heavy};

const EARLIER: u32 = 10;
const NOW: u32 = 200;
const TIMEOUT: u32 = 150;

/// One instance: its gate, and what its service's mutex guards.
struct Instance {
    gate: Gate,
    generation: u32,
    present: Mutex<bool>,
}

impl Instance {
    fn present() -> Arc<Instance> {
        let gate = Gate::new(1);
        let generation = gate.occupy(EARLIER);
        gate.set_open(true);
        Arc::new(Instance { gate, generation, present: Mutex::new(true) })
    }

    /// A beat: through the gate, or decided under the mutex. Whether it was acknowledged as a beat of a live instance.
    fn beat(&self) -> bool {
        if self.gate.beat(self.generation, NOW) {
            return true;
        }
        let present = self.present.lock().unwrap();
        if *present {
            self.gate.restart_clock(NOW);
        }
        *present
    }

    fn is_silent(&self) -> bool {
        NOW - self.gate.last_beat() >= TIMEOUT
    }
}

/// Fails if the registry can end in the one state it must never be in: acknowledged and expired.
fn never_both(beaters: usize, expire: fn(&Instance)) {
    loom::model(move || {
        let instance = Instance::present();
        let beaters: Vec<_> = (0..beaters)
            .map(|_| {
                let instance = Arc::clone(&instance);
                thread::spawn(move || instance.beat())
            })
            .collect();
        expire(&instance);
        // All are joined before any is looked at.
        let beats: Vec<bool> = beaters.into_iter().map(|beater| beater.join().unwrap()).collect();
        let acknowledged = beats.contains(&true);
        let expired = !*instance.present.lock().unwrap();
        assert!(!(acknowledged && expired), "acknowledged and expired");
    });
}

/// A variant that must lose: the model finds how, and stops there.
fn refuted(check: impl FnOnce() + std::panic::UnwindSafe) {
    assert!(std::panic::catch_unwind(check).is_err(), "the model should have found a way to break this");
}

fn expire(instance: &Instance) {
    let mut present = instance.present.lock().unwrap();
    instance.gate.set_open(false);
    heavy();
    if instance.is_silent() {
        *present = false;
    } else {
        instance.gate.set_open(true);
    }
}

#[test]
fn a_beat_is_acknowledged_or_expired_never_both() {
    never_both(1, expire);
}

#[test]
fn two_beats_are_acknowledged_or_expired_never_both() {
    // The second may find the time of the first already there and store nothing of its own.
    never_both(2, expire);
}

/// What an install does: it looks first, and has the barrier run only for who looks silent.
#[test]
fn a_beat_counts_in_an_install_that_spares_itself_the_barrier() {
    never_both(1, |instance| {
        let mut present = instance.present.lock().unwrap();
        instance.gate.set_open(false);
        if instance.is_silent() {
            heavy();
            *present = !instance.is_silent();
        }
        instance.gate.set_open(*present);
    });
}

#[test]
fn refuted_expiry_without_a_barrier() {
    refuted(|| {
        never_both(1, |instance| {
            let mut present = instance.present.lock().unwrap();
            instance.gate.set_open(false);
            if instance.is_silent() {
                *present = false;
            }
        });
    });
}

#[test]
fn refuted_expiry_that_reads_the_time_before_it_shuts_the_gate() {
    refuted(|| {
        never_both(1, |instance| {
            let mut present = instance.present.lock().unwrap();
            let silent = instance.is_silent();
            instance.gate.set_open(false);
            heavy();
            if silent {
                *present = false;
            }
        });
    });
}

#[test]
fn refuted_expiry_that_decides_before_it_takes_the_mutex() {
    refuted(|| {
        never_both(1, |instance| {
            instance.gate.set_open(false);
            heavy();
            let silent = instance.is_silent();
            let mut present = instance.present.lock().unwrap();
            if silent {
                *present = false;
            }
        });
    });
}

/// A service whose policy is swapped for one under which a beat matters.
struct Swapped {
    instance: Arc<Instance>,
    epoch: Mutex<u32>,
    returned: AtomicBool,
    decided_in: AtomicU32,
}

impl Swapped {
    fn beat(&self) {
        if !self.instance.gate.beat(self.instance.generation, NOW) {
            let epoch = self.epoch.lock().unwrap();
            self.decided_in.store(*epoch, Ordering::Relaxed);
        }
    }
}

/// Fails if a beat that started after the install returned can be decided by the old policy.
fn decided_by_the_new(install: fn(&Swapped)) {
    loom::model(move || {
        let swapped = Arc::new(Swapped {
            instance: Instance::present(),
            epoch: Mutex::new(1),
            returned: AtomicBool::new(false),
            decided_in: AtomicU32::new(1),
        });
        let beater = {
            let swapped = Arc::clone(&swapped);
            thread::spawn(move || {
                let after = swapped.returned.load(Ordering::Acquire);
                swapped.beat();
                after
            })
        };
        install(&swapped);
        let after = beater.join().unwrap();
        assert!(!after || swapped.decided_in.load(Ordering::Relaxed) == 2, "decided by the old policy");
    });
}

#[test]
fn a_beat_after_the_install_is_decided_by_the_new_policy() {
    decided_by_the_new(|swapped| {
        let mut epoch = swapped.epoch.lock().unwrap();
        swapped.instance.gate.set_open(false);
        *epoch = 2;
        drop(epoch);
        swapped.returned.store(true, Ordering::Release);
    });
}

#[test]
fn refuted_install_that_shuts_the_gate_after_it_returned() {
    refuted(|| {
        decided_by_the_new(|swapped| {
            *swapped.epoch.lock().unwrap() = 2;
            swapped.returned.store(true, Ordering::Release);
            swapped.instance.gate.set_open(false);
        });
    });
}

#[test]
fn refuted_install_that_sets_the_table_after_it_let_beats_in() {
    refuted(|| {
        decided_by_the_new(|swapped| {
            swapped.instance.gate.set_open(false);
            swapped.returned.store(true, Ordering::Release);
            *swapped.epoch.lock().unwrap() = 2;
        });
    });
}

/// A published value that tells when it is freed.
struct Value {
    freed: Arc<[AtomicBool; 2]>,
    number: usize,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.freed[self.number].store(true, Ordering::Relaxed);
    }
}

/// Fails if a value can be freed while a lookup reads it. Few switches are enough to break a wrong order, and all of
/// the epoch's own would take days.
fn read_while_replaced(ticks: usize) {
    // How often the ticks freed the old value; it would prove little if they never did.
    static FREED_BY_TICKS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(move || {
        let freed = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let value = |number| Value { freed: Arc::clone(&freed), number };
        let shown = Arc::new(Shown::new(value(0)));
        let reader = {
            let (shown, freed) = (Arc::clone(&shown), Arc::clone(&freed));
            thread::spawn(move || {
                shown.read(|value| {
                    let number = value.number;
                    thread::yield_now();
                    assert!(!freed[number].load(Ordering::Relaxed), "freed while it was read");
                });
            })
        };
        shown.replace(value(1));
        for _ in 0..ticks {
            shown.empty_bin();
        }
        FREED_BY_TICKS.fetch_add(usize::from(freed[0].load(Ordering::Relaxed)), Ordering::Relaxed);
        reader.join().unwrap();
        assert!(!freed[1].load(Ordering::Relaxed), "what is published is not garbage");
        drop(shown);
        assert!(freed.iter().all(|freed| freed.load(Ordering::Relaxed)), "everything is freed in the end");
    });
    assert!(FREED_BY_TICKS.load(Ordering::Relaxed) > 0);
}

#[test]
fn a_value_is_not_freed_while_it_is_read() {
    read_while_replaced(3);
}

/// Waiters that sleep until they have seen all news, each told by a ringer of its own. One that is `hurried` may leave
/// before, and must not take a call along that was another's. The model finds who sleeps for ever.
fn nobody_sleeps_through(news: usize, waiters: &'static [bool], tell: fn(&Bell, &AtomicBool)) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(if waiters.len() + news > 2 { 2 } else { 3 });
    model.check(move || {
        let bell = Arc::new(Bell::default());
        let told: Arc<Vec<AtomicBool>> = Arc::new((0..news).map(|_| AtomicBool::new(false)).collect());
        let threads: Vec<_> = waiters
            .iter()
            .map(|hurried| {
                let (bell, told) = (Arc::clone(&bell), Arc::clone(&told));
                thread::spawn(move || bell.wait(*hurried, || told.iter().all(|news| news.load(Ordering::Relaxed))))
            })
            .chain((1..news).map(|number| {
                let (bell, told) = (Arc::clone(&bell), Arc::clone(&told));
                thread::spawn(move || tell(&bell, &told[number]))
            }))
            .collect();
        tell(&bell, &told[0]);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

fn store_and_ring(bell: &Bell, news: &AtomicBool) {
    news.store(true, Ordering::Relaxed);
    bell.ring();
}

#[test]
fn a_waiter_sleeps_through_nothing() {
    nobody_sleeps_through(1, &[false], store_and_ring);
}

#[test]
fn a_waiter_hears_of_two_who_ring_at_once() {
    nobody_sleeps_through(2, &[false], store_and_ring);
}

#[test]
fn one_ring_reaches_both_who_wait() {
    nobody_sleeps_through(1, &[false, false], store_and_ring);
}

#[test]
fn who_gives_up_passes_the_call_on() {
    nobody_sleeps_through(1, &[true, false], store_and_ring);
}

/// Fails if somebody sleeps although the ringer is done. A second ring, which comes in time for nobody to be stuck, lets
/// the model end and go on looking.
fn nobody_is_left_asleep(tell: fn(&Bell, &AtomicBool)) {
    loom::model(move || {
        let (bell, news) = (Arc::new(Bell::default()), Arc::new(AtomicBool::new(false)));
        let waiter = {
            let (bell, news) = (Arc::clone(&bell), Arc::clone(&news));
            thread::spawn(move || bell.wait(false, || news.load(Ordering::Relaxed)))
        };
        tell(&bell, &news);
        let asleep = bell.asleep();
        bell.ring();
        waiter.join().unwrap();
        assert_eq!(asleep, 0, "asleep after the ring");
    });
}

#[test]
fn nobody_is_left_asleep_by_a_ring() {
    nobody_is_left_asleep(store_and_ring);
}

#[test]
fn refuted_ringer_that_rings_before_it_stores() {
    refuted(|| {
        nobody_is_left_asleep(|bell, news| {
            bell.ring();
            news.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn refuted_ringer_without_a_fence() {
    refuted(|| {
        nobody_is_left_asleep(|bell, news| {
            news.store(true, Ordering::Relaxed);
            bell.ring_without_fence();
        });
    });
}
