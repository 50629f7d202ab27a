// Steadfast: a service registry to embed. Written by `cargo xtask header`; edit the Rust sources in ffi/ instead.
//
// What holds for every function, unless its own description says otherwise:
//
// - It may be called from any thread, at any time between steadfast_open and steadfast_free.
// - It answers 0, or a positive code when it succeeded and there is something to know, or a negative code (an error).
//   Treat a positive code that you do not know as success and a negative one as failure. A code is never reused.
// - A pointer is NULL only where the description allows it, aligned, and valid until the function returns.
// - Inputs are borrowed for the call and copied. Outputs come last and are written only on success; `*needed` of a
//   buffer is also written when the buffer is too small. An output structure has its struct_size set by the caller.
// - The last argument `error` may be NULL; its struct_size is set by the caller, the rest is written on an error.
// - Texts are UTF-8 with a length. Names hold no control characters, thus no NUL.
// - struct_size is the size of the structure that the caller was compiled with. Reserved fields are zero.
// - Services, instances (handles), queues are numbers. 0 is never one, and one that is not valid (any more) is an error,
//   not a crash.
// - A process that was forked from the one that opened a registry cannot use it: STEADFAST_E_FORKED.
// - Nothing here installs signal handlers or replaces the allocator; a bug inside the library is the code
//   STEADFAST_E_PANIC, not the end of the process.
//
// Everything here exists since version 0.1.0.


#ifndef STEADFAST_H
#define STEADFAST_H

#include <stddef.h>
#include <stdint.h>

// A text from a literal.
#ifdef __cplusplus
#define STEADFAST_STR(literal) (steadfast_str_t{(literal), sizeof(literal) - 1})
#else
#define STEADFAST_STR(literal) ((steadfast_str_t){(literal), sizeof(literal) - 1})
#endif


// Done.
#define STEADFAST_OK 0

// Nothing is newer than what the caller already has.
#define STEADFAST_NOT_MODIFIED 1

// The time ran out before anything happened.
#define STEADFAST_TIMEOUT 2

// A batch was done in part; the rejected positions were written.
#define STEADFAST_PARTIAL 3

// The beat found no instance; the client has to register again.
#define STEADFAST_REGISTER_AGAIN 4

// The sender left, and other publishers keep the instance present.
#define STEADFAST_REMAINS 5

// The sender does not keep this instance present (an old connection, for example); nothing changed.
#define STEADFAST_NOT_PUBLISHER 6

// No instance is at this address; nothing changed.
#define STEADFAST_NOT_PRESENT 7

// There was nothing to change.
#define STEADFAST_UNCHANGED 8

// A pointer that is required is NULL.
#define STEADFAST_E_NULL -100

// `struct_size` is not the size of a structure of this or a later version.
#define STEADFAST_E_STRUCT_SIZE -101

// A reserved field is not zero, or a value or bit is set that this version does not know.
#define STEADFAST_E_RESERVED -102

// The buffer is too small; the size that is needed was written.
#define STEADFAST_E_BUFFER_TOO_SMALL -103

// A text is not UTF-8.
#define STEADFAST_E_UTF8 -104

// A pointer is not aligned for its type.
#define STEADFAST_E_MISALIGNED -105

// The registry was shut down.
#define STEADFAST_E_CLOSED -200

// The registry was opened before a fork, by the parent process.
#define STEADFAST_E_FORKED -201

// A bug inside the library; the call had no effect that can be relied on.
#define STEADFAST_E_PANIC -202

// An earlier bug struck this service; lookups and beats go on, writes refuse until a restart.
#define STEADFAST_E_POISONED -203

// This build of the library cannot do it.
#define STEADFAST_E_UNSUPPORTED -204

// The registry keeps time by its own threads; only one opened with `STEADFAST_THREADS_NONE` is ticked.
#define STEADFAST_E_OWN_THREADS -205

// A thread could not be started.
#define STEADFAST_E_THREAD -206

// The system gave no descriptor to wait with.
#define STEADFAST_E_DESCRIPTOR -207

// No service has this id.
#define STEADFAST_E_UNKNOWN_SERVICE -300

// No watch queue has this id.
#define STEADFAST_E_UNKNOWN_QUEUE -301

// Nothing is known by this name or address.
#define STEADFAST_E_NOT_FOUND -302

// The address is not registered, so there is nothing to update.
#define STEADFAST_E_NOT_REGISTERED -303

// A name, host or other text is empty, too long, or holds a character that is not allowed.
#define STEADFAST_E_NAME -400

// A port is not between 1 and 65535.
#define STEADFAST_E_PORT -401

// A weight is not a number between 0 and 10000.
#define STEADFAST_E_WEIGHT -402

// Metadata is malformed, has too many pairs, or is too large.
#define STEADFAST_E_METADATA -403

// The end of an order is not in the future.
#define STEADFAST_E_UNTIL -404

// An option has a value that cannot be used.
#define STEADFAST_E_OPTION -405

// Liveness by connection was asked for without naming a connection.
#define STEADFAST_E_NO_CONNECTION -406

// A bound of the registry is reached.
#define STEADFAST_E_FULL -407

// A batch or an array is longer than allowed.
#define STEADFAST_E_TOO_MANY -408

// A selector asks for nothing, or a glob or key in it cannot be one.
#define STEADFAST_E_SELECTOR -409

// The state policy said no; the message is its reason.
#define STEADFAST_E_REFUSED -500

// The address is present as the other kind (ephemeral or persistent).
#define STEADFAST_E_KIND -501

// Reading or writing the data folder failed.
#define STEADFAST_E_STORE -600

// The data folder is in use by another process, was written by a later version, or is not ours.
#define STEADFAST_E_STORE_UNUSABLE -601

// A record in the data folder cannot be read.
#define STEADFAST_E_RECORD -602

// The policy was refused; the one before it goes on deciding.
#define STEADFAST_E_POLICY -700

// The policy breaks a law that it claims; the message shows the shortest way there.
#define STEADFAST_E_POLICY_LAW -701

// The policies folder cannot be used.
#define STEADFAST_E_POLICY_FOLDER -702

// Routes contradict each other, or one of them is for nothing that can be; what decided where before goes on.
#define STEADFAST_E_ROUTE -703

// Programs and library must agree on it; it grows with every incompatible change of this header.
#define STEADFAST_ABI_MAJOR 0

// While the major number is 0, programs and library must agree on it too.
#define STEADFAST_ABI_MINOR 1

// `enabled` was sent.
#define STEADFAST_FIELD_ENABLED 1

// `weight` was sent.
#define STEADFAST_FIELD_WEIGHT 2

// `metadata` was sent.
#define STEADFAST_FIELD_METADATA 4

// The instance lives by beats or by its connection.
#define STEADFAST_KIND_EPHEMERAL 0

// The instance stays until it is deregistered or removed, and survives restarts.
#define STEADFAST_KIND_PERSISTENT 1

// Without beats the instance goes silent.
#define STEADFAST_LIVENESS_BEATS 0

