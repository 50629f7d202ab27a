//! A registry behind its exported functions.

use std::{collections::BTreeSet, ptr};

use steadfast_conformance::{Answer, Broken, Chosen, Face, Feature, Opening, Place, Seen, WALL_START_MS};
use steadfast_core::{
    Author, Claim, Field, FieldName, FloorTarget, FullBeat, HoldOrder, Publisher, Registration, Scope, ServiceName,
    policy::Probe,
};
use steadfast_ffi::{
    codes::{
        STEADFAST_E_NOT_FOUND, STEADFAST_E_NOT_REGISTERED, STEADFAST_E_REFUSED, STEADFAST_NOT_PRESENT,
        STEADFAST_NOT_PUBLISHER, STEADFAST_OK, STEADFAST_REGISTER_AGAIN, STEADFAST_REMAINS,
    },
    exports::{
        clients::{
            steadfast_beat, steadfast_beat_at, steadfast_claim, steadfast_deregister, steadfast_disconnect,
            steadfast_register,
        },
        floors::{steadfast_floor_place, steadfast_floor_release},
        lifetime::steadfast_tick,
        orders::{
            steadfast_hold_force_release, steadfast_hold_place, steadfast_hold_release, steadfast_overlay_release,
            steadfast_overlay_set, steadfast_probe, steadfast_remove,
        },
        policies::{steadfast_policy_install, steadfast_route},
        reports::steadfast_explain,
        views::{steadfast_revision, steadfast_view_acquire},
    },
    types::{
        Effect, ErrorReport, FloorEffect, FloorTarget as CFloorTarget, Install, Routed, STEADFAST_PROBE_FAILING,
        STEADFAST_PROBE_PASSING, STEADFAST_PROBE_UNKNOWN, Steadfast,
    },
};

use crate::{
    given::{self, size, text},
    running::{Running, Scratch, Source, built_in},
    seen::{Picture, code, json},
};

/// The face of the C ABI.
pub(crate) struct Foreign {
    /// Where a registry that is restarted keeps what it must not lose; `None` for one that is not.
    data: Option<Scratch>,
    running: Option<Running>,
}

impl Foreign {
    pub(crate) fn new() -> Foreign {
        Foreign { data: None, running: None }
    }

    fn running(&mut self) -> Result<&mut Running, Broken> {
        self.running.as_mut().ok_or_else(|| Broken::new("no registry is open"))
    }

    /// The registry and the id of a service.
    fn at(&mut self, service: &ServiceName) -> Result<(*mut Steadfast, u64), Broken> {
        let running = self.running()?;
        let id = running.service(service)?;
        Ok((running.registry, id))
    }

    /// What an order answered, by its effect.
    fn order(
        &mut self,
        place: &Place,
        answer: impl FnOnce(&Effect) -> Answer,
        call: impl FnOnce(*mut Steadfast, u64, *mut Effect, *mut ErrorReport) -> i32,
    ) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let mut effect = blank_effect();
        code(None, |error| call(registry, service, &raw mut effect, error))?;
        Ok(answer(&effect))
    }

    /// What an order about many instances did.
    fn floor(
        &mut self,
        target: &FloorTarget,
        call: impl FnOnce(*mut Steadfast, *const CFloorTarget, *mut FloorEffect, *mut ErrorReport) -> i32,
    ) -> Result<FloorEffect, Broken> {
        let running = self.running()?;
        let service = target.service().map_or(Ok(0), |service| running.service(service))?;
        let (target, mut effect) = (given::floor(target, service), blank_floor_effect());
        code(None, |error| call(running.registry, target.pointer(), &raw mut effect, error))?;
        Ok(effect)
    }
}

impl Face for Foreign {
    fn open(&mut self, opening: &Opening) -> Result<(), Broken> {
        // The registry first, which has the folder open.
        self.running = None;
        self.data = None;
        self.data = if opening.restarts { Some(Scratch::new()?) } else { None };
        self.reopen(opening)
    }

    fn reopen(&mut self, opening: &Opening) -> Result<(), Broken> {
        self.running = None;
        let built_in = built_in(&opening.policy);
        self.running = Some(Running::open(opening, built_in.unwrap_or_default(), self.data.as_ref())?);
        if built_in.is_none() { self.install(&opening.policy).map(drop) } else { Ok(()) }
    }

