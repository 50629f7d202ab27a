//! The sessions in the README are what the command prints. `STEADFAST_README=write` puts in what it prints now.

use std::{env, fs, path::Path};

use tempfile::TempDir;

use crate::{
    replay::write_journal,
    run::{compiled, steadfast_in},
};

const OPENED: &str = "```console\n";
const CLOSED: &str = "```";
const PROMPT: &str = "$ steadfast ";

#[test]
fn sessions_are_as_printed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&file).expect("there is a README");
    let folder = stage();
    let (played, commands) = play(&readme, folder.path());
    assert!(commands >= 6, "only {commands} commands were found");
    if env::var_os("STEADFAST_README").is_some_and(|value| value == "write") {
        fs::write(&file, played).expect("the README can be written");
    } else {
        let (told, printed) = (lasting(&readme), lasting(&played));
        assert_eq!(
            told, printed,
            "\nREADME.md tells something else; with STEADFAST_README=write this test puts in:\n{played}"
        );
    }
}

/// Two stories; the second one is wrong about what a drain does.
const NIGHT: &str = r#"{"id": "offline", "title": "Taken offline at night", "events": [{"at": 0, "do": "register"}, {"at": 1000, "do": "hold", "kind": "offline"}, {"at": 5000, "do": "beat", "expect": [{"answer": "alive", "present": true, "healthy": true, "traffic": "refuse"}]}]}
{"id": "drain", "title": "Drained at night", "events": [{"at": 0, "do": "register"}, {"at": 1000, "do": "hold", "kind": "drain"}, {"at": 5000, "do": "beat", "expect": [{"answer": "alive", "present": true, "healthy": true, "traffic": "refuse"}]}]}
"#;

/// The folder in which the README's reader is: compiled policies, stories, and a checkout of this repository.
fn stage() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    for name in ["admin-sticky", "mutant-beat-returns"] {
        fs::copy(compiled(name), folder.path().join(format!("{name}.wasm"))).expect("a file can be copied");
    }
    fs::write(folder.path().join("night.jsonl"), NIGHT).expect("a file can be written");
    write_journal(&folder.path().join("data/journal"));
    let sdk = folder.path().join("steadfast/wasm-plugins/sdk");
    fs::create_dir_all(&sdk).expect("folders can be made");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sdk/Cargo.toml");
    fs::copy(manifest, sdk.join("Cargo.toml")).expect("the SDK has a manifest");
    folder
}

/// The text with each session as it goes now, and the number of commands in it.
fn play(readme: &str, folder: &Path) -> (String, usize) {
    let (mut played, mut commands) = (String::new(), 0);
    let mut rest = readme;
    while let Some((before, session)) = rest.split_once(OPENED) {
        let (session, after) = session.split_once(CLOSED).expect("a session has an end");
        played.push_str(before);
        played.push_str(OPENED);
        for line in session.lines().filter_map(|line| line.strip_prefix(PROMPT)) {
            let ran = steadfast_in(folder, line);
            played.extend([PROMPT, line, "\n", &ran.out, &ran.err]);
            commands += 1;
        }
        played.push_str(CLOSED);
        rest = after;
    }
    played.push_str(rest);
    (played, commands)
}

/// Without what differs from compiler to compiler and from run to run: digests, sizes, work, times.
fn lasting(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').collect();
        let passing = |at: usize| {
            let next = words.get(at + 1).copied().unwrap_or_default();
            let is_number = !words[at].is_empty() && words[at].chars().all(|c| c.is_ascii_digit());
            let is_digest = words[at].len() == 64 && words[at].chars().all(|c| c.is_ascii_hexdigit());
            is_digest || (is_number && ["bytes,", "units", "ms"].contains(&next))
        };
        let kept: Vec<&str> = words.iter().enumerate().map(|(at, word)| if passing(at) { "#" } else { word }).collect();
        kept.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn only_what_passes_is_passed_over() {
    let digest = "ab".repeat(32);
    assert_eq!(lasting(&format!("  digest  {digest}")), "  digest  #");
    assert_eq!(lasting("size 33877 bytes, 1910 facts; took 285 ms"), "size # bytes, 1910 facts; took # ms");
}