// Silence does not run while the connection is there.
#define STEADFAST_LIVENESS_CONNECTION 1

// Finish what runs, take nothing new.
#define STEADFAST_HOLD_DRAIN 1

// Take nothing.
#define STEADFAST_HOLD_OFFLINE 2

// Take nothing and do not register.
#define STEADFAST_HOLD_BANNED 3

// The overlay is about the weight.
#define STEADFAST_OVERLAY_WEIGHT 1

// The overlay is about one metadata key.
#define STEADFAST_OVERLAY_METADATA 2

// The outside health check says nothing.
#define STEADFAST_PROBE_UNKNOWN 0

// The outside health check passes.
#define STEADFAST_PROBE_PASSING 1

// The outside health check fails.
#define STEADFAST_PROBE_FAILING 2

// The instance takes traffic as far as orders and claim go.
#define STEADFAST_TRAFFIC_SERVE 0

// It finishes what runs.
#define STEADFAST_TRAFFIC_DRAIN 1

// It takes none.
#define STEADFAST_TRAFFIC_REFUSE 2

// A service has moved to `revision`: acquire its view.
#define STEADFAST_EVENT_CHANGED 1

// The queue fell behind: compare the revisions of all watched services.
#define STEADFAST_EVENT_RESYNC 2

// Announcement number `object` can be read.
#define STEADFAST_EVENT_ANNOUNCED 3

// Those that take traffic now: healthy, and traffic is serve.
#define STEADFAST_SHOW_SERVING 0

// Those whose traffic is serve, healthy or not.
#define STEADFAST_SHOW_SERVE 1

// Everybody who is present.
#define STEADFAST_SHOW_PRESENT 2

// `policy_class` was given.
#define STEADFAST_LOOKUP_CLASS 1

// Every instance of a service.
#define STEADFAST_FLOOR_SERVICE 1

// Every instance of one cluster of a service.
#define STEADFAST_FLOOR_CLUSTER 2

// Every instance on an ip, in every service.
#define STEADFAST_FLOOR_IP 3

// As `steadfast_hold_place`.
#define STEADFAST_BULK_HOLD 1

// As `steadfast_hold_release`; addresses without a hold of the owner are passed by.
#define STEADFAST_BULK_RELEASE 2

// As `steadfast_overlay_set`.
#define STEADFAST_BULK_OVERLAY 3

// As `steadfast_overlay_release`; addresses without such an overlay are passed by.
#define STEADFAST_BULK_OVERLAY_RELEASE 4

// The registry keeps time with two threads of its own.
#define STEADFAST_THREADS_OWN 0

// The registry starts no thread by itself; the host calls `steadfast_tick`.
#define STEADFAST_THREADS_NONE 1

// A journal is kept where there is a data folder and the registry has threads of its own.
#define STEADFAST_JOURNAL_AUTO 0

// A journal is kept. It needs a data folder, and a thread that writes it, also under `STEADFAST_THREADS_NONE`.
#define STEADFAST_JOURNAL_ON 1

// No journal is kept.
#define STEADFAST_JOURNAL_OFF 2

// A quota bounds instances.
#define STEADFAST_QUOTA_INSTANCES 1

// A quota bounds services.
#define STEADFAST_QUOTA_SERVICES 2

// The first four bytes of a view: "STF1" read as a little-endian number.
#define STEADFAST_VIEW_MAGIC 826692691

// In `flags` of a record: healthy.
#define STEADFAST_VIEW_HEALTHY 1

// In `flags` of a record: ephemeral.
#define STEADFAST_VIEW_EPHEMERAL 2

// An answer in JSON that is kept until `steadfast_report_release`; it stays readable after the registry is freed.
typedef struct steadfast_report_t steadfast_report_t;

// A registry. Made by `steadfast_open`, ended by `steadfast_shutdown`, released by `steadfast_free`.
//
// Any thread may use it at any time between open and free.
typedef struct steadfast_t steadfast_t;

// One immutable picture of a service. Made by `steadfast_view_acquire`, released by `steadfast_view_release`; it stays
// readable after the registry is shut down and freed.
typedef struct steadfast_view_t steadfast_view_t;

// Borrowed UTF-8, not NUL-terminated. `data` may be NULL when `len` is 0.
typedef struct steadfast_str_t {
    // The first byte.
    const char *data;
    // Length in bytes.
    size_t len;
} steadfast_str_t;

// What a registry is opened with. Fill it with `steadfast_options_init` first.
typedef struct steadfast_options_t {
    // `sizeof(steadfast_options_t)`.
    uint32_t struct_size;
    // `STEADFAST_THREADS_OWN` (default) or `STEADFAST_THREADS_NONE`.
    uint32_t threads;
    // Where orders and persistent instances are kept; created when it is missing. Empty (default): in memory only.
    struct steadfast_str_t data_folder;
    // Where `.wasm` policies are looked for and watched, by a thread of the library. Empty (default): no folder.
    struct steadfast_str_t policies_folder;
    // The active policy, `admin-sticky` by default. With a policies folder it is the file of that name with the
    // ending `.wasm`, and the built-in `admin-sticky` decides while there is none; without a folder it is the name of
    // a built-in policy (`admin-sticky`, `heartbeat-wins`, `restart-clears`, `maintenance-window`, `nacos-1-4`,
    // `nacos-2x`, `eureka-chain`). A file is named after its policy, but `active.wasm` may hold any: with `active`
    // here, replacing that one file exchanges what decides.
    struct steadfast_str_t policy;
    // How long an absent instance is remembered, in milliseconds; one hour by default. Orders are kept regardless.
    uint64_t retain_ms;
    // The longest step of registry time that one tick can make, in milliseconds; 5000 by default, so that a host that
    // was suspended expires nobody. 0 trusts the caller, for virtual time.
    uint64_t max_step_ms;
    // Zero.
    uint64_t reserved;
    // Most instances, remembered ones and waiting orders included: 1 to 16777216; 0 (default) for the most. When they
    // are there, whoever is new is refused with `STEADFAST_E_FULL`; everything else goes on.
    uint64_t instances_max;
    // Most services: 1 to 1048576; 0 (default) for the most.
    uint64_t services_max;
    // Most instances that left and are remembered: 1 to 1048576; 0 (default) for the most. When they are there, who
    // leaves is forgotten at once and counted; orders stay.
    uint64_t tombstones_max;
    // What bounds each namespace that `steadfast_quota_set` was not called for: `STEADFAST_QUOTA_*`, added up; 0
    // (default) for nothing.
    uint32_t quota_fields;
    // Most instances in one namespace; read only with `STEADFAST_QUOTA_INSTANCES`.
    uint32_t quota_instances;
    // Most services in one namespace; read only with `STEADFAST_QUOTA_SERVICES`.
    uint32_t quota_services;
    // `STEADFAST_JOURNAL_*`: whether every decision is written to the folder `journal` in the data folder, for people
    // and for `steadfast replay`. It is written behind, nobody waits for it, and no start reads it.
    uint32_t journal;
    // Most bytes of the journal, whose oldest part is deleted first: at least 4194304; 0 (default) for 268435456, which
    // are some four million decisions.
    uint64_t journal_bytes;
} steadfast_options_t;