    fn tick(&mut self, at_ms: u64) -> Result<(), Broken> {
        let registry = self.running()?.registry;
        // SAFETY: the registry is open.
        code(None, |_| unsafe { steadfast_tick(registry, at_ms, WALL_START_MS + at_ms) }).map(drop)
    }

    fn register(&mut self, service: &ServiceName, registration: &Registration) -> Result<(Answer, u64), Broken> {
        let (registry, id) = self.at(service)?;
        let (address, given) = (given::address(&registration.address), given::registration(registration));
        let (claim, mut handle) = (given::claim(&registration.claim), 0);
        // SAFETY: the registry is open; what is given outlives the call; the handle is a local.
        let code = code(Some(STEADFAST_E_REFUSED), |error| unsafe {
            let (address, given, claim) = (address.pointer(), given.pointer(), claim.pointer());
            steadfast_register(registry, id, address, given, claim, &raw mut handle, ptr::null_mut(), error)
        })?;
        Ok((if code == STEADFAST_OK { Answer::Accepted } else { Answer::Refused }, handle))
    }

    fn beat(&mut self, handle: u64) -> Result<Answer, Broken> {
        let registry = self.running()?.registry;
        // SAFETY: the registry is open.
        code(None, |_| unsafe { steadfast_beat(registry, handle) }).map(beaten)
    }

