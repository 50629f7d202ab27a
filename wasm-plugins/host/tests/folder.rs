//! What people and tools do to a policies folder, and what its owner hears of it.

mod guest;
mod watched;

use std::{fs, io::Write as _, path::Path};

use guest::Guest;
use steadfast_wasm::{ANY_POLICY, FileError, FileState, FolderError, FolderEvent, FolderOptions, PolicyFolder};
use watched::Watched;

/// A good policy; `version` makes its bytes differ.
fn policy(name: &str, version: &str) -> Vec<u8> {
    let accepts_any_parameter = "(local.set $count (i32.const 0))";
    let reasons = vec![format!("version {version}"), "another".into()];
    Guest::named(name).configure(accepts_any_parameter).with(|manifest| manifest.reasons = reasons).component()
}

/// All at once, as careful tools do it: nobody sees half of it.
fn put(file: &Path, text: &str) {
    let fresh = file.with_extension("fresh");
    fs::write(&fresh, text).unwrap();
    fs::rename(&fresh, file).unwrap();
}

fn is_ready(event: &FolderEvent, version: &str) -> bool {
    matches!(event, FolderEvent::Ready(policy) if policy.table.manifest().reasons[0] == format!("version {version}"))
}

fn is_refused(event: &FolderEvent, name: &str) -> bool {
    matches!(event, FolderEvent::Refused { file, .. } if file == name)
}

fn is_removed(event: &FolderEvent) -> bool {
    matches!(event, FolderEvent::Removed { .. })
}

#[test]
fn the_first_look_is_done_when_starting_returns() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    let first = watched.first();
    assert!(matches!(first.as_slice(), [event] if is_ready(event, "1")), "{first:?}");
    let status = watched.folder().status();
    assert_eq!(status.files[0].state, FileState::Active);
    assert_eq!((status.active.as_str(), &status.deciding), ("alpha", &status.files[0].digest));
}

#[test]
fn an_active_file_that_is_missing_or_bad_is_said_at_once() {
    let missing = Watched::new("alpha", |_| {});
    assert!(matches!(missing.first().as_slice(), [FolderEvent::Removed { name }] if name == "alpha"));
    let bad = Watched::new("alpha", |folder| fs::write(folder.join("alpha.wasm"), "not a policy").unwrap());
    assert!(matches!(bad.first().as_slice(), [event] if is_refused(event, "alpha.wasm")), "{:?}", bad.first());
    assert_eq!(bad.folder().status().deciding, None);
}

#[test]
fn adding_replacing_and_removing_the_active_file() {
    let watched = Watched::new("alpha", |_| {});
    let file = watched.path().join("alpha.wasm");
    fs::write(&file, policy("alpha", "1")).unwrap();
    watched.hears("the file was added", |event| is_ready(event, "1"));

    let fresh = watched.path().join(".alpha.wasm.part");
    fs::write(&fresh, policy("alpha", "2")).unwrap();
    fs::rename(&fresh, &file).unwrap();
    watched.hears("another file was renamed to it", |event| is_ready(event, "2"));

    fs::write(&file, policy("alpha", "3")).unwrap();
    watched.hears("it was rewritten in place", |event| is_ready(event, "3"));

    fs::remove_file(&file).unwrap();
    watched.hears("it was removed", is_removed);
    watched.until("the list is empty", |folder| folder.status().files.is_empty());
}

#[test]
fn a_bad_file_is_reported_once_and_changes_nothing() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    let file = watched.path().join("alpha.wasm");
    let deciding = watched.folder().status().deciding;
    // Truncated in place, as a copy does that runs out of disk.
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(100).unwrap();
    watched.hears("it was truncated", |event| is_refused(event, "alpha.wasm"));
    // The same bad content again, under a new date.
    let same = fs::read(&file).unwrap();
    fs::OpenOptions::new().write(true).open(&file).unwrap().write_all(&same).unwrap();
    watched.fence();
    assert_eq!(watched.count(|event| is_refused(event, "alpha.wasm")), 0, "once was enough");
    let status = watched.folder().status();
    assert_eq!((status.deciding, status.files[0].state), (deciding, FileState::Refused));
    assert!(status.files[0].error.as_ref().is_some_and(|error| error.contains("cut off")), "{:?}", status.files[0]);

    fs::write(&file, policy("alpha", "1")).unwrap();
    watched.until("the good one is back", |folder| folder.status().files[0].state == FileState::Active);
    assert_eq!(watched.count(|event| is_ready(event, "1")), 0, "it never stopped deciding");
}

