//! Notices that this process is a fork of the one that opened the registry.
//!
//! Threads do not survive a fork and locks may be held by ones that are gone, so a forked registry must not be touched.
//! Asking for the process id is a system call, too slow for a beat. A page that the kernel wipes in the child is one
//! load; where the kernel has no such pages, the process id is compared.

#![allow(unsafe_code, reason = "a page from the kernel")]

#[cfg(target_os = "linux")]
pub(crate) use linux::ForkGuard;
#[cfg(not(target_os = "linux"))]
pub(crate) use portable::ForkGuard;

#[cfg(target_os = "linux")]
mod linux {
    use std::{ptr::NonNull, sync::atomic::AtomicU32, sync::atomic::Ordering};

    use super::portable;

    const PAGE_BYTES: usize = 4096;
    const OPENED_HERE: u32 = 1;

    pub(crate) struct ForkGuard {
        /// `None` on a kernel before 4.14, which cannot wipe pages at a fork.
        page: Option<NonNull<AtomicU32>>,
        portable: portable::ForkGuard,
    }

    // SAFETY: the page is only read after `new`, by atomic loads, until `drop` has it alone.
    unsafe impl Send for ForkGuard {}
    // SAFETY: as above.
    unsafe impl Sync for ForkGuard {}

    impl ForkGuard {
        pub(crate) fn new() -> ForkGuard {
            ForkGuard { page: wiped_at_fork(), portable: portable::ForkGuard::new() }
        }

        pub(crate) fn is_forked(&self) -> bool {
            match self.page {
                // SAFETY: the page lives until `drop`. Relaxed: a child has one thread and sees what the kernel wiped.
                Some(page) => unsafe { page.as_ref() }.load(Ordering::Relaxed) != OPENED_HERE,
                None => self.portable.is_forked(),
            }
        }
    }

    impl Drop for ForkGuard {
        fn drop(&mut self) {
            if let Some(page) = self.page {
                // SAFETY: mapped by `wiped_at_fork` with this length, and nobody else has it.
                unsafe { libc::munmap(page.as_ptr().cast(), PAGE_BYTES) };
            }
        }
    }

    fn wiped_at_fork() -> Option<NonNull<AtomicU32>> {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a fresh anonymous mapping touches no memory of anybody.
        let page = unsafe { libc::mmap(std::ptr::null_mut(), PAGE_BYTES, protection, flags, -1, 0) };
        if page == libc::MAP_FAILED {
            return None;
        }
        // SAFETY: the page is ours.
        if unsafe { libc::madvise(page, PAGE_BYTES, libc::MADV_WIPEONFORK) } != 0 {
            // SAFETY: as above; nothing points into it yet.
            unsafe { libc::munmap(page, PAGE_BYTES) };
            return None;
        }
        let page = NonNull::new(page)?.cast::<AtomicU32>();
        // SAFETY: mapped, aligned to a page, zeroed, and large enough.
        unsafe { page.as_ref() }.store(OPENED_HERE, Ordering::Relaxed);
        Some(page)
    }
}

mod portable {
    #[derive(Debug)]
    pub(crate) struct ForkGuard {
        process: u32,
    }

    impl ForkGuard {
        pub(crate) fn new() -> ForkGuard {
            ForkGuard { process: std::process::id() }
        }

        pub(crate) fn is_forked(&self) -> bool {
            std::process::id() != self.process
        }
    }
}