// Details of an error. Pass it or NULL as the last argument; it is written only when the answer is negative.
typedef struct steadfast_error_t {
    // `sizeof(steadfast_error_t)`.
    uint32_t struct_size;
    // The code that the function also answers.
    int32_t code;
    // What went wrong and what to do, NUL-terminated UTF-8, cut where it does not fit.
    char message[504];
} steadfast_error_t;

// How much a namespace may hold. A number whose bit is not in `fields` bounds nothing.
typedef struct steadfast_quota_t {
    // `sizeof(steadfast_quota_t)`.
    uint32_t struct_size;
    // What is bounded: `STEADFAST_QUOTA_*`, added up.
    uint32_t fields;
    // Most instances: present ones, remembered ones, and addresses with orders that wait for somebody to come.
    uint32_t instances;
    // Most services.
    uint32_t services;
} steadfast_quota_t;

// Where an instance is inside a service.
typedef struct steadfast_address_t {
    // `sizeof(steadfast_address_t)`.
    uint32_t struct_size;
    // 1 to 65535.
    uint32_t port;
    // An ip, kept in canonical form, or a host name, which is never resolved.
    struct steadfast_str_t ip;
    // The cluster, such as `DEFAULT`.
    struct steadfast_str_t cluster;
} steadfast_address_t;

// Who registers, and how the instance lives. NULL in its place means all zero.
typedef struct steadfast_registration_t {
    // `sizeof(steadfast_registration_t)`.
    uint32_t struct_size;
    // `STEADFAST_KIND_*`.
    uint32_t kind;
    // `STEADFAST_LIVENESS_*`.
    uint32_t liveness;
    // Zero.
    uint32_t reserved;
    // The connection that keeps the instance present; empty when the sender has none.
    struct steadfast_str_t connection;
    // What names the program behind the address and survives a reconnect (process start, pod uid), never a connection;
    // empty when unknown.
    struct steadfast_str_t process;
} steadfast_registration_t;

// What a client says of itself. A field whose bit is not in `fields` was not sent and changes nothing.
typedef struct steadfast_claim_t {
    // `sizeof(steadfast_claim_t)`.
    uint32_t struct_size;
    // Which of the fields below were sent: `STEADFAST_FIELD_*`, added up.
    uint32_t fields;
    // 1 when the client wants traffic, else 0.
    uint32_t enabled;
    // Zero.
    uint32_t reserved;
    // 0 to 10000.
    double weight;
    // All of its metadata, packed; `steadfast_metadata_append` packs it.
    const uint8_t *metadata;
    // Length of `metadata` in bytes.
    size_t metadata_len;
} steadfast_claim_t;

// Where an instance stands when the call returns.
typedef struct steadfast_effect_t {
    // `sizeof(steadfast_effect_t)`, written by the caller.
    uint32_t struct_size;
    // 1 when it is present.
    uint32_t present;
    // 1 when it is healthy.
    uint32_t healthy;
    // `STEADFAST_TRAFFIC_*`.
    uint32_t traffic;
    // 1 when an order stands but waits for an instance that is not there.
    uint32_t pending;
    // 1 when an order of the same owner or field was there, and was replaced or released.
    uint32_t found;
    // 1 when `reason`, `refusing` or `hint` did not fit and was cut; `steadfast_explain` has all of it.
    uint32_t cut;
    // Zero.
    uint32_t reserved;
    // The service's revision afterwards; 0 where the call does not tell.
    uint64_t revision;
    // The policy's reason, or the hold from above that leaves less than the policy would. NUL-terminated UTF-8.
    char reason[256];
    // What still keeps the instance from serving, one line each: other owners' holds, holds on its cluster, service or
    // ip, the client's own claim. NUL-terminated UTF-8.
    char refusing[1024];
    // After an order about an address where nobody is: in which other clusters its ip and port are. NUL-terminated
    // UTF-8, else empty.
    char hint[256];
} steadfast_effect_t;

// What a full beat carries beside the sign of life; used only when nothing is known about the address.
typedef struct steadfast_full_beat_t {
    // `sizeof(steadfast_full_beat_t)`.
    uint32_t struct_size;
    // Which of weight and metadata were sent: `STEADFAST_FIELD_*`, added up.
    uint32_t fields;
    // `STEADFAST_KIND_*`.
    uint32_t kind;
    // Zero.
    uint32_t reserved;
    // 0 to 10000.
    double weight;
    // All of its metadata, packed.
    const uint8_t *metadata;
    // Length of `metadata` in bytes.
    size_t metadata_len;
} steadfast_full_beat_t;

// A sign of life by service and address.
typedef struct steadfast_named_beat_t {
    // `sizeof(steadfast_named_beat_t)`, the same in all elements of an array.
    uint32_t struct_size;
    // 1 to 65535.
    uint32_t port;
    // The service.
    uint64_t service;
    // An ip or host name, as for `steadfast_register`.
    struct steadfast_str_t ip;
    // The cluster.
    struct steadfast_str_t cluster;
    // What the beat carries, or NULL; see `steadfast_beat_at`.
    const struct steadfast_full_beat_t *full;
} steadfast_named_beat_t;

// Who gives an order, on whose behalf, and why. All three texts are required.
typedef struct steadfast_author_t {
    // `sizeof(steadfast_author_t)`.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved;
    // The system or team that the order belongs to, such as `console`; it has one hold on an instance, and only it
    // releases that one.
    struct steadfast_str_t owner;
    // The person or address behind the order.
    struct steadfast_str_t actor;
    // Why.
    struct steadfast_str_t reason;
} steadfast_author_t;

// A field of an instance that an operator sets, and its value.
typedef struct steadfast_overlay_t {
    // `sizeof(steadfast_overlay_t)`.
    uint32_t struct_size;
    // `STEADFAST_OVERLAY_*`.
    uint32_t field;
    // The weight, 0 to 10000; read only for `STEADFAST_OVERLAY_WEIGHT` and only when the overlay is set.
    double weight;
    // The metadata key; read only for `STEADFAST_OVERLAY_METADATA`.
    struct steadfast_str_t key;
    // Its value; read only for `STEADFAST_OVERLAY_METADATA` and only when the overlay is set.
    struct steadfast_str_t value;
} steadfast_overlay_t;

// Whom a hold lies under as a floor: those who are there, and those who come later.
typedef struct steadfast_floor_target_t {
    // `sizeof(steadfast_floor_target_t)`.
    uint32_t struct_size;
    // `STEADFAST_FLOOR_*`.
    uint32_t kind;
    // The service; not read for `STEADFAST_FLOOR_IP`.
    uint64_t service;
    // The cluster; read only for `STEADFAST_FLOOR_CLUSTER`.
    struct steadfast_str_t cluster;
    // The ip, or the host name as instances register it; read only for `STEADFAST_FLOOR_IP`.
    struct steadfast_str_t ip;
} steadfast_floor_target_t;

