//! The laws that the active policy claims, and the promises about time, watched while a history runs.
//!
//! They speak of what was published and of what operators said, not of how the model came to its answer: a policy that
//! breaks a law breaks it in registry and model alike, and is found here.

use std::collections::BTreeMap;

use steadfast_policy::{Claim, Event, Hold, Law, Manifest, Orders, Probe, Process, Traffic};

use crate::{
    model::{Crossed, Decided, Known, Model},
    world::Place,
};

/// A threshold fires at most this long after its time, ticks permitting.
const LATE_MS_MAX: u64 = 200;

/// The order as the operator knows it.
#[derive(Clone, Copy, Debug)]
struct Ghost {
    ordered: Hold,
    /// An event of another or an unknown program came since.
    foreign: bool,
}

/// What is remembered for the laws.
#[derive(Default)]
pub(crate) struct Monitors {
    ghosts: BTreeMap<Place, Ghost>,
}

impl Monitors {
    /// A policy takes over in these services, or a process starts: the orders are those that stand and count.
    pub(crate) fn start(&mut self, model: &Model, services: &[u8]) {
        let standing = |at: Place| {
            let ordered = model.known(at).map_or(Hold::None, |known| known.counted);
            (at, Ghost { ordered, foreign: false })
        };
        self.ghosts.extend(Place::all().filter(|at| services.contains(&at.service)).map(standing));
    }

    /// Follows the decisions of an event, and says which law one of them broke.
    pub(crate) fn follow(&mut self, model: &Model) -> Result<(), (Law, String)> {
        for decided in &model.decided {
            let Decided { at, facts, verdict, .. } = decided;
            let claimed = &model.policy_of(at.service).manifest.laws;
            let ghost = self.ghosts.entry(*at).or_insert(Ghost { ordered: Hold::None, foreign: false });
            match facts.event {
                Event::Release => ghost.ordered = facts.hold,
                Event::Hold | Event::Swap => *ghost = Ghost { ordered: facts.hold, foreign: false },
                _ if facts.process != Process::Same => ghost.foreign |= ghost.ordered != Hold::None,
                _ => {}
            }
            ghost.foreign &= ghost.ordered != Hold::None;
            let inherits =
                facts.process == Process::Other && facts.hold != Hold::None && verdict.orders != Orders::Clear;
            if claimed.contains(&Law::NoInheritance) && inherits {
                return Err((Law::NoInheritance, format!("{at}: another program keeps hold {}", facts.hold)));
            }
        }
        Ok(())
    }

    /// Looks at everything that is there.
    pub(crate) fn check(&self, model: &Model) -> Result<(), (Law, String)> {
        let present = Place::all().filter_map(|at| Some((at, model.known(at).filter(|known| known.present)?)));
        for (at, known) in present {
            let ghost = self.ghosts.get(&at).copied().unwrap_or(Ghost { ordered: Hold::None, foreign: false });
            let manifest = &model.policy_of(at.service).manifest;
            for law in &manifest.laws {
                if !holds(*law, manifest, known, ghost) {
                    let Known { claim, healthy, traffic, band, probe, .. } = known;
                    let shown = format!("{traffic}, healthy {healthy}, band {band}, probe {probe}, claim {claim}");
                    return Err((*law, format!("{at} is {shown}; ordered is {}", ghost.ordered)));
                }
            }
        }
        Ok(())
    }
}

fn holds(law: Law, manifest: &Manifest, known: &Known, ghost: Ghost) -> bool {
    let Known { claim, healthy, traffic, band, probe, .. } = known;
    match law {
        Law::Sticky => ghost.foreign || *traffic >= ghost.ordered.traffic(),
        Law::StickyAddress => *traffic >= ghost.ordered.traffic(),
        Law::Available => ghost.ordered != Hold::None || *claim == Claim::Disabled || *traffic == Traffic::Serve,
        Law::Honest => !healthy || (*band < manifest.unhealthy_from && *probe != Probe::Failing),
        Law::ClaimRespected => *claim != Claim::Disabled || *traffic != Traffic::Serve,
        // About decisions and pairs of histories, not about what is there.
        Law::NoInheritance | Law::InertBeat | Law::Idempotent | Law::ReleaseRestores => true,
    }
}

/// An ordinary beat changes nothing, where that is claimed.
pub(crate) fn beat_was_inert(model: &Model, at: Place, before: Option<&Known>) -> bool {
    let after = model.known(at);
    let claimed = model.policy_of(at.service).manifest.laws.contains(&Law::InertBeat);
    let Some(before) = before.filter(|known| claimed && known.present && known.band == 0) else { return true };
    after.is_some_and(|after| after.is_as(before))
}

/// The same event twice is as it is once, where that is claimed. `once` is what was known after the first time.
///
/// The second time the process is the same; there is no second time of a release.
pub(crate) fn was_idempotent(model: &Model, at: Place, once: Option<&Known>) -> bool {
    let claimed = model.policy_of(at.service).manifest.laws.contains(&Law::Idempotent);
    let Some(decided) = model.decided.iter().rfind(|decided| decided.at == at).filter(|_| claimed) else { return true };
    let counts = decided.facts.process == Process::Same && !matches!(decided.facts.event, Event::Release | Event::Swap);
    let same = match (once, model.known(at)) {
        (Some(once), Some(twice)) => twice.is_as(once),
        (once, twice) => once.is_none() && twice.is_none(),
    };
    !counts || same
}

/// Never early, and not later than 300 ms where ticks come every 100 ms.
pub(crate) fn was_in_time(crossed: &Crossed) -> Result<(), String> {
    let Crossed { at, threshold_ms, since_ms, rules_ms, ticks_ms: (before_ms, now_ms) } = *crossed;
    let due_ms = since_ms + threshold_ms;
    if now_ms <= due_ms {
        return Err(format!("{at}: {threshold_ms} ms of silence since {since_ms} were found at {now_ms}, too early"));
    }
    if before_ms > due_ms.max(rules_ms) + LATE_MS_MAX {
        return Err(format!("{at}: {threshold_ms} ms of silence since {since_ms} were overlooked at {before_ms}"));
    }
    Ok(())
}
