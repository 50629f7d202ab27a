//! One child process with its log, which never outlives the one that holds it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a command with both outputs added to a log file and a standard input that stays open: a child that reads
    /// it learns of the end of this process even where nobody could kill it.
    pub(crate) fn start(name: &'static str, command: &mut Command, log: &Path) -> Result<Self> {
        let out = File::options().create(true).append(true).open(log);
        let out = out.with_context(|| format!("cannot write {}", log.display()))?;
        let err = out.try_clone()?;
        own_group(command);
        let child = command.stdin(Stdio::piped()).stdout(out).stderr(err).spawn();
        let child = child.with_context(|| format!("cannot start {name}: {}", command.get_program().display()))?;
        Ok(Self { name, child, log: log.to_owned() })
    }

    /// Fails when the process has ended by itself.
    pub(crate) fn check(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => {
                let said = fs::read_to_string(&self.log).unwrap_or_default();
                let last = said.lines().next_back().unwrap_or("nothing");
                bail!("{} ended by itself ({status}); the last thing it said: {last}", self.name)
            }
        }
    }

    /// Stops the process as it stands, as a long pause of its machine would.
    pub(crate) fn suspend(&self) -> Result<()> {
        signal::send(&self.child, signal::Kind::Suspend)
    }

    pub(crate) fn resume(&self) -> Result<()> {
        signal::send(&self.child, signal::Kind::Resume)
    }

    /// Asks the process to end in its own way, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<()> {
        signal::send(&self.child, signal::Kind::Stop)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("{} ended badly when it was asked to stop ({status})", self.name);
        }
        Ok(())
    }
}

/// Dropping it ends the process without a word to it: SIGKILL.
impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only for a process that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ctrl-C in a terminal reaches a whole group; this process ends its children itself.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(_command: &mut Command) {}

#[cfg(unix)]
mod signal {
    use std::process::Child;

    use anyhow::{Context, Result};
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    #[derive(Clone, Copy)]
    pub(super) enum Kind {
        Suspend,
        Resume,
        Stop,
    }

    pub(super) fn send(child: &Child, kind: Kind) -> Result<()> {
        let signal = match kind {
            Kind::Suspend => Signal::SIGSTOP,
            Kind::Resume => Signal::SIGCONT,
            Kind::Stop => Signal::SIGTERM,
        };
        let id = Pid::from_raw(i32::try_from(child.id())?);
        kill(id, signal).with_context(|| format!("cannot send {signal} to process {id}"))
    }
}

#[cfg(not(unix))]
mod signal {
    use std::process::Child;

    use anyhow::{Result, bail};

    #[derive(Clone, Copy)]
    pub(super) enum Kind {
        Suspend,
        Resume,
        Stop,
    }

    pub(super) fn send(_child: &Child, _kind: Kind) -> Result<()> {
        bail!("processes can only be suspended, resumed and asked to stop on a Unix system")
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    fn log(name: &str) -> PathBuf {
        std::env::temp_dir().join(format!("xtask-process-{name}-{}", std::process::id()))
    }

    fn shell(name: &str, script: &str) -> Process {
        Process::start("the shell", Command::new("sh").args(["-c", script]), &log(name)).unwrap()
    }

    #[test]
    fn an_end_that_nobody_asked_for_is_told_with_the_last_words() {
        let mut process = shell("ended", "echo all; echo over; exit 3");
        let deadline = Instant::now() + Duration::from_secs(20);
        let why = loop {
            match process.check() {
                Ok(()) => assert!(Instant::now() < deadline, "it never ended"),
                Err(why) => break why.to_string(),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        assert!(why.contains("the shell") && why.contains("over") && why.contains('3'), "{why}");
        fs::remove_file(log("ended")).unwrap();
    }

    #[test]
    fn a_suspended_process_can_be_resumed_stopped_and_dropped() {
        let process = shell("stopped", "trap 'exit 0' TERM; while :; do sleep 0.05; done");
        process.suspend().unwrap();
        process.resume().unwrap();
        // The trap may not be set yet; then the signal ends the shell in its own way, which is a bad end.
        let _ = process.stop();
        let dropped = shell("stopped", "sleep 600");
        let id = nix::unistd::Pid::from_raw(i32::try_from(dropped.child.id()).unwrap());
        dropped.suspend().unwrap();
        drop(dropped);
        assert_eq!(nix::sys::signal::kill(id, None), Err(nix::errno::Errno::ESRCH));
        fs::remove_file(log("stopped")).unwrap();
    }
}