// What became of an order about a floor.
typedef struct steadfast_floor_effect_t {
    // `sizeof(steadfast_floor_effect_t)`, written by the caller.
    uint32_t struct_size;
    // 1 when a hold of the same owner was there, and was replaced or released.
    uint32_t found;
    // 1 when `refusing` did not fit and was cut.
    uint32_t cut;
    // Zero.
    uint32_t reserved;
    // Present instances under the target.
    uint64_t instances;
    // Those of them whose published traffic changed.
    uint64_t changed;
    // Those of them that take traffic now.
    uint64_t serving;
    // The service's revision afterwards; 0 for an ip, which may be in many services.
    uint64_t revision;
    // Holds that still lie on the same target, one line each. NUL-terminated UTF-8.
    char refusing[1024];
} steadfast_floor_effect_t;

// Which addresses an order about many is about: globs, in which `*` is any text and `?` any one character, and all of
// which must match. An empty field asks for nothing, and one at least asks for something: for everything, `name_space`
// is `*`.
typedef struct steadfast_selector_t {
    // `sizeof(steadfast_selector_t)`.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved;
    // The namespace.
    struct steadfast_str_t name_space;
    // The group.
    struct steadfast_str_t group;
    // The service's name.
    struct steadfast_str_t service;
    // The cluster.
    struct steadfast_str_t cluster;
    // The ip in its canonical form, or the host name.
    struct steadfast_str_t ip;
    // The port in decimal digits.
    struct steadfast_str_t port;
    // Effective metadata: keys with globs for their values, packed as `steadfast_metadata_append` does.
    const uint8_t *metadata;
    // Length of `metadata` in bytes.
    size_t metadata_len;
} steadfast_selector_t;

// What shall be done at each selected address.
typedef struct steadfast_bulk_order_t {
    // `sizeof(steadfast_bulk_order_t)`.
    uint32_t struct_size;
    // `STEADFAST_BULK_*`.
    uint32_t order;
    // `STEADFAST_HOLD_*`; read only for `STEADFAST_BULK_HOLD`.
    uint32_t kind;
    // Zero.
    uint32_t reserved;
    // The wall time at which the holds end by themselves, 0 for never; read only for `STEADFAST_BULK_HOLD`.
    uint64_t until_ms;
    // The most addresses that may be meant, such as the number that a plan told. When more match, nothing is done:
    // `STEADFAST_E_TOO_MANY`. 0 for the library's own bound, 65536. A plan does not read it.
    uint64_t limit;
    // The field and its value; read only for `STEADFAST_BULK_OVERLAY` and `STEADFAST_BULK_OVERLAY_RELEASE`.
    const struct steadfast_overlay_t *overlay;
} steadfast_bulk_order_t;

// What a bulk order would do, in numbers.
typedef struct steadfast_plan_t {
    // `sizeof(steadfast_plan_t)`, written by the caller.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved;
    // Addresses that match.
    uint64_t targets;
    // Services with such an address.
    uint64_t services;
    // Instances that would stop taking traffic.
    uint64_t stop;
    // Instances that would start.
    uint64_t start;
    // Services that serve now, and of which nothing would be left serving.
    uint64_t empties;
} steadfast_plan_t;

// What a bulk order did, in numbers.
typedef struct steadfast_bulk_effect_t {
    // `sizeof(steadfast_bulk_effect_t)`, written by the caller.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved;
    // Addresses that matched.
    uint64_t targets;
    // Those at which the order was carried out: durable and visible.
    uint64_t done;
    // Those at which it was refused, and changed nothing.
    uint64_t refused;
    // Those that were not tried, because the data folder failed.
    uint64_t untried;
} steadfast_bulk_effect_t;

// What a reader looks for. All zero beside `struct_size`: everybody who takes traffic now.
typedef struct steadfast_lookup_t {
    // `sizeof(steadfast_lookup_t)`.
    uint32_t struct_size;
    // `STEADFAST_SHOW_*`.
    uint32_t show;
    // Which of the fields that cannot be empty were given: `STEADFAST_LOOKUP_*`, added up.
    uint32_t fields;
    // The class that the service's policy gives an instance, 0 (none) to 7; read only if `fields` has its bit.
    uint32_t policy_class;
    // The protect threshold, 0 (off) to 1, for `STEADFAST_SHOW_SERVING`: when the share of healthy ones among the
    // instances that are looked for and whose traffic is serve is below it, the reader gets all of these.
    double protect;
    // Any of these clusters, at most 16; NULL for all.
    const struct steadfast_str_t *clusters;
    // How many clusters there are.
    size_t cluster_count;
    // All of these pairs of effective metadata, at most 16, packed as `steadfast_metadata_append` does.
    const uint8_t *metadata;
    // Length of `metadata` in bytes.
    size_t metadata_len;
} steadfast_lookup_t;

// One event of a watch queue. It says that something moved, never what it holds now.
typedef struct steadfast_event_t {
    // `STEADFAST_EVENT_*`; ignore kinds that you do not know.
    uint32_t kind;
    // Zero.
    uint32_t flags;
    // What `steadfast_watch` was given.
    uint64_t cookie;
    // The service, or the number of the announcement.
    uint64_t object;
    // The service's revision.
    uint64_t revision;
    // Zero.
    uint64_t aux;
} steadfast_event_t;

// What an install did.
typedef struct steadfast_install_t {
    // `sizeof(steadfast_install_t)`, written by the caller.
    uint32_t struct_size;
    // 1 when the same policy with the same parameters was active already.
    uint32_t unchanged;
    // The epoch of the policy.
    uint64_t epoch;
    // Services that were visited.
    uint64_t services;
    // Instances that were decided anew.
    uint64_t instances;
    // How many of them changed.
    uint64_t changed;
    // How many of them left.
    uint64_t left;
} steadfast_install_t;

// A policy for a part of the registry. The narrowest route that holds a service wins; what none holds is decided by
// the active policy.
typedef struct steadfast_route_t {
    // `sizeof(steadfast_route_t)`, the same in all elements of an array.
    uint32_t struct_size;
    // Zero.
    uint32_t reserved;
    // The namespace.
    struct steadfast_str_t name_space;
    // The group in it; empty for the whole namespace.
    struct steadfast_str_t group;
    // The service in that; empty for the whole group. It need not be there yet.
    struct steadfast_str_t service;
    // The name of a built-in policy; empty when `file` is given.
    struct steadfast_str_t policy;
    // The bytes of a `.wasm` component or of a `.table` file; not given when `policy` is.
    const uint8_t *file;
    // Length of `file` in bytes.
    size_t file_len;
    // The parameters of `file`, a JSON object of texts, or empty.
    struct steadfast_str_t params;
} steadfast_route_t;