    fn beat_at(&mut self, place: &Place, full: Option<&FullBeat>) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let (address, full) = (given::address(&place.address), full.map(given::full_beat));
        // SAFETY: the registry is open; what is given outlives the call.
        let code = code(None, |error| unsafe {
            let full = full.as_ref().map_or(ptr::null(), given::Given::pointer);
            steadfast_beat_at(registry, service, address.pointer(), full, error)
        });
        code.map(beaten)
    }

    fn claim(&mut self, place: &Place, claim: &Claim) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let (address, claim) = (given::address(&place.address), given::claim(claim));
        // SAFETY: the registry is open; what is given outlives the call.
        let code = code(Some(STEADFAST_E_NOT_REGISTERED), |error| unsafe {
            steadfast_claim(registry, service, address.pointer(), claim.pointer(), ptr::null_mut(), error)
        })?;
        Ok(if code == STEADFAST_OK { Answer::Accepted } else { Answer::NotPresent })
    }

    fn deregister(&mut self, place: &Place, publisher: &Publisher) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let (address, connection) = (given::address(&place.address), given::connection(publisher));
        // SAFETY: the registry is open; what is given outlives the call.
        let code = code(None, |error| unsafe {
            steadfast_deregister(registry, service, address.pointer(), connection, ptr::null_mut(), error)
        });
        left(code?)
    }

    fn disconnect(&mut self, connection: &str) -> Result<Answer, Broken> {
        let (registry, mut gone) = (self.running()?.registry, 0);
        // SAFETY: the registry is open; the text outlives the call; the count is a local.
        code(None, |error| unsafe { steadfast_disconnect(registry, text(connection), &raw mut gone, error) })?;
        Ok(if gone > 0 { Answer::Gone } else { Answer::Unchanged })
    }

    fn hold(&mut self, place: &Place, order: &HoldOrder) -> Result<Answer, Broken> {
        let (address, author) = (given::address(&place.address), given::author(&order.author));
        let (kind, until_ms) = (given::hold_kind(order.kind), order.until_ms.unwrap_or(0));
        // SAFETY: the registry is open; what is given outlives the call; the effect is the caller's local.
        self.order(place, placed, |registry, service, effect, error| unsafe {
            let (address, author) = (address.pointer(), author.pointer());
            steadfast_hold_place(registry, service, address, kind, author, until_ms, effect, error)
        })
    }

    fn release(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken> {
        let (address, author) = (given::address(&place.address), given::author(author));
        // SAFETY: as for a hold.
        self.order(place, released, |registry, service, effect, error| unsafe {
            steadfast_hold_release(registry, service, address.pointer(), author.pointer(), effect, error)
        })
    }

    fn offers(&self, feature: Feature) -> bool {
        match feature {
            Feature::Floors | Feature::Force | Feature::Routes => true,
        }
    }

    fn force_release(&mut self, place: &Place, owner: &str, author: &Author) -> Result<Answer, Broken> {
        let (address, author) = (given::address(&place.address), given::author(author));
        // SAFETY: as for a hold.
        self.order(place, released, |registry, service, effect, error| unsafe {
            let (address, author) = (address.pointer(), author.pointer());
            steadfast_hold_force_release(registry, service, address, text(owner), author, effect, error)
        })
    }

    fn hold_floor(&mut self, target: &FloorTarget, order: &HoldOrder) -> Result<Answer, Broken> {
        let author = given::author(&order.author);
        let (kind, until_ms) = (given::hold_kind(order.kind), order.until_ms.unwrap_or(0));
        // SAFETY: as for a hold.
        self.floor(target, |registry, target, effect, error| unsafe {
            steadfast_floor_place(registry, target, kind, author.pointer(), until_ms, effect, error)
        })?;
        Ok(Answer::Stands)
    }

    fn release_floor(&mut self, target: &FloorTarget, author: &Author) -> Result<Answer, Broken> {
        let author = given::author(author);
        // SAFETY: as for a hold.
        let effect = self.floor(target, |registry, target, effect, error| unsafe {
            steadfast_floor_release(registry, target, author.pointer(), effect, error)
        })?;
        Ok(ended(effect.found))
    }

    fn route(&mut self, routes: &[(Scope, Chosen)]) -> Result<Answer, Broken> {
        let registry = self.running()?.registry;
        let sources = routes.iter().map(|(_, policy)| Source::of(policy)).collect::<Result<Vec<_>, Broken>>()?;
        let scopes = routes.iter().map(|(scope, _)| scope);
        let routes = given::routes(scopes.zip(&sources));
        let (struct_size, unchanged) = (size::<Routed>(), 0);
        let mut done = Routed { struct_size, unchanged, routes: 0, services: 0, instances: 0, changed: 0, left: 0 };
        // SAFETY: the registry is open; the routes are as many as it is told, and what they name outlives the call; the
        // effect is a local, and no report is asked for.
        code(None, |error| unsafe {
            let (first, count) = (routes.slice().as_ptr(), routes.slice().len());
            steadfast_route(registry, first, count, &raw mut done, ptr::null_mut(), error)
        })?;
        Ok(if done.unchanged == 1 { Answer::Unchanged } else { Answer::Installed })
    }

    fn overlay(&mut self, place: &Place, field: &Field, author: &Author) -> Result<Answer, Broken> {
        let (address, author, overlay) = (given::address(&place.address), given::author(author), given::overlay(field));
        // SAFETY: as for a hold.
        self.order(place, placed, |registry, service, effect, error| unsafe {
            let (address, overlay, author) = (address.pointer(), overlay.pointer(), author.pointer());
            steadfast_overlay_set(registry, service, address, overlay, author, effect, error)
        })
    }

    fn release_overlay(&mut self, place: &Place, field: &FieldName, author: &Author) -> Result<Answer, Broken> {
        let (address, author, overlay) =
            (given::address(&place.address), given::author(author), given::overlay_name(field));
        // SAFETY: as for a hold.
        self.order(place, released, |registry, service, effect, error| unsafe {
            let (address, overlay, author) = (address.pointer(), overlay.pointer(), author.pointer());
            steadfast_overlay_release(registry, service, address, overlay, author, effect, error)
        })
    }

    fn remove(&mut self, place: &Place, author: &Author) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let (address, author) = (given::address(&place.address), given::author(author));
        // SAFETY: the registry is open; what is given outlives the call.
        let code = code(None, |error| unsafe {
            steadfast_remove(registry, service, address.pointer(), author.pointer(), error)
        });
        left(code?)
    }

    fn probe(&mut self, place: &Place, probe: Probe) -> Result<Answer, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let address = given::address(&place.address);
        let probe = match probe {
            Probe::Unknown => STEADFAST_PROBE_UNKNOWN,
            Probe::Passing => STEADFAST_PROBE_PASSING,
            Probe::Failing => STEADFAST_PROBE_FAILING,
        };
        // SAFETY: the registry is open; what is given outlives the call.
        let code = code(None, |error| unsafe { steadfast_probe(registry, service, address.pointer(), probe, error) })?;
        Ok(if code == STEADFAST_OK { Answer::Heard } else { Answer::NotPresent })
    }

    fn install(&mut self, policy: &Chosen) -> Result<Answer, Broken> {
        let registry = self.running()?.registry;
        let source = Source::file(policy)?;
        let (struct_size, unchanged) = (size::<Install>(), 0);
        let mut install = Install { struct_size, unchanged, epoch: 0, services: 0, instances: 0, changed: 0, left: 0 };
        // SAFETY: the registry is open; the bytes are as many as it is told; the report is a local.
        code(None, |error| unsafe {
            let (bytes, params) = (source.file.as_ptr(), text(&source.params));
            steadfast_policy_install(registry, bytes, source.file.len(), params, &raw mut install, error)
        })?;
        Ok(if install.unchanged == 1 { Answer::Unchanged } else { Answer::Installed })
    }

    fn look(&mut self, place: &Place) -> Result<Seen, Broken> {
        let (registry, service) = self.at(&place.service)?;
        let mut view = ptr::null();
        // SAFETY: the registry is open, and the view is a local that is released once.
        code(None, |error| unsafe { steadfast_view_acquire(registry, service, 0, &raw mut view, error) })?;
        let found = Picture::new(view);
        let given = given::address(&place.address);
        // SAFETY: the registry is open; what is given outlives the call; the buffer is as long as it says.
        let explained = json(Some(STEADFAST_E_NOT_FOUND), |buffer, capacity, needed| unsafe {
            steadfast_explain(registry, service, given.pointer(), buffer, capacity, needed, ptr::null_mut())
        })?;
        let listed_of = |orders: &str| {
            let of = explained.as_ref().and_then(|explained| explained[orders].as_array());
            of.map_or(0, Vec::len)
        };
        Ok(Seen {
            listed: found.find(&place.address.ip, place.address.port, &place.address.cluster)?,
            reason: explained.as_ref().and_then(|explained| explained["reason"].as_str()).map(str::to_owned),
            orders: listed_of("holds") + listed_of("overlays"),
        })
    }

    fn revision(&mut self, service: &ServiceName) -> Result<u64, Broken> {
        let ((registry, service), mut revision) = (self.at(service)?, 0);
        // SAFETY: the registry is open, and the pointer is to a local.
        code(None, |_| unsafe { steadfast_revision(registry, service, &raw mut revision) })?;
        Ok(revision)
    }

    fn changed(&mut self) -> Result<BTreeSet<ServiceName>, Broken> {
        self.running()?.changed()
    }
}

