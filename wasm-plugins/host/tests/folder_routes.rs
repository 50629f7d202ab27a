//! `routes.toml` in a policies folder: what people do to it, and what the folder's owner hears of it.

mod guest;
mod watched;

use std::{fs, path::Path};

use guest::Guest;
use steadfast_core::Routes;
use steadfast_wasm::{FileError, FileState, FolderEvent, FolderOptions, PolicyFolder, RoutesError};
use watched::Watched;

/// A good policy; `version` makes its bytes differ.
fn policy(name: &str, version: &str) -> Vec<u8> {
    let accepts_any_parameter = "(local.set $count (i32.const 0))";
    let reasons = vec![format!("version {version}"), "another".into()];
    Guest::named(name).configure(accepts_any_parameter).with(|manifest| manifest.reasons = reasons).component()
}

fn put_policy(folder: &Path, name: &str, version: &str) {
    fs::write(folder.join(format!("{name}.wasm")), policy(name, version)).unwrap();
}

/// All at once, as careful tools do it: nobody sees half of it.
fn put_routes(folder: &Path, text: &str) {
    let fresh = folder.join("routes.fresh");
    fs::write(&fresh, text).unwrap();
    fs::rename(&fresh, folder.join("routes.toml")).unwrap();
}

fn route(namespace: &str, policy: &str) -> String {
    format!("[[route]]\nnamespace = \"{namespace}\"\npolicy = \"{policy}\"\n")
}

/// Active alpha, beta for a namespace.
fn routed() -> Watched {
    Watched::new("alpha", |folder| {
        put_policy(folder, "alpha", "1");
        put_policy(folder, "beta", "1");
        put_routes(folder, &route("public", "beta"));
    })
}

/// Scopes with the first reason of the policy there, which tells its version.
fn lead(routes: &Routes) -> Vec<(String, String)> {
    let reason = |policy: &steadfast_core::Policy| policy.table.manifest().reasons[0].clone();
    routes.iter().map(|(scope, policy)| (scope.to_string(), reason(policy))).collect()
}

fn leads(event: &FolderEvent, expected: &[(&str, &str)]) -> bool {
    let FolderEvent::Routed(routes) = event else { return false };
    let expected: Vec<_> = expected.iter().map(|(scope, reason)| ((*scope).into(), (*reason).into())).collect();
    lead(routes) == expected
}

fn refusal(event: &FolderEvent) -> Option<String> {
    match event {
        FolderEvent::Refused { file, error } if file == "routes.toml" => Some(error.to_string()),
        _ => None,
    }
}

fn is_refused(event: &FolderEvent) -> bool {
    refusal(event).is_some()
}

fn holding(folder: &PolicyFolder) -> Vec<(String, String)> {
    let routes = folder.status().routes.map(|routes| routes.holding).unwrap_or_default();
    routes.into_iter().map(|route| (route.scope.to_string(), route.policy)).collect()
}

#[test]
fn the_first_look_takes_the_routes_before_the_active_policy() {
    let watched = Watched::new("alpha", |folder| {
        put_policy(folder, "alpha", "1");
        put_policy(folder, "beta", "1");
        let built_in = "[[route]]\nnamespace = \"public\"\ngroup = \"g\"\npolicy = \"restart-clears\"\n";
        put_routes(folder, &(route("public", "beta") + built_in));
    });
    let first = watched.first();
    let [told, FolderEvent::Ready(_)] = first.as_slice() else { panic!("{first:?}") };
    assert!(leads(told, &[("namespace public", "version 1"), ("group public@@g", "in service")]), "{told:?}");
    let status = watched.folder().status();
    let judged: Vec<_> = status.files.iter().map(|file| (file.name.as_str(), file.state)).collect();
    assert_eq!(judged, [("alpha", FileState::Active), ("beta", FileState::Routed)]);
    let routes = status.routes.expect("there are some");
    assert_eq!((routes.state, &routes.error), (FileState::Active, &None));
    assert_eq!(Some(&routes.holding[0].digest), status.files[1].digest.as_ref());
    assert_eq!(routes.holding[1].digest, "builtin:restart-clears");
}

#[test]
fn routes_come_change_and_go() {
    let watched = Watched::new("alpha", |folder| {
        put_policy(folder, "alpha", "1");
        put_policy(folder, "beta", "1");
    });
    assert_eq!(watched.folder().status().routes, None);
    let beta = [("namespace public", "version 1")];
    put_routes(watched.path(), &route("public", "beta"));
    watched.hears("routes were written", |event| leads(event, &beta));
    put_routes(watched.path(), &route("other", "beta"));
    watched.hears("they were changed", |event| leads(event, &[("namespace other", "version 1")]));
    put_routes(watched.path(), &("# a comment more changes nothing\n".to_owned() + &route("other", "beta")));
    watched.fence();
    assert_eq!(watched.count(|event| matches!(event, FolderEvent::Routed(_))), 0, "the same routes");
    fs::remove_file(watched.path().join("routes.toml")).unwrap();
    watched.hears("they were removed", |event| matches!(event, FolderEvent::Unrouted));
    watched.until("no route is listed", |folder| folder.status().routes.is_none());
}

