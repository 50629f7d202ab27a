//! Watching: level-triggered, coalesced queues that are polled.

use std::{ptr, time::Duration};

use steadfast_core::{Poll, ServiceId, WatchEvent, WatchQueue};

use crate::{
    boundary::enter,
    codes::{self, STEADFAST_OK},
    failure::Failure,
    types::{
        ErrorReport, Event, STEADFAST_EVENT_ANNOUNCED, STEADFAST_EVENT_CHANGED, STEADFAST_EVENT_RESYNC, Steadfast,
    },
};

/// Makes a watch queue; `*queue` becomes its id.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_queue_new(
    registry: *const Steadfast,
    queue: *mut u64,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let queue = caller.out(queue, "queue")?;
            queue.write(shell.queues().add(shell.core().watch_queue()?));
            Ok(STEADFAST_OK)
        })
    }
}

/// Ends a queue and wakes its pollers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_queue_free(registry: *const Steadfast, queue: u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, _| {
            shell.queues().remove(queue)?.wake();
            Ok(STEADFAST_OK)
        })
    }
}

/// Watches a service; its events carry `cookie`. The first poll reports the revision that the service is at, so that
/// nothing is missed between watching and polling; watching it again does so again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_watch(
    registry: *const Steadfast,
    queue: u64,
    service: u64,
    cookie: u64,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, _| {
            shell.queues().find(queue)?.watch(ServiceId::from_u64(service), cookie)?;
            Ok(STEADFAST_OK)
        })
    }
}

/// Stops watching a service. `STEADFAST_UNCHANGED`: it was not watched.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_unwatch(registry: *const Steadfast, queue: u64, service: u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, _| {
            let watched = shell.queues().find(queue)?.unwatch(ServiceId::from_u64(service));
            Ok(if watched { STEADFAST_OK } else { codes::STEADFAST_UNCHANGED })
        })
    }
}

/// Waits for events and takes at most `capacity` of them; `*count` becomes how many. `timeout_ms` below 0 waits as long
/// as it takes, 0 does not wait. Several changes of one service are one event.
///
/// `STEADFAST_TIMEOUT`, and no events: the time is up, or something else woke the queue (`steadfast_queue_wake`, a new
/// watch, the queue's end); poll again. `STEADFAST_E_CLOSED`: the registry was shut down. Call it from threads that may
/// block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_queue_poll(
    registry: *const Steadfast,
    queue: u64,
    events: *mut Event,
    capacity: usize,
    timeout_ms: i32,
    count: *mut usize,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, caller| {
            let places = caller.array_out(events, capacity, "events")?;
            let count = caller.out(count, "count")?;
            if places.is_empty() {
                return Err(Failure::new(codes::STEADFAST_E_NULL, "there is no room for events"));
            }
            let timeout = u64::try_from(timeout_ms).ok().map(Duration::from_millis);
            let mut taken = Vec::new();
            let answer = match shell.queues().find(queue)?.poll(&mut taken, places.len(), timeout) {
                Poll::Ready => STEADFAST_OK,
                Poll::Timeout => codes::STEADFAST_TIMEOUT,
                Poll::Closed => return Err(Failure::plain(codes::STEADFAST_E_CLOSED)),
            };
            for (place, event) in places.iter_mut().zip(&taken) {
                place.write(Event::of(event));
            }
            count.write(taken.len());
            Ok(answer)
        })
    }
}

/// A descriptor of a queue, for `poll`, `epoll` and the like: readable while `steadfast_queue_poll` would return at once,
/// also after `steadfast_queue_wake` and when the registry is shut down. Poll the queue until it has no more events and
/// it is quiet again; never read from it, write to it or close it. It is closed with the queue or the registry, whichever
/// is freed first.
///
/// One thread of the library raises the descriptors of all queues, also under `STEADFAST_THREADS_NONE`; it ends with the
/// last of them. Linux only, elsewhere `STEADFAST_E_UNSUPPORTED`. `STEADFAST_E_DESCRIPTOR`: the system gave no descriptor
/// or no thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_queue_wakeup_fd(
    registry: *const Steadfast,
    queue: u64,
    fd: *mut i32,
    error: *mut ErrorReport,
) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, error, |shell, caller| {
            let fd = caller.out(fd, "fd")?;
            fd.write(wakeup_fd(&*shell.queues().find(queue)?)?);
            Ok(STEADFAST_OK)
        })
    }
}

#[cfg(target_os = "linux")]
fn wakeup_fd(queue: &WatchQueue) -> Result<i32, Failure> {
    use std::os::fd::AsRawFd;
    Ok(queue.wakeup_fd()?.as_raw_fd())
}

#[cfg(not(target_os = "linux"))]
fn wakeup_fd(_: &WatchQueue) -> Result<i32, Failure> {
    Err(Failure::new(codes::STEADFAST_E_UNSUPPORTED, "this system has no eventfd; poll the queue with a timeout"))
}

/// Makes a poll that waits return.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn steadfast_queue_wake(registry: *const Steadfast, queue: u64) -> i32 {
    // SAFETY: the caller keeps the header's promises.
    unsafe {
        enter(registry, ptr::null_mut(), |shell, _| {
            shell.queues().find(queue)?.wake();
            Ok(STEADFAST_OK)
        })
    }
}

impl Event {
    fn of(event: &WatchEvent) -> Event {
        let blank = Event { kind: STEADFAST_EVENT_RESYNC, flags: 0, cookie: 0, object: 0, revision: 0, aux: 0 };
        match *event {
            WatchEvent::Changed { service, cookie, revision } => {
                Event { kind: STEADFAST_EVENT_CHANGED, cookie, object: service.to_u64(), revision, ..blank }
            }
            WatchEvent::Announced { number } => Event { kind: STEADFAST_EVENT_ANNOUNCED, object: number, ..blank },
            WatchEvent::Resync => blank,
        }
    }
}