// What a change of the routes did.
typedef struct steadfast_routed_t {
    // `sizeof(steadfast_routed_t)`, written by the caller.
    uint32_t struct_size;
    // 1 when the same routes stood already; nothing happened.
    uint32_t unchanged;
    // Routes that stand now.
    uint64_t routes;
    // Services that moved to another policy.
    uint64_t services;
    // Instances that were decided anew.
    uint64_t instances;
    // How many of them changed.
    uint64_t changed;
    // How many of them left.
    uint64_t left;
} steadfast_routed_t;

// The first bytes of a view. Step by `header_size` and `record_size`, which later versions may enlarge.
typedef struct steadfast_view_header_t {
    // `STEADFAST_VIEW_MAGIC`.
    uint32_t magic;
    // 1.
    uint16_t version;
    // Bytes from one record to the next.
    uint16_t record_size;
    // Records.
    uint32_t count;
    // Bytes from the start of the view to the first record.
    uint32_t header_size;
    // The service's revision.
    uint64_t revision;
    // Bytes from the start of the view to the arena.
    uint64_t arena_offset;
    // Bytes of the whole view.
    uint64_t total_len;
} steadfast_view_header_t;

// One instance of a view. Offsets count from the start of the arena; texts are UTF-8 without NUL.
typedef struct steadfast_view_record_t {
    // Its handle, for beats.
    uint64_t handle;
    // Its effective weight.
    double weight;
    // Where its ip or host name is.
    uint32_t ip_off;
    // Length in bytes.
    uint32_t ip_len;
    // Where its cluster is.
    uint32_t cluster_off;
    // Length in bytes.
    uint32_t cluster_len;
    // Where its effective metadata is: pairs in order of their keys, packed as `steadfast_metadata_append` does.
    uint32_t metadata_off;
    // Length in bytes.
    uint32_t metadata_len;
    // Its port.
    uint16_t port;
    // `STEADFAST_VIEW_*`, added up.
    uint8_t flags;
    // `STEADFAST_TRAFFIC_*`.
    uint8_t traffic;
    // Its class under the selectors of the policy that decided it, 1 to 7; 0 for none.
    uint8_t class_number;
    // Zero.
    uint8_t reserved[3];
} steadfast_view_record_t;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The library's `STEADFAST_ABI_MAJOR << 16 | STEADFAST_ABI_MINOR`. A program compares it with its header's before it
// calls anything else.
uint32_t steadfast_abi_version(void);

// Name and version of the library, NUL-terminated; never freed.
const char *steadfast_version_string(void);

// The fixed English text of a code, NUL-terminated; never freed. Codes that this version does not know have one text.
const char *steadfast_error_message(int32_t code);

// Fills `options` with the defaults. `size` is `sizeof(steadfast_options_t)`; `struct_size` becomes it. A program that
// was compiled with fewer options leaves the others at their defaults.
int32_t steadfast_options_init(struct steadfast_options_t *options,
                               size_t size);

// Opens a registry: reads the data folder back, loads the active policy and starts the threads, as the options say.
//
// `*out` becomes the registry; the caller ends it with `steadfast_shutdown` and `steadfast_free`. One process at a
// time can have a data folder open.
int32_t steadfast_open(const struct steadfast_options_t *options,
                       struct steadfast_t **out,
                       struct steadfast_error_t *error);

// Ends the registry: wakes pollers, writes what is still unwritten, stops and joins the library's threads, releases
// the data folder. Any thread may call it, any number of times; it returns when the end is reached.
//
// Calls that are under way finish; later ones answer `STEADFAST_E_CLOSED`.
int32_t steadfast_shutdown(const struct steadfast_t *registry);

// Releases the registry, after a shutdown if there was none. NULL is ignored.
//
// (transfer full) No other call on this registry may be under way or follow. Views stay readable. In a forked child
// nothing is released.
void steadfast_free(struct steadfast_t *registry);

// Tells a registry opened with `STEADFAST_THREADS_NONE` what time it is: `mono_ms` of a clock that never jumps, from
// any origin, and `wall_ms` since 1970. The first tick only sets the origin. All deadlines up to now are decided before
// it returns.
//
// One thread at a time. A registry with threads of its own answers `STEADFAST_E_OWN_THREADS`.
int32_t steadfast_tick(const struct steadfast_t *registry,
                       uint64_t mono_ms,
                       uint64_t wall_ms);

// Writes what policies changed (cleared orders, for example) to the data folder now instead of within a second.
// Orders are durable before their call returns and need no flush.
int32_t steadfast_flush(const struct steadfast_t *registry,
                        struct steadfast_error_t *error);

// Finds or creates a service; `*service` becomes its id, which holds until the registry is freed.
int32_t steadfast_service(const struct steadfast_t *registry,
                          struct steadfast_str_t name_space,
                          struct steadfast_str_t group,
                          struct steadfast_str_t name,
                          uint64_t *service,
                          struct steadfast_error_t *error);

// Finds a service and creates none: `STEADFAST_E_NOT_FOUND` when there is none of this name.
int32_t steadfast_service_find(const struct steadfast_t *registry,
                               struct steadfast_str_t name_space,
                               struct steadfast_str_t group,
                               struct steadfast_str_t name,
                               uint64_t *service,
                               struct steadfast_error_t *error);

// Writes all services as a JSON array of `{"id", "namespace", "group", "name", "revision"}` into `buffer`, without a
// NUL. `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`; the list may have grown
// by the next call.
int32_t steadfast_service_list(const struct steadfast_t *registry,
                               char *buffer,
                               size_t capacity,
                               size_t *needed,
                               struct steadfast_error_t *error);

// Bounds a namespace, known or not, from here on, instead of what the options say. What is there already stays, also
// above the bound; nothing comes in until enough of it has gone: `STEADFAST_E_FULL`. It holds until it is replaced or
// the registry is freed: a host that wants it again says so after each start.
int32_t steadfast_quota_set(const struct steadfast_t *registry,
                            struct steadfast_str_t name_space,
                            const struct steadfast_quota_t *quota,
                            struct steadfast_error_t *error);

// What there is in each namespace, by name, and how much there may be: a JSON array of `{"namespace", "services",
// "instances", "present", "quota": {"instances_max", "services_max"}}` without a NUL, where `null` bounds nothing.
// `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
int32_t steadfast_namespaces(const struct steadfast_t *registry,
                             char *buffer,
                             size_t capacity,
                             size_t *needed,
                             struct steadfast_error_t *error);

// Registers an instance, or registers it again. `registration` may be NULL: ephemeral, lives by beats, no connection,
// unknown process. `claim` may be NULL: nothing was sent.
//
// `*handle` becomes the handle for beats, `*effect` (may be NULL) where the instance stands: under an operator's hold
// it is registered and takes no traffic. `STEADFAST_E_REFUSED`: the policy did not let it in.
int32_t steadfast_register(const struct steadfast_t *registry,
                           uint64_t service,
                           const struct steadfast_address_t *address,
                           const struct steadfast_registration_t *registration,
                           const struct steadfast_claim_t *claim,
                           uint64_t *handle,
                           struct steadfast_effect_t *effect,
                           struct steadfast_error_t *error);

