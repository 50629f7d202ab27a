//! `routes.toml` of any bytes: an error of one line, or routes that a registry takes.

use std::collections::BTreeSet;

use super::*;

/// Files by chance, the same in each run.
const FILES: u64 = 4_000;
/// What no chance finds: long runs of what makes a parser recurse or search.
const RUN_BYTES: usize = 32 << 10;

const GOOD: &str = r#"
    # Who decides where.
    [[route]]
    namespace = "public"
    policy = "admin-sticky"
    [[route]]
    namespace = "public"
    group = "g"
    service = 's'
    policy = """heartbeat-wins"""
    [[route]]
    namespace = "\u00e9"
    group = "g"
    policy = "eureka-chain"
"#;
/// What a person may write, and what they would not.
const PIECES: [&str; 20] = [
    "[[route]]\n",
    "[route]\n",
    "route = [{ namespace = \"a\", policy = \"p\" }]\n",
    "namespace = \"a\"\n",
    "group = 7\n",
    "service = 1979-05-27T07:32:00Z\n",
    "policy = nan\n",
    "policy.of.whom = \"p\"\n",
    "\"\" = \"\"\n",
    "\"\"\"",
    "'''",
    "\\u0000",
    "\\UFFFFFFFF",
    "{",
    "[",
    "]]",
    "=",
    "#",
    "\r",
    "\u{feff}",
];

/// Good enough for dice: splitmix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 1).unwrap_or_default() % below.max(1)
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.roll(256)).unwrap_or_default()
    }

    fn span(&mut self, len: usize) -> std::ops::Range<usize> {
        let (one, other) = (self.roll(len + 1), self.roll(len + 1));
        one.min(other)..one.max(other)
    }

    /// Some damage to a file.
    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        let at = self.roll(bytes.len() + 1);
        match self.roll(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, self.byte()),
            2 if at < bytes.len() => bytes[at] ^= 1 << self.roll(8),
            3 => drop(bytes.drain(self.span(bytes.len()))),
            4 => {
                let part = bytes[self.span(bytes.len())].to_vec();
                drop(bytes.splice(at..at, part));
            }
            _ => drop(bytes.splice(at..at, PIECES[self.roll(PIECES.len())].bytes())),
        }
    }
}

/// Whether these were routes.
fn judge(bytes: &[u8]) -> bool {
    let what = || String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).into_owned();
    match read_routes(bytes) {
        Ok(lines) => {
            assert!(lines.iter().all(|line| line.scope.validate().is_ok()), "{}", what());
            let scopes: BTreeSet<&Scope> = lines.iter().map(|line| &line.scope).collect();
            assert_eq!(scopes.len(), lines.len(), "one route for each scope: {}", what());
            true
        }
        Err(error) => {
            assert!(!error.to_string().contains('\n'), "{error} for {}", what());
            false
        }
    }
}

#[test]
fn files_that_are_cut_flipped_and_spliced_anywhere() {
    let mut good = 0;
    for seed in 0..FILES {
        let mut dice = Dice(seed << 32);
        let mut bytes = GOOD.as_bytes().to_vec();
        for _ in 0..=dice.roll(4) {
            dice.spoil(&mut bytes);
        }
        good += u64::from(judge(&bytes));
    }
    assert!((FILES / 100..FILES).contains(&good), "some damage is in a comment, most is not: {good}");
}

#[test]
fn files_of_any_bytes_and_of_pieces_of_a_route() {
    for seed in 0..FILES {
        let mut dice = Dice(seed << 32 | 1);
        let bytes: Vec<u8> = (0..dice.roll(60)).map(|_| dice.byte()).collect();
        judge(&bytes);
        let pieces: String = (0..dice.roll(12)).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
        judge(pieces.as_bytes());
    }
}

#[test]
fn runs_that_lead_a_parser_astray_come_to_an_end() {
    let runs = ["[", "{a=", "[a]\n", "[[a]]\n", "a.", "\"", "'", "=\n", "\\", "#", "[[route]]\n", "\u{feff}", "\r\n"];
    for run in runs {
        for start in ["", "a = ", "[[route]]\nnamespace = ", "[", "route = ["] {
            judge((start.to_owned() + &run.repeat(RUN_BYTES / run.len())).as_bytes());
        }
    }
}