#[test]
fn parameters_come_change_and_go() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    let (file, plain) = (watched.path().join("alpha.toml"), watched.folder().status().deciding);
    put(&file, "[params]\nseconds = 60\n");
    watched.hears("parameters were added", |event| is_ready(event, "1"));
    watched.until("the digest is another", |folder| folder.status().deciding != plain);

    put(&file, "[parameters]\nseconds = 60\n");
    let refusal = watched.hears("a bad .toml was written", |event| is_refused(event, "alpha.wasm"));
    let FolderEvent::Refused { error, .. } = refusal else { unreachable!("it was just matched") };
    assert!(matches!(error, FileError::Params { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("alpha.toml") && text.contains("parameters") && text.contains("[params]"), "{text}");

    fs::remove_file(&file).unwrap();
    watched.hears("parameters were removed", |event| is_ready(event, "1"));
    assert_eq!(watched.folder().status().deciding, plain);
}

#[test]
fn other_policies_are_judged_too() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
        fs::write(folder.join("beta.wasm"), policy("beta", "1")).unwrap();
        fs::write(folder.join("gamma.wasm"), policy("delta", "1")).unwrap();
        fs::create_dir(folder.join("folder.wasm")).unwrap();
        fs::File::create(folder.join("huge.wasm")).unwrap().set_len(5 << 30).unwrap();
    });
    watched.until("every file is judged", |folder| {
        let status = folder.status();
        let judged: Vec<_> = status.files.iter().map(|file| (file.name.as_str(), file.state)).collect();
        judged
            == [
                ("alpha", FileState::Active),
                ("beta", FileState::Ready),
                ("folder", FileState::Refused),
                ("gamma", FileState::Refused),
                ("huge", FileState::Refused),
            ]
    });
    let files = watched.folder().status().files;
    let error = |index: usize| files[index].error.clone().unwrap_or_default();
    assert!(error(2).contains("no regular file"), "{}", error(2));
    assert!(error(4).contains("5368709120"), "{}", error(4));
    assert!(error(3).contains("\"delta\"") && error(3).contains("delta.wasm"), "{}", error(3));
    assert_eq!(watched.count(|event| is_ready(event, "1")), 0, "only the active policy is handed over");
}

#[test]
fn selecting_another_active_policy() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
        fs::write(folder.join("beta.wasm"), policy("beta", "2")).unwrap();
    });
    watched.folder().select("beta").unwrap();
    watched.hears("beta was selected", |event| is_ready(event, "2"));
    watched.folder().select("nobody").unwrap();
    watched.hears("nobody was selected", is_removed);
    assert!(matches!(watched.folder().select("../alpha"), Err(FolderError::Name(_))));
}