fn blank_effect() -> Effect {
    let (present, healthy, traffic, pending, found, cut, reserved, revision) = (0, 0, 0, 0, 0, 0, 0, 0);
    let (struct_size, reason, refusing, hint) = (size::<Effect>(), [0; 256], [0; 1024], [0; 256]);
    Effect { struct_size, present, healthy, traffic, pending, found, cut, reserved, revision, reason, refusing, hint }
}

fn blank_floor_effect() -> FloorEffect {
    let (found, cut, reserved, instances, changed, serving, revision) = (0, 0, 0, 0, 0, 0, 0);
    let (struct_size, refusing) = (size::<FloorEffect>(), [0; 1024]);
    FloorEffect { struct_size, found, cut, reserved, instances, changed, serving, revision, refusing }
}

fn placed(effect: &Effect) -> Answer {
    if effect.pending == 1 { Answer::Pending } else { Answer::Stands }
}

fn released(effect: &Effect) -> Answer {
    ended(effect.found)
}

fn ended(found: u32) -> Answer {
    if found == 1 { Answer::Released } else { Answer::Unchanged }
}

fn beaten(code: i32) -> Answer {
    if code == STEADFAST_REGISTER_AGAIN { Answer::RegisterAgain } else { Answer::Alive }
}

fn left(code: i32) -> Result<Answer, Broken> {
    match code {
        STEADFAST_OK => Ok(Answer::Gone),
        STEADFAST_REMAINS => Ok(Answer::Remains),
        STEADFAST_NOT_PUBLISHER => Ok(Answer::NotPublisher),
        STEADFAST_NOT_PRESENT => Ok(Answer::NotPresent),
        code => Err(Broken::new(format!("code {code} from somebody who leaves"))),
    }
}
