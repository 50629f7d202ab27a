//! Rotation, bounds, and disks that fail.

use std::fs;

use steadfast_core::Policy;
use tempfile::TempDir;

use super::*;
use crate::journal::{
    folder::segments,
    limits::WAITING_BYTES_MAX,
    queue::Queue,
    samples::{OPENING, batch, found, sink, with_decision},
};

#[test]
fn what_is_written_is_read_across_segments() {
    let folder = TempDir::new().unwrap();
    let mut sink = sink(folder.path(), 4_500);
    (0..20).for_each(|turn| sink.write(&batch(turn * 10..turn * 10 + 10)));
    let found = found(folder.path());
    assert_eq!(found.times_ms, (0..200).collect::<Vec<_>>());
    assert_eq!((found.lost, found.skipped), (0, vec![]));
    assert_eq!((sink.written, sink.lost, &sink.failure), (200, 0, &None));
    assert!(segments(folder.path()).unwrap().len() > 2);
}

#[test]
fn the_oldest_segments_go_where_the_bound_is_reached() {
    let folder = TempDir::new().unwrap();
    let options = JournalOptions { segment_bytes: 6_000, total_bytes: 24_000 };
    let mut sink = Sink::new(folder.path().to_owned(), options, Duration::ZERO);
    sink.write(&batch(0..1_000));
    let total: u64 = segments(folder.path()).unwrap().iter().map(|segment| segment.bytes).sum();
    assert!((12_000..26_000).contains(&total), "{total}");
    let found = found(folder.path());
    assert_eq!(found.times_ms.last(), Some(&999));
    assert_eq!((found.lost, found.skipped.len()), (0, 0), "deleted in due course is not lost");
}

#[test]
fn while_a_disk_fails_decisions_are_lost_and_afterwards_that_is_known() {
    let folder = TempDir::new().unwrap();
    let journal = folder.path().join("journal");
    let mut sink = sink(&journal, 1 << 20);
    sink.write(&batch(0..5));
    sink.segment = None;
    fs::rename(&journal, folder.path().join("aside")).unwrap();
    fs::write(&journal, b"a file where the folder should be").unwrap();
    sink.write(&batch(5..8));
    assert_eq!((sink.written, sink.lost), (5, 3));
    let failure = sink.failure.clone().expect("it says what is wrong");
    assert!(failure.contains(&journal.display().to_string()), "{failure}");
    fs::remove_file(&journal).unwrap();
    fs::rename(folder.path().join("aside"), &journal).unwrap();
    sink.write(&batch(8..10));
    assert_eq!((sink.written, sink.lost, &sink.failure), (7, 3, &None));
    let found = found(&journal);
    assert_eq!((found.times_ms, found.lost), (vec![0, 1, 2, 3, 4, 8, 9], 3));
}

#[test]
fn a_disk_that_failed_is_left_alone_for_a_while() {
    let folder = TempDir::new().unwrap();
    let journal = folder.path().join("journal");
    fs::write(&journal, b"").unwrap();
    let options = JournalOptions::default();
    let mut sink = Sink::new(journal.clone(), options, Duration::from_hours(1));
    sink.write(&batch(0..5));
    fs::remove_file(&journal).unwrap();
    sink.write(&batch(5..10));
    assert_eq!((sink.written, sink.lost, journal.exists()), (0, 10, false));
}

#[test]
fn what_finds_no_room_is_marked_where_it_is_missing() {
    let (queue, table) = (Queue::default(), Policy::admin_sticky().table);
    queue.open(OPENING);
    let mut time_ms = 0;
    while queue.lost() < 3 {
        with_decision(&table, time_ms, |decided| queue.push(decided));
        time_ms += 1;
    }
    let (mut first, mut second) = (Batch::default(), Batch::default());
    assert!(!queue.take(&mut first, Duration::ZERO));
    assert!(first.len() >= WAITING_BYTES_MAX && first.len() < WAITING_BYTES_MAX + 1_000, "{}", first.len());
    with_decision(&table, time_ms, |decided| queue.push(decided));
    queue.close();
    with_decision(&table, time_ms + 1, |decided| queue.push(decided));
    assert!(queue.take(&mut second, Duration::ZERO), "the end has come");
    let folder = TempDir::new().unwrap();
    let mut sink = sink(folder.path(), 64 << 20);
    sink.write(&first);
    sink.write(&second);
    let found = found(folder.path());
    let expected: Vec<u64> = (0..=time_ms).filter(|time| !(time_ms - 3..time_ms).contains(time)).collect();
    assert_eq!((found.times_ms, found.lost), (expected, 4), "three for want of room, one after the end");
}

#[test]
fn another_boot_has_segments_of_its_own_and_counts_anew() {
    let folder = TempDir::new().unwrap();
    let mut sink = sink(folder.path(), 1 << 20);
    sink.write(&batch(0..5));
    let mut later = batch(5..9);
    later.opening = Some(Opening { boot: OPENING.boot + 1, ..OPENING });
    sink.write(&later);
    let found = found(folder.path());
    assert_eq!((found.boots, found.times_ms.len(), found.lost), (vec![OPENING.boot, OPENING.boot + 1], 9, 0));
}