// Changes what the client says of itself; only the fields that are named in the claim change. `effect` may be NULL.
int32_t steadfast_claim(const struct steadfast_t *registry,
                        uint64_t service,
                        const struct steadfast_address_t *address,
                        const struct steadfast_claim_t *claim,
                        struct steadfast_effect_t *effect,
                        struct steadfast_error_t *error);

// A sign of life: the fastest function here, made to be called for every heartbeat. It neither allocates nor locks
// while the instance is well.
//
// `STEADFAST_REGISTER_AGAIN`: no instance has this handle (any more).
int32_t steadfast_beat(const struct steadfast_t *registry,
                       uint64_t handle);

// Signs of life of `count` instances, at most 65536; 64 to 256 at a time use the call best.
//
// `STEADFAST_PARTIAL`: some have to register again. `*rejected_count` becomes how many, and `rejected` receives the
// positions of the first `rejected_capacity` of them in `handles`.
int32_t steadfast_beat_batch(const struct steadfast_t *registry,
                             const uint64_t *handles,
                             size_t count,
                             uint32_t *rejected,
                             size_t rejected_capacity,
                             size_t *rejected_count);

// A sign of life by address, for senders that have no handle. `full` may be NULL; what it carries is used only when
// nothing is known about the address, which is then registered by it.
//
// `STEADFAST_REGISTER_AGAIN`: no instance is there and the policy does not bring it back.
int32_t steadfast_beat_at(const struct steadfast_t *registry,
                          uint64_t service,
                          const struct steadfast_address_t *address,
                          const struct steadfast_full_beat_t *full,
                          struct steadfast_error_t *error);

// The client takes its instance out. `connection` is the sender's, empty when it has none.
//
// `STEADFAST_REMAINS`: other publishers keep it present, `*remaining` (may be NULL) says how many.
// `STEADFAST_NOT_PUBLISHER`, `STEADFAST_NOT_PRESENT`: nothing changed.
int32_t steadfast_deregister(const struct steadfast_t *registry,
                             uint64_t service,
                             const struct steadfast_address_t *address,
                             struct steadfast_str_t connection,
                             size_t *remaining,
                             struct steadfast_error_t *error);

// A connection is gone: every instance that it published loses that publisher. `*left` (may be NULL) becomes the
// number of instances that it left.
int32_t steadfast_disconnect(const struct steadfast_t *registry,
                             struct steadfast_str_t connection,
                             size_t *left,
                             struct steadfast_error_t *error);

// Signs of life of `count` addresses, at most 65536, each as by `steadfast_beat_at`; some hundred at a time use the
// call best.
//
// `STEADFAST_PARTIAL`: some are not alive. `*rejected_count` becomes how many, `rejected` receives the positions of the
// first `rejected_capacity` of them in `beats`, and `codes` (may be NULL, else as long as `rejected`) what
// `steadfast_beat_at` answers there: `STEADFAST_REGISTER_AGAIN`, or an error, which spoils no other beat.
int32_t steadfast_beat_batch_at(const struct steadfast_t *registry,
                                const struct steadfast_named_beat_t *beats,
                                size_t count,
                                uint32_t *rejected,
                                int32_t *codes,
                                size_t rejected_capacity,
                                size_t *rejected_count,
                                struct steadfast_error_t *error);

// Appends a pair to packed metadata: the key's length and the value's, two little-endian bytes each, the key, the
// value. `*len` is how much of `buffer` is used, 0 at first; it becomes how much is used afterwards, or is left alone
// when the pair does not fit (`STEADFAST_E_BUFFER_TOO_SMALL`). Bounds of keys and values are checked when the metadata
// is used.
int32_t steadfast_metadata_append(uint8_t *buffer,
                                  size_t capacity,
                                  size_t *len,
                                  struct steadfast_str_t key,
                                  struct steadfast_str_t value);

// Places a hold, or updates the one of the same owner. `kind` is `STEADFAST_HOLD_*`; `until_ms` is the wall time at
// which it ends by itself, 0 for never. `effect` may be NULL.
//
// It is durable and visible when the call returns `STEADFAST_OK`. An address that is not there is no error: the effect
// says `pending`, and the hold waits for the instance; its `hint` tells which other cluster may have been meant.
int32_t steadfast_hold_place(const struct steadfast_t *registry,
                             uint64_t service,
                             const struct steadfast_address_t *address,
                             uint32_t kind,
                             const struct steadfast_author_t *author,
                             uint64_t until_ms,
                             struct steadfast_effect_t *effect,
                             struct steadfast_error_t *error);

// Releases the hold of `author`'s owner. `effect` (may be NULL) says where the instance stands, whether there was such
// a hold (`found`), and what still refuses: another owner's hold, one on its cluster, service or ip, or the client's own
// claim.
int32_t steadfast_hold_release(const struct steadfast_t *registry,
                               uint64_t service,
                               const struct steadfast_address_t *address,
                               const struct steadfast_author_t *author,
                               struct steadfast_effect_t *effect,
                               struct steadfast_error_t *error);

// Releases the hold of another owner. The audit keeps both names, and `steadfast_explain` shows who forced it. `effect`
// may be NULL.
int32_t steadfast_hold_force_release(const struct steadfast_t *registry,
                                     uint64_t service,
                                     const struct steadfast_address_t *address,
                                     struct steadfast_str_t owner,
                                     const struct steadfast_author_t *author,
                                     struct steadfast_effect_t *effect,
                                     struct steadfast_error_t *error);

// Sets one field of an instance over what the client says, until it is released. `effect` may be NULL.
int32_t steadfast_overlay_set(const struct steadfast_t *registry,
                              uint64_t service,
                              const struct steadfast_address_t *address,
                              const struct steadfast_overlay_t *overlay,
                              const struct steadfast_author_t *author,
                              struct steadfast_effect_t *effect,
                              struct steadfast_error_t *error);

// Releases an overlay: the field follows the client again. Of `overlay` only `field` and `key` are read. `effect` may
// be NULL.
int32_t steadfast_overlay_release(const struct steadfast_t *registry,
                                  uint64_t service,
                                  const struct steadfast_address_t *address,
                                  const struct steadfast_overlay_t *overlay,
                                  const struct steadfast_author_t *author,
                                  struct steadfast_effect_t *effect,
                                  struct steadfast_error_t *error);

// An operator takes an instance out, whoever publishes it. Its orders stay.
// `STEADFAST_NOT_PRESENT`: it was not there.
int32_t steadfast_remove(const struct steadfast_t *registry,
                         uint64_t service,
                         const struct steadfast_address_t *address,
                         const struct steadfast_author_t *author,
                         struct steadfast_error_t *error);

// What an outside health check says: `STEADFAST_PROBE_*`. `STEADFAST_NOT_PRESENT`: no instance is there to hear it.
int32_t steadfast_probe(const struct steadfast_t *registry,
                        uint64_t service,
                        const struct steadfast_address_t *address,
                        uint32_t probe,
                        struct steadfast_error_t *error);

