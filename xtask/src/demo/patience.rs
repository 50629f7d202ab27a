//! Waiting for something that is bound to happen, without waiting longer than it takes.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::demo::interrupt;

const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Asks again and again until there is an answer; `None` when there was none in all this time.
pub(crate) fn until<T>(patience: Duration, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<Option<T>> {
    let started = Instant::now();
    loop {
        interrupt::check()?;
        if let Some(answer) = ask()? {
            return Ok(Some(answer));
        }
        if started.elapsed() > patience {
            return Ok(None);
        }
        thread::sleep(LOOK_EVERY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn the_first_answer_ends_the_wait() {
        let mut asked = 0;
        let answer = until(Duration::from_mins(1), || {
            asked += 1;
            Ok((asked == 3).then_some(asked))
        });
        assert_eq!(answer.unwrap(), Some(3));
    }

    #[test]
    fn no_answer_is_none_and_a_failure_is_one() {
        assert_eq!(until::<()>(Duration::ZERO, || Ok(None)).unwrap(), None);
        assert!(until::<()>(Duration::from_mins(1), || bail!("no")).is_err());
    }
}
