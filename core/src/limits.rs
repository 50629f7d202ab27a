//! Every bound of the registry, with the reason for its size.
//!
//! Hosts lower the bounds of instances, services and tombstones in [`Options`](crate::Options), and give namespaces a
//! quota each. Every bound that a host, a client or an operator can reach is reached by a test; `core/tests/limits.rs`
//! has those that belong to no other story, and `core/tests/full.rs` fills a whole registry.

/// Longest namespace, group, service name, cluster or host name, in bytes. Nacos' own columns hold 128 to 512. The five
/// that name an instance then have 2.5 KiB at most.
pub const NAME_BYTES_MAX: usize = 512;
/// Longest owner, actor, connection id or process key, in bytes: a pod's uid, its host name and a port have 36 + 63 + 5,
/// and twice that fits.
pub const KEY_BYTES_MAX: usize = 256;
/// Longest reason of an order, in bytes: a paragraph. With owner and actor an order then has 1.5 KiB of text beside the
/// names of what it is about.
pub const REASON_BYTES_MAX: usize = 1024;
/// Most metadata pairs of one instance. With 64 bytes each, lengths included, they fill `METADATA_BYTES_MAX`.
pub const METADATA_PAIRS_MAX: usize = 256;
/// Longest metadata key, in bytes: half of the longest name. 64 of them fill `METADATA_BYTES_MAX`.
pub const METADATA_KEY_BYTES_MAX: usize = 256;
/// All metadata of one instance, keys and values, in bytes. A view of 10 000 instances then stays below 160 MiB.
pub const METADATA_BYTES_MAX: usize = 16 * 1024;
/// Highest weight; Nacos' own bound. As many instances as there can be then weigh 1.7e11 together, far below the 9e15 up
/// to which the sum of a pick by weight counts every one.
pub const WEIGHT_MAX: f64 = 10_000.0;
/// Weight of an instance whose client and operators never named one.
pub const WEIGHT_DEFAULT: f64 = 1.0;
/// Publishers of one instance. Two are a rolling restart; eight leave room for every SDK in one program. Their
/// ids have 2 KiB at most.
pub const PUBLISHERS_MAX: usize = 8;
/// Holds on one instance, one for each owner: the teams and tools that keep one instance from traffic at one time. At
/// 1.5 KiB of text each they take 48 KiB.
pub const HOLDS_PER_INSTANCE_MAX: usize = 32;
/// Overlays on one instance: weight and metadata keys. Above this the client's own metadata is what is meant. At 1.5 KiB
/// of text about who and why, each, they take 96 KiB beside the values.
pub const OVERLAYS_PER_INSTANCE_MAX: usize = 64;
/// Addresses that one bulk order may be about: its plan and its report name each of them, in about 1 KiB, which makes 64
/// MiB. Whoever means more means a service, a cluster or an ip.
pub const BULK_TARGETS_MAX: usize = 65_536;
/// Addresses that the reply to an order names as perhaps meant; a person reads them.
pub const NEAR_MAX: usize = 8;
/// Holds on one service, cluster or ip, one for each owner: 48 KiB of text, as on an instance.
pub const HOLDS_PER_FLOOR_MAX: usize = HOLDS_PER_INSTANCE_MAX;
/// Clusters of one service under a floor of their own: with one hold each, 1.5 MiB of text. Above this a hold on the
/// service is what is meant.
pub const FLOOR_CLUSTERS_MAX: usize = 1024;
/// Whole ips under a floor: machines that are out of order at one time. With one hold each they take 24 MiB of text. Each
/// order about one visits every service.
pub const FLOOR_IPS_MAX: usize = 16_384;
/// Entries of the audit that the store keeps: at most 3 KiB each, 30 MiB together.
pub const AUDIT_STORED_MAX: usize = 10_000;
/// Entries of the audit that are at hand: what a person scrolls through, at most 3 KiB each, 3 MiB
/// together.
pub const AUDIT_LISTED_MAX: usize = 1_000;
/// Handles in one batch of beats: 512 KiB of them, and at 10 ns each two thirds of a millisecond in one call. Above this a
/// batch gains nothing: what a call costs is shared by a few hundred already.
pub const BATCH_MAX: usize = 65_536;
/// Namespaces of one registry, those with a quota and nothing else included: teams and environments, not programs. A
/// client that makes names up is stopped here, some 10 MiB later.
pub const NAMESPACES_MAX: usize = 1 << 16;
/// Services of one registry: 1024 chunks of 1024. Their ids, which a listing copies, take 8 MiB.
pub const SERVICES_MAX: usize = 1 << 20;
/// Routes of one registry. A service finds its own by three look-ups, whatever their number; more than these were not
/// written by people, and belong into groups and namespaces. Their names have 6 MiB at most.
pub const ROUTES_MAX: usize = 4096;
/// Scopes that one install report names; the others are counted. Announcements keep reports for late
/// readers: of three names each, 96 KiB in one report and 24 MiB in all that are kept.
pub const SCOPES_PER_REPORT_MAX: usize = 64;
/// Instances of one registry, remembered ones and waiting orders included: 64 chunks of 262 144 slots. At the budget
/// of 240 bytes each they take 4 GB.
pub const INSTANCES_MAX: usize = 1 << 24;
/// Distinct host names, IPv6 addresses and clusters of one registry; IPv4 addresses need no name. Each is kept once,
/// for as long as the registry lives. As many as instances, so that each may have a name of its own.
pub const HOSTS_MAX: usize = INSTANCES_MAX;
/// Tombstones of one registry: those who leave in an hour, the default retention, at 290 in a second. At the budget of 240
/// bytes each they take 250 MB. Dropping one forgets a memo or a claim, never an order.
pub const TOMBSTONES_MAX: usize = 1 << 20;
/// Watch queues of one registry: one for each client of a host that has as many connections as it has ports. A publisher
/// pays nothing for them. A queue watches as many services as there are.
pub const QUEUES_MAX: usize = 1 << 16;
/// Changes that the ring remembers, in 256 KiB: what 160 000 changes in a second leave behind a watcher that sleeps for
/// 100 ms. One that lags further compares revisions instead.
pub const RING_ENTRIES: usize = 1 << 14;
/// Announcements (installs, refusals, clock jumps) that are kept for late readers, who are people: a few screens.
pub const ANNOUNCEMENTS_MAX: usize = 256;
/// Orders in one commit: so many share one sync of the disk, and the first of them waits for no more than these to be
/// written. With its names and its entry of the audit an order has some 7 KiB at most, a commit less than 2 MiB.
pub const COMMIT_MAX: usize = 256;
/// Longest pause between two attempts at a store that fails, in milliseconds of registry time: what an operator waits at
/// most once the disk is well again. A dead disk is asked 17 000 times a day.
pub const STORE_PAUSE_MS_MAX: u64 = 5_000;
/// How long the journal must have been written again before that is told, in milliseconds of registry time: five of its
/// writer's attempts. A disk that is full to its edge fails and works by turns, and is one outage.
pub const JOURNAL_WELL_MS: u64 = 5_000;
/// Expiry candidates that one slice decides under one lock; writers of that service wait for one slice at most, and go
/// before the next. Falling silent takes half a microsecond and leaving three, so that a slice of those who leave a large
/// service ends within 100.
pub const SLICE_MAX: usize = 32;
/// How long a freed slot rests before reuse, in milliseconds of registry time: far longer than any beat can stall
/// between its two instructions without having been reported silent, which takes a quarter of it by default. Where 10 000
/// leave in each second, 600 000 slots rest: one in 28 of all that there can be.
pub const SLOT_REST_MS: u64 = 60_000;
/// Longest `retain`, in milliseconds: 34 years, longer than a registry runs.
pub const RETAIN_MS_MAX: u64 = 1 << 40;
/// Longest digest in a `.table` file, in bytes: `builtin:` and the longest name of a policy have 8 + 128.
pub const TABLE_DIGEST_BYTES_MAX: usize = 160;
/// Longest manifest in a `.table` file, in bytes of JSON: the largest one that is valid has some 220 KiB.
pub const TABLE_MANIFEST_BYTES_MAX: usize = 256 << 10;
/// No `.table` file is larger, in bytes: the largest table and the largest manifest come to half of it. Who reads one
/// from a disk need not read further.
pub const TABLE_FILE_BYTES_MAX: usize = 1 << 20;
/// Clusters, and metadata pairs, that one lookup may name. Resolved clusters stand on the reader's
/// stack, in 64 bytes.
pub const LOOKUP_NAMES_MAX: usize = 16;
/// Kinds of serialised answers that a host may keep with a view: list and push formats of a few protocols. All of the
/// longest, on one view, would have 512 MiB.
pub const ANSWERS_MAX: usize = 8;
/// Longest answer that is kept with a view, in bytes. Text for 100 000 instances with four pairs each,
/// at 300 bytes, has 30 MB: less than half.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Unlinked snapshots and tables that wait for the ticker before writers start to help: what 10 000 changes each second
/// leave between two ticks.
pub const GARBAGE_BATCH_MAX: usize = 1024;