// Lays a hold as a floor under a service, one cluster of it, or an ip: whatever the policy says of an instance there,
// its traffic is at least that restricted, and `STEADFAST_HOLD_BANNED` refuses registrations. Policies neither see nor
// clear it. A second one by the same owner replaces the first. `kind`, `until_ms` and `effect` are as for
// `steadfast_hold_place`.
//
// It is durable, and visible in every service, when the call returns `STEADFAST_OK`.
int32_t steadfast_floor_place(const struct steadfast_t *registry,
                              const struct steadfast_floor_target_t *target,
                              uint32_t kind,
                              const struct steadfast_author_t *author,
                              uint64_t until_ms,
                              struct steadfast_floor_effect_t *effect,
                              struct steadfast_error_t *error);

// Releases the hold of `author`'s owner on a service, a cluster or an ip. `effect` (may be NULL) says whether there was
// one (`found`), and which others still lie there.
int32_t steadfast_floor_release(const struct steadfast_t *registry,
                                const struct steadfast_floor_target_t *target,
                                const struct steadfast_author_t *author,
                                struct steadfast_floor_effect_t *effect,
                                struct steadfast_error_t *error);

// Releases the hold of another owner on a service, a cluster or an ip. The audit keeps both names. `effect` may be NULL.
int32_t steadfast_floor_force_release(const struct steadfast_t *registry,
                                      const struct steadfast_floor_target_t *target,
                                      struct steadfast_str_t owner,
                                      const struct steadfast_author_t *author,
                                      struct steadfast_floor_effect_t *effect,
                                      struct steadfast_error_t *error);

// Every hold on a whole ip, in order of the ips, as a JSON array without a NUL; `*needed` becomes its length, also when
// the answer is `STEADFAST_E_BUFFER_TOO_SMALL`. Those on a service and its clusters are in
// `steadfast_explain_service`.
int32_t steadfast_floors_of_ips(const struct steadfast_t *registry,
                                char *buffer,
                                size_t capacity,
                                size_t *needed,
                                struct steadfast_error_t *error);

// What `steadfast_bulk` with the same arguments would do now, by the registry's own rules; it changes nothing.
//
// `plan` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
// `steadfast_report_release`: a JSON object of `targets` (each with its state `before` and `after`) and `services`
// (how many of each would `stop`, `start` and be `left` serving).
//
// More than 65536 addresses are `STEADFAST_E_TOO_MANY`: hold the service, the cluster or the ip instead.
int32_t steadfast_plan(const struct steadfast_t *registry,
                       const struct steadfast_selector_t *selector,
                       const struct steadfast_bulk_order_t *order,
                       const struct steadfast_author_t *author,
                       struct steadfast_plan_t *plan,
                       const struct steadfast_report_t **report,
                       struct steadfast_error_t *error);

// Carries out one order at every selected address: those with a present instance, and those where orders stand. Each
// is an order of its own, durable and visible when the call returns; up to 256 of them share one write to the disk.
//
// `effect` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
// `steadfast_report_release`: a JSON object of `outcomes` (each with a `code`, and a `reply` or an `error`) and
// `untried`.
//
// `STEADFAST_PARTIAL`: it was not carried out everywhere, and effect and report say where it was. With an error nothing
// was done.
int32_t steadfast_bulk(const struct steadfast_t *registry,
                       const struct steadfast_selector_t *selector,
                       const struct steadfast_bulk_order_t *order,
                       const struct steadfast_author_t *author,
                       struct steadfast_bulk_effect_t *effect,
                       const struct steadfast_report_t **report,
                       struct steadfast_error_t *error);

// The text of a report: JSON in UTF-8 without a NUL, readable until the report is released.
int32_t steadfast_report_read(const struct steadfast_report_t *report,
                              const char **data,
                              size_t *len);

// Releases a report. (transfer full) NULL is ignored. Any thread may release it.
void steadfast_report_release(const struct steadfast_report_t *report);

// The picture of a service as it is now. `*view` becomes it; release it with `steadfast_view_release`.
//
// `STEADFAST_NOT_MODIFIED`, and no view, when the service's revision is not greater than `if_newer_than`; 0 always
// gives a view. All views of one revision share their memory.
int32_t steadfast_view_acquire(const struct steadfast_t *registry,
                               uint64_t service,
                               uint64_t if_newer_than,
                               const struct steadfast_view_t **view,
                               struct steadfast_error_t *error);

// The bytes of a view: a `steadfast_view_header_t`, records, arena; 8-aligned. They are readable until the view is
// released, also after the registry is freed. `len` and `revision` may be NULL.
int32_t steadfast_view_read(const struct steadfast_view_t *view,
                            const uint8_t **data,
                            size_t *len,
                            uint64_t *revision);

// Releases a view. (transfer full) NULL is ignored. Any thread may release it.
void steadfast_view_release(const struct steadfast_view_t *view);

// Writes the instances that a lookup names into `buffer`, as a view of them alone: a `steadfast_view_header_t`, records,
// arena. `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`. `lookup` may be NULL:
// everybody who takes traffic now. `*protecting` (may be NULL) becomes 1 when so few are healthy that unhealthy ones
// are in there too, else 0.
//
// Who looks again and again for the same keeps a view and filters it, or at least compares revisions.
int32_t steadfast_lookup(const struct steadfast_t *registry,
                         uint64_t service,
                         const struct steadfast_lookup_t *lookup,
                         uint8_t *buffer,
                         size_t capacity,
                         size_t *needed,
                         uint32_t *protecting,
                         struct steadfast_error_t *error);

// Writes one of the instances that a lookup names into `buffer`, as a view of it alone, or of nobody when there is none
// with a weight above 0. `random` comes from the caller and is uniform over all 64 bits; an instance is picked for as
// large a share of all numbers as its weight is of all weights. `lookup`, `buffer`, `capacity` and `needed` are as for
// `steadfast_lookup`.
int32_t steadfast_pick(const struct steadfast_t *registry,
                       uint64_t service,
                       const struct steadfast_lookup_t *lookup,
                       uint64_t random,
                       uint8_t *buffer,
                       size_t capacity,
                       size_t *needed,
                       struct steadfast_error_t *error);

// The service's revision: it grows exactly when the bytes of its view change. One load; made to be polled.
int32_t steadfast_revision(const struct steadfast_t *registry,
                           uint64_t service,
                           uint64_t *revision);

// Makes a watch queue; `*queue` becomes its id.
int32_t steadfast_queue_new(const struct steadfast_t *registry,
                            uint64_t *queue,
                            struct steadfast_error_t *error);

// Ends a queue and wakes its pollers.
int32_t steadfast_queue_free(const struct steadfast_t *registry,
                             uint64_t queue);

// Watches a service; its events carry `cookie`. The first poll reports the revision that the service is at, so that
// nothing is missed between watching and polling; watching it again does so again.
int32_t steadfast_watch(const struct steadfast_t *registry,
                        uint64_t queue,
                        uint64_t service,
                        uint64_t cookie,
                        struct steadfast_error_t *error);