#[test]
fn bad_routes_are_reported_once_and_those_before_hold_on() {
    let watched = routed();
    put_routes(watched.path(), &(route("public", "beta") + &route("public", "alpha")));
    let event = watched.hears("two routes are for one scope", is_refused);
    let text = "routes 1 and 2 are both for namespace public; keep one of them";
    assert_eq!(refusal(&event).as_deref(), Some(text));
    watched.fence();
    assert_eq!(watched.count(is_refused), 0, "once was enough");
    let routes = watched.folder().status().routes.expect("it is there");
    assert_eq!((routes.state, routes.error.as_deref()), (FileState::Refused, Some(text)));
    assert_eq!(holding(watched.folder()), [("namespace public".into(), "beta".into())]);
    assert_eq!(watched.folder().status().files[1].state, FileState::Routed, "beta decides as before");

    put_routes(watched.path(), &(route("public", "beta") + &route("public", "alpha") + "\n"));
    watched.hears("another bad content is another event", is_refused);
    put_routes(watched.path(), &route("public", "beta"));
    watched.until("the good ones are back", |folder| {
        folder.status().routes.is_some_and(|routes| routes.state == FileState::Active && routes.error.is_none())
    });
    assert_eq!(watched.count(|event| matches!(event, FolderEvent::Routed(_))), 0, "they never stopped holding");
}

#[test]
fn a_policy_that_a_route_names_changes_with_its_files() {
    let watched = routed();
    put_policy(watched.path(), "beta", "2");
    watched.hears("beta was replaced", |event| leads(event, &[("namespace public", "version 2")]));
    let plain = watched.folder().status().routes.expect("it holds").holding[0].digest.clone();
    fs::write(watched.path().join("beta.toml"), "[params]\nseconds = 60\n").unwrap();
    watched.hears("beta got parameters", |event| leads(event, &[("namespace public", "version 2")]));
    watched.until("the digest is another", |folder| {
        folder.status().routes.is_some_and(|routes| routes.holding[0].digest != plain)
    });
}

#[test]
fn a_policy_that_goes_or_goes_bad_decides_on_where_a_route_leads_to_it() {
    let watched = routed();
    let beta = watched.path().join("beta.wasm");
    fs::remove_file(&beta).unwrap();
    let event = watched.hears("beta was removed", is_refused);
    let text = "route 1: there is no beta.wasm in the folder, and no built-in policy \"beta\"";
    assert_eq!(refusal(&event).as_deref(), Some(text));
    assert_eq!(holding(watched.folder()), [("namespace public".into(), "beta".into())]);

    put_policy(watched.path(), "beta", "1");
    watched
        .until("it is back", |folder| folder.status().routes.is_some_and(|routes| routes.state == FileState::Active));
    assert_eq!(watched.count(|event| matches!(event, FolderEvent::Routed(_))), 0, "it is the one that decides anyway");

    fs::write(&beta, "no policy any more").unwrap();
    let event = watched.hears("beta is bad", is_refused);
    let FolderEvent::Refused { error: FileError::Routes(RoutesError::Policy { route, policy, .. }), .. } = &event
    else {
        panic!("{event:?}")
    };
    assert_eq!((*route, policy.as_str()), (1, "beta"));
    assert!(event_text(&event).contains("this is no WebAssembly"), "{}", event_text(&event));
    watched.fence();
    assert_eq!(watched.count(is_refused), 0, "once was enough");
}

fn event_text(event: &FolderEvent) -> String {
    refusal(event).unwrap_or_default()
}

#[test]
fn routes_that_are_written_before_their_policies_hold_when_these_come() {
    let watched = Watched::new("alpha", |folder| put_routes(folder, &route("public", "later")));
    assert!(watched.first().iter().any(is_refused), "{:?}", watched.first());
    put_policy(watched.path(), "later", "1");
    watched.hears("the policy came", |event| leads(event, &[("namespace public", "version 1")]));
}

#[test]
fn a_file_that_is_none_is_refused_unread() {
    let watched = routed();
    let file = watched.path().join("routes.toml");
    fs::File::create(&file).unwrap().set_len(5 << 30).unwrap();
    let event = watched.hears("it is huge", is_refused);
    assert!(event_text(&event).contains("5368709120 bytes; at most 524288 are read"), "{}", event_text(&event));
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let event = watched.hears("it is a folder", is_refused);
    assert!(event_text(&event).contains("no regular file"), "{}", event_text(&event));
    assert_eq!(holding(watched.folder()), [("namespace public".into(), "beta".into())]);
}

#[test]
fn no_policy_is_named_after_the_file() {
    let watched = Watched::new("alpha", |folder| {
        put_policy(folder, "alpha", "1");
        put_policy(folder, "routes", "1");
        put_routes(folder, &route("public", "alpha"));
    });
    let reserved = |event: &FolderEvent| matches!(event, FolderEvent::Refused { error: FileError::Reserved, file } if file == "routes.wasm");
    assert!(watched.first().iter().any(reserved), "{:?}", watched.first());
    assert_eq!(holding(watched.folder()), [("namespace public".into(), "alpha".into())]);
    assert!(watched.folder().select("routes").is_err());
    assert!(PolicyFolder::start(FolderOptions::new(watched.path(), "routes"), |_| {}).is_err());
}

#[test]
fn a_policy_that_a_route_names_is_never_left_out() {
    let bytes = policy("zeta", "1");
    let watched = Watched::new("alpha", |folder| {
        for number in 0..70 {
            fs::write(folder.join(format!("copy-{number}.wasm")), &bytes).unwrap();
        }
        fs::write(folder.join("zeta.wasm"), &bytes).unwrap();
        put_routes(folder, &route("public", "zeta"));
    });
    watched.until("zeta decides", |folder| holding(folder) == [("namespace public".into(), "zeta".into())]);
    assert_eq!(watched.folder().status().files.len(), 64);
}