#[test]
fn one_file_for_whatever_policy_decides() {
    let watched = Watched::new(ANY_POLICY, |folder| {
        fs::write(folder.join("active.wasm"), policy("alpha", "1")).unwrap();
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    assert!(watched.first().iter().any(|event| is_ready(event, "1")), "{:?}", watched.first());
    fs::write(watched.path().join("active.wasm"), policy("beta", "2")).unwrap();
    watched.hears("another policy was written over it", |event| is_ready(event, "2"));
    fs::copy(watched.path().join("alpha.wasm"), watched.path().join("active.wasm")).unwrap();
    watched.hears("a file of the folder was copied over it", |event| is_ready(event, "1"));
    watched.until("the copied file is not the one that decides", |folder| {
        let status = folder.status();
        let judged: Vec<_> = status.files.iter().map(|file| (file.name.as_str(), file.state)).collect();
        judged == [("active", FileState::Active), ("alpha", FileState::Ready)]
    });
}

#[test]
fn temporary_files_of_editors_and_tools_are_not_policies() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    for name in
        [".alpha.wasm", ".alpha.wasm.swp", "alpha.wasm~", "#alpha.wasm#", "~alpha.wasm", "alpha.wasm.part", "4913"]
    {
        fs::write(watched.path().join(name), "half a policy").unwrap();
    }
    watched.fence();
    let names: Vec<_> = watched.folder().status().files.into_iter().map(|file| file.file).collect();
    assert_eq!(names, ["alpha.wasm"]);
    assert_eq!(watched.count(|event| matches!(event, FolderEvent::Refused { file, .. } if file != "fence.wasm")), 0);
}

#[cfg(unix)]
#[test]
fn a_mounted_config_map_is_swapped_by_one_link() {
    use std::os::unix::fs::symlink;
    let version = |folder: &Path, number: &str| {
        let data = folder.join(format!("..data_{number}"));
        fs::create_dir(&data).unwrap();
        fs::write(data.join("alpha.wasm"), policy("alpha", number)).unwrap();
        symlink(&data, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    };
    let watched = Watched::new("alpha", |folder| {
        version(folder, "1");
        symlink("..data/alpha.wasm", folder.join("alpha.wasm")).unwrap();
    });
    version(watched.path(), "2");
    watched.hears("the link was swapped", |event| is_ready(event, "2"));
    assert_eq!(watched.count(is_removed), 0);
}

#[cfg(unix)]
#[test]
fn changes_that_the_system_does_not_report_are_found() {
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("policy");
    fs::write(&file, policy("alpha", "1")).unwrap();
    let watched = Watched::new("alpha", |folder| {
        std::os::unix::fs::symlink(&file, folder.join("alpha.wasm")).unwrap();
    });
    fs::write(&file, policy("alpha", "2")).unwrap();
    watched.hears("the file behind the link was rewritten", |event| is_ready(event, "2"));
}

#[test]
fn a_folder_that_goes_and_comes_back() {
    let watched = Watched::new("alpha", |folder| {
        fs::write(folder.join("alpha.wasm"), policy("alpha", "1")).unwrap();
    });
    fs::remove_dir_all(watched.path()).unwrap();
    watched.hears("the folder was removed", is_removed);
    fs::create_dir(watched.path()).unwrap();
    fs::write(watched.path().join("alpha.wasm"), policy("alpha", "2")).unwrap();
    watched.hears("it was made again", |event| is_ready(event, "2"));
    // The new folder is watched as the old one was.
    fs::write(watched.path().join("alpha.wasm"), policy("alpha", "3")).unwrap();
    watched.hears("a file in it changed", |event| is_ready(event, "3"));
}

#[test]
fn more_policies_than_are_looked_at() {
    let bytes = policy("zeta", "1");
    let watched = Watched::new("zeta", |folder| {
        for number in 0..70 {
            fs::write(folder.join(format!("copy-{number}.wasm")), &bytes).unwrap();
        }
        fs::write(folder.join("zeta.wasm"), &bytes).unwrap();
    });
    let too_many = |event: &&FolderEvent| {
        matches!(event, FolderEvent::Refused { error: FileError::TooMany { found: 71, max: 64 }, .. })
    };
    assert_eq!(watched.first().iter().filter(too_many).count(), 1, "one event, and at once");
    assert!(watched.first().iter().any(|event| is_ready(event, "1")), "the active policy is never left out");
    assert_eq!(watched.folder().status().files.len(), 64);
}

#[test]
fn a_folder_that_is_not_there_is_a_clear_error() {
    let nowhere = tempfile::tempdir().unwrap().path().join("policies");
    let error = PolicyFolder::start(FolderOptions::new(&nowhere, "alpha"), |_| {}).expect_err("there is no folder");
    assert!(matches!(error, FolderError::Unreadable { .. }), "{error:?}");
    assert!(error.to_string().contains("policies"), "{error}");
    let name = PolicyFolder::start(FolderOptions::new(".", ""), |_| {}).expect_err("no name");
    assert!(matches!(name, FolderError::Name(_)), "{name:?}");
}

#[test]
fn what_may_be_the_machines_fault_is_tried_again_and_reported_once() {
    let watched = Watched::impatient("alpha");
    let forever = Guest::named("alpha").configure("(loop $again (br $again))").component();
    fs::write(watched.path().join("alpha.wasm"), forever).unwrap();
    let refusal = watched.hears("it takes too long", |event| is_refused(event, "alpha.wasm"));
    assert!(format!("{refusal:?}").contains("TimedOut"), "{refusal:?}");
    watched.until("it was tried again", |folder| folder.status().files[0].attempts >= 3);
    assert_eq!(watched.count(|event| is_refused(event, "alpha.wasm")), 0, "once was enough");
}

#[test]
fn an_owner_that_panics_is_told_the_next_thing_all_the_same() {
    let watched = Watched::new("alpha", |_| {});
    watched.panic_next();
    fs::write(watched.path().join("alpha.wasm"), policy("alpha", "1")).unwrap();
    watched.until("the owner panicked", |_| watched.has_panicked());
    fs::write(watched.path().join("alpha.wasm"), policy("alpha", "2")).unwrap();
    watched.hears("the next change", |event| is_ready(event, "2"));
}