// Stops watching a service. `STEADFAST_UNCHANGED`: it was not watched.
int32_t steadfast_unwatch(const struct steadfast_t *registry,
                          uint64_t queue,
                          uint64_t service);

// Waits for events and takes at most `capacity` of them; `*count` becomes how many. `timeout_ms` below 0 waits as long
// as it takes, 0 does not wait. Several changes of one service are one event.
//
// `STEADFAST_TIMEOUT`, and no events: the time is up, or something else woke the queue (`steadfast_queue_wake`, a new
// watch, the queue's end); poll again. `STEADFAST_E_CLOSED`: the registry was shut down. Call it from threads that may
// block.
int32_t steadfast_queue_poll(const struct steadfast_t *registry,
                             uint64_t queue,
                             struct steadfast_event_t *events,
                             size_t capacity,
                             int32_t timeout_ms,
                             size_t *count);

// A descriptor of a queue, for `poll`, `epoll` and the like: readable while `steadfast_queue_poll` would return at once,
// also after `steadfast_queue_wake` and when the registry is shut down. Poll the queue until it has no more events and
// it is quiet again; never read from it, write to it or close it. It is closed with the queue or the registry, whichever
// is freed first.
//
// One thread of the library raises the descriptors of all queues, also under `STEADFAST_THREADS_NONE`; it ends with the
// last of them. Linux only, elsewhere `STEADFAST_E_UNSUPPORTED`. `STEADFAST_E_DESCRIPTOR`: the system gave no descriptor
// or no thread.
int32_t steadfast_queue_wakeup_fd(const struct steadfast_t *registry,
                                  uint64_t queue,
                                  int32_t *fd,
                                  struct steadfast_error_t *error);

// Makes a poll that waits return.
int32_t steadfast_queue_wake(const struct steadfast_t *registry,
                             uint64_t queue);

// Loads a policy from the bytes of a `.wasm` component or of a `.table` file, proves it, and installs it; it returns
// when the last service has moved. `params` is a JSON object of texts, or empty; for a `.table` file, which was made
// with its parameters, it is empty. `install` may be NULL.
//
// A policy that is refused leaves the one before it in place, and the message says why. With a policies folder a
// change of the active file replaces what was installed here. A library built without WebAssembly takes `.table`
// files, and answers `STEADFAST_E_UNSUPPORTED` to everything else.
int32_t steadfast_policy_install(const struct steadfast_t *registry,
                                 const uint8_t *policy,
                                 size_t policy_len,
                                 struct steadfast_str_t params,
                                 struct steadfast_install_t *install,
                                 struct steadfast_error_t *error);

// Replaces the routes, all or nothing: each gives a part of the registry a policy of its own, beside the active one.
// It returns when the last service has moved. `count` 0 removes them all; at most 4096 are allowed.
//
// `effect` (may be NULL) receives the numbers. `*report` (`report` may be NULL) becomes all of it, to be released with
// `steadfast_report_release`: a JSON object with one report in `moves` for each pair of policies between which services
// moved, and the exact difference of the two.
//
// Any error leaves every route as it was; the message says which one is wrong. With a policies folder a change of its
// `routes.toml`, or of a file that is named there, replaces what was routed here.
int32_t steadfast_route(const struct steadfast_t *registry,
                        const struct steadfast_route_t *routes,
                        size_t count,
                        struct steadfast_routed_t *effect,
                        const struct steadfast_report_t **report,
                        struct steadfast_error_t *error);

// Writes the policy that decides for a service, as a JSON object without a NUL, into `buffer`; its `scope` is that of
// the route, null for the active policy. `*needed` becomes its length, also when the answer is
// `STEADFAST_E_BUFFER_TOO_SMALL`.
int32_t steadfast_policy_of(const struct steadfast_t *registry,
                            uint64_t service,
                            char *buffer,
                            size_t capacity,
                            size_t *needed,
                            struct steadfast_error_t *error);

// Writes what decides now, and what the policies folder holds, as a JSON object `{"active", "routes", "folder"}` into
// `buffer`, without a NUL; `routes` are the policies that decide for a part of the registry, each with its `scope`.
// `*needed` becomes its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
int32_t steadfast_policy_status(const struct steadfast_t *registry,
                                char *buffer,
                                size_t capacity,
                                size_t *needed,
                                struct steadfast_error_t *error);

// Why an instance is as it is: effective values, orders, claim, last decision. JSON without a NUL; `*needed` becomes
// its length, also when the answer is `STEADFAST_E_BUFFER_TOO_SMALL`.
//
// `STEADFAST_E_NOT_FOUND`: nothing is known about the address, not even an order.
int32_t steadfast_explain(const struct steadfast_t *registry,
                          uint64_t service,
                          const struct steadfast_address_t *address,
                          char *buffer,
                          size_t capacity,
                          size_t *needed,
                          struct steadfast_error_t *error);

// Why a service is as it is, in numbers: who decides, every hold from above that reaches it, its instances by health,
// traffic and reason, and why nothing serves when nobody does. A JSON object without a NUL; `*needed` as above. It
// walks all instances of the service.
int32_t steadfast_explain_service(const struct steadfast_t *registry,
                                  uint64_t service,
                                  char *buffer,
                                  size_t capacity,
                                  size_t *needed,
                                  struct steadfast_error_t *error);

// Every address of a service that has orders, pending ones too, as a JSON array without a NUL; `*needed` as above.
int32_t steadfast_orders(const struct steadfast_t *registry,
                         uint64_t service,
                         char *buffer,
                         size_t capacity,
                         size_t *needed,
                         struct steadfast_error_t *error);

// The latest orders that were carried out, at most `limit`, oldest first, those before a restart included: who ordered
// what, when and why, and whose hold it ended by force. Only the latest 1000 are at hand. A JSON array without a NUL;
// `*needed` as above.
int32_t steadfast_audit(const struct steadfast_t *registry,
                        size_t limit,
                        char *buffer,
                        size_t capacity,
                        size_t *needed,
                        struct steadfast_error_t *error);

// What happened to the registry itself (installs, refused policies, clock jumps), numbered, the last few hundred: all
// with a number above `after`, as a JSON array without a NUL; `*needed` as above.
int32_t steadfast_announcements(const struct steadfast_t *registry,
                                uint64_t after,
                                char *buffer,
                                size_t capacity,
                                size_t *needed,
                                struct steadfast_error_t *error);

// How much there is of everything, as a JSON object of numbers without a NUL; `*needed` as above.
int32_t steadfast_counters(const struct steadfast_t *registry,
                           char *buffer,
                           size_t capacity,
                           size_t *needed,
                           struct steadfast_error_t *error);

// How often each policy that decides now gave each of its reasons, since it was installed: the active one first, then
// those of the routes. A JSON array of `{"policy", "digest", "epoch", "scope", "reason", "count"}` without a NUL;
// `*needed` as above.
int32_t steadfast_decisions(const struct steadfast_t *registry,
                            char *buffer,
                            size_t capacity,
                            size_t *needed,
                            struct steadfast_error_t *error);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* STEADFAST_H */
