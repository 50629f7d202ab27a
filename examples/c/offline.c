// An operator takes an instance offline, and it stays offline: through heartbeats, through a silence so long that the
// instance is gone, and through its return. Only the operator brings it back.
//
// The registry runs without threads here and the program says what time it is, so that forty seconds pass at once.
//
//     cargo xtask lib
//     cc -std=c11 -Iinclude examples/c/offline.c target/debug/libsteadfast_ffi.a -lpthread -ldl -lm -o offline
//     ./offline

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steadfast.h"

// What this program knows while it runs.
struct story {
    steadfast_t *registry;
    uint64_t service;
    steadfast_address_t address;
    uint64_t now_ms;
};

// Every function answers a code, and writes details into an error structure when it is given one.
static void require(int32_t code, const char *doing, const steadfast_error_t *error) {
    if (code < 0) {
        const char *details = error->code == code ? error->message : steadfast_error_message(code);
        fprintf(stderr, "%s: %s (%d)\n", doing, details, (int)code);
        exit(1);
    }
}

static steadfast_error_t no_error(void) {
    steadfast_error_t error = {.struct_size = sizeof error};
    return error;
}

// Time comes in by ticks alone: a clock that never jumps, and the wall clock.
static void wait_ms(struct story *story, uint64_t ms) {
    const uint64_t wall_at_start_ms = 1767225600000u;
    for (uint64_t end_ms = story->now_ms + ms; story->now_ms < end_ms;) {
        story->now_ms += 100;
        steadfast_error_t error = no_error();
        require(steadfast_tick(story->registry, story->now_ms, wall_at_start_ms + story->now_ms), "tick", &error);
    }
}

static void open_registry(struct story *story) {
    steadfast_error_t error = no_error();
    steadfast_options_t options;
    require(steadfast_options_init(&options, sizeof options), "options", &error);
    options.threads = STEADFAST_THREADS_NONE;
    options.max_step_ms = 0;  // Our clock is the truth, however far it steps.
    require(steadfast_open(&options, &story->registry, &error), "open", &error);
    wait_ms(story, 100);

    // Names are resolved once; from then on the service is a number.
    require(steadfast_service(story->registry, STEADFAST_STR("public"), STEADFAST_STR("DEFAULT_GROUP"),
                              STEADFAST_STR("orders"), &story->service, &error),
            "service", &error);
}

static uint64_t register_instance(struct story *story) {
    steadfast_error_t error = no_error();
    // Weight is sent; whether it wants traffic is not, and a field that was not sent changes nothing.
    steadfast_claim_t claim = {.struct_size = sizeof claim, .fields = STEADFAST_FIELD_WEIGHT, .weight = 1.0};
    uint64_t handle = 0;
    require(steadfast_register(story->registry, story->service, &story->address, NULL, &claim, &handle, NULL, &error),
            "register", &error);
    return handle;
}

static steadfast_author_t operator_who(const char *why) {
    steadfast_author_t author = {.struct_size = sizeof author};
    author.owner = STEADFAST_STR("console");
    author.actor = STEADFAST_STR("ada");
    author.reason = (steadfast_str_t){why, strlen(why)};
    return author;
}

// A beat by address, as a client sends it that does not know whether it is still registered.
static void full_beat(struct story *story) {
    steadfast_error_t error = no_error();
    steadfast_full_beat_t full = {.struct_size = sizeof full, .fields = STEADFAST_FIELD_WEIGHT, .weight = 1.0};
    require(steadfast_beat_at(story->registry, story->service, &story->address, &full, &error), "beat", &error);
}

static const char *traffic_name(uint8_t traffic) {
    static const char *const names[] = {"serve", "drain", "refuse"};
    return traffic < 3 ? names[traffic] : "unknown";
}

// Looks the service up as a consumer does, prints what is there, and answers how many instances take traffic.
static unsigned look(const struct story *story, const char *when) {
    steadfast_error_t error = no_error();
    const steadfast_view_t *view = NULL;
    require(steadfast_view_acquire(story->registry, story->service, 0, &view, &error), "view", &error);

    // The view is one block of bytes: a header, records, texts. It is ours until we release it.
    const uint8_t *data = NULL;
    require(steadfast_view_read(view, &data, NULL, NULL), "read", &error);
    steadfast_view_header_t header;
    memcpy(&header, data, sizeof header);

    unsigned serving = 0;
    printf("%6.1f s  %-36s", (double)story->now_ms / 1000, when);
    for (uint32_t i = 0; i < header.count; i++) {
        steadfast_view_record_t record;
        memcpy(&record, data + header.header_size + (size_t)i * header.record_size, sizeof record);
        const char *ip = (const char *)data + header.arena_offset + record.ip_off;
        int healthy = (record.flags & STEADFAST_VIEW_HEALTHY) != 0;
        printf("  %.*s:%u %s, traffic: %s", (int)record.ip_len, ip, (unsigned)record.port,
               healthy ? "healthy" : "unhealthy", traffic_name(record.traffic));
        serving += healthy && record.traffic == STEADFAST_TRAFFIC_SERVE;
    }
    printf("%s\n", header.count == 0 ? "  nobody is there" : "");
    steadfast_view_release(view);
    return serving;
}

static void expect(const struct story *story, const char *when, unsigned serving) {
    if (look(story, when) != serving) {
        fprintf(stderr, "expected %u instances that take traffic\n", serving);
        exit(1);
    }
}

int main(void) {
    struct story story = {.now_ms = 0};
    story.address = (steadfast_address_t){
        .struct_size = sizeof story.address,
        .port = 8080,
        .ip = STEADFAST_STR("10.0.0.7"),
        .cluster = STEADFAST_STR("DEFAULT"),
    };
    open_registry(&story);

    uint64_t handle = register_instance(&story);
    expect(&story, "registered", 1);

    // The order is durable and visible when the call returns; the effect says where the instance stands.
    steadfast_error_t error = no_error();
    steadfast_effect_t effect = {.struct_size = sizeof effect};
    steadfast_author_t ada = operator_who("disk is failing");
    require(steadfast_hold_place(story.registry, story.service, &story.address, STEADFAST_HOLD_OFFLINE, &ada, 0, &effect,
                                 &error),
            "offline", &error);
    expect(&story, "the operator said: offline", 0);
    printf("          because: %s\n", effect.reason);

    for (int beats = 0; beats < 3; beats++) {
        wait_ms(&story, 5000);
        require(steadfast_beat(story.registry, handle), "beat", &error);
    }
    expect(&story, "three heartbeats later", 0);

    wait_ms(&story, 40000);
    expect(&story, "forty seconds of silence later", 0);

    full_beat(&story);
    expect(&story, "it beats again, with all its fields", 0);

    ada = operator_who("disk was replaced");
    require(steadfast_hold_release(story.registry, story.service, &story.address, &ada, &effect, &error), "online", &error);
    expect(&story, "the operator said: online", 1);

    require(steadfast_shutdown(story.registry), "shutdown", &error);
    steadfast_free(story.registry);
    return 0;
}
