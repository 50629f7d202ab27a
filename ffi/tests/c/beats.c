// Beats by name, many in one call: each answers as a single one, and what is wrong with one spoils no other.
#include "check.h"

enum { BEATS = 600, BATCH_MAX = 65536 };

static steadfast_named_beat_t beat_of(uint64_t service, uint32_t port) {
    steadfast_address_t address = check_address(port);
    steadfast_named_beat_t beat;
    memset(&beat, 0, sizeof beat);
    beat.struct_size = sizeof beat;
    beat.service = service;
    beat.port = port;
    beat.ip = address.ip;
    beat.cluster = address.cluster;
    return beat;
}

static steadfast_full_beat_t full_beat(void) {
    steadfast_full_beat_t full;
    memset(&full, 0, sizeof full);
    full.struct_size = sizeof full;
    full.fields = STEADFAST_FIELD_WEIGHT;
    full.weight = 2.5;
    return full;
}

static void all_are_alive(const steadfast_t *registry, uint64_t service) {
    static steadfast_named_beat_t beats[BEATS];
    size_t count = 77;
    for (uint32_t i = 0; i < BEATS; i++) {
        beats[i] = beat_of(service, i + 1);
        check_register(registry, service, i + 1);
    }
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch_at(registry, beats, BEATS, NULL, NULL, 0, &count, NULL));
    CHECK(count == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch_at(registry, NULL, 0, NULL, NULL, 0, &count, NULL));

    // One is silent for so long that it leaves; the others beat by name.
    for (uint64_t ms = 0; ms <= 35000; ms += 5000) {
        CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, ms, 1700000000000u + ms));
        CHECK_CODE(STEADFAST_OK, steadfast_beat_batch_at(registry, beats, BEATS - 1, NULL, NULL, 0, &count, NULL));
    }
    char counters[2048];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_counters(registry, counters, sizeof counters - 1, &needed, NULL));
    counters[needed] = '\0';
    CHECK_CONTAINS(counters, "\"instances\":599,");
}

static void each_answers_for_itself(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "mixed");
    check_register(registry, service, 1);
    steadfast_full_beat_t full = full_beat(), wrong = full_beat();
    wrong.weight = -1;
    steadfast_named_beat_t beats[8];
    for (uint32_t i = 0; i < 8; i++) {
        beats[i] = beat_of(service, i + 1);
    }
    beats[2].full = &full;                                  // Registers by itself.
    beats[3].full = &wrong;                                 // No weight.
    beats[4].port = 0;                                      // No port.
    beats[5].service = 0;                                   // No service.
    beats[6].ip = (steadfast_str_t){"\xff", 1};             // No text.
    beats[7].cluster = (steadfast_str_t){NULL, 3};          // No pointer.
    const int32_t expected[] = {STEADFAST_REGISTER_AGAIN, STEADFAST_E_WEIGHT, STEADFAST_E_PORT,
                                STEADFAST_E_UNKNOWN_SERVICE, STEADFAST_E_UTF8, STEADFAST_E_NULL};
    const uint32_t positions[] = {1, 3, 4, 5, 6, 7};
    uint32_t rejected[8];
    int32_t codes[8];
    size_t count = 0;
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_beat_batch_at(registry, beats, 8, rejected, codes, 8, &count, NULL));
    CHECK(count == 6);
    for (size_t i = 0; i < count; i++) {
        CHECK(rejected[i] == positions[i]);
        CHECK_CODE(expected[i], codes[i]);
    }
    steadfast_address_t registered = check_address(3);
    CHECK_CODE(STEADFAST_OK, steadfast_beat_at(registry, service, &registered, NULL, NULL));

    // Less room than there are rejections, and nobody who wants their codes.
    rejected[2] = 77;
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_beat_batch_at(registry, beats, 8, rejected, NULL, 2, &count, NULL));
    CHECK(count == 6 && rejected[0] == 1 && rejected[1] == 3 && rejected[2] == 77);
}

static void there_is_a_bound(const steadfast_t *registry, uint64_t service) {
    size_t count = 77;
    steadfast_error_t error = check_error();
    steadfast_named_beat_t *beats = malloc((BATCH_MAX + 1) * sizeof *beats);
    CHECK(beats != NULL);
    for (size_t i = 0; i <= BATCH_MAX; i++) {
        beats[i] = beat_of(service, 1);
    }
    CHECK_CODE(STEADFAST_E_TOO_MANY,
               steadfast_beat_batch_at(registry, beats, BATCH_MAX + 1, NULL, NULL, 0, &count, &error));
    CHECK(count == 77);
    CHECK_CONTAINS(error.message, "longer than allowed");
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch_at(registry, beats, BATCH_MAX, NULL, NULL, 0, &count, NULL));
    CHECK(count == 0);
    free(beats);
}

static void structures_of_other_versions(const steadfast_t *registry, uint64_t service) {
    struct later {
        steadfast_named_beat_t known;
        uint64_t added;
    } later[2];
    size_t count = 77;
    steadfast_error_t error = check_error();
    for (uint32_t i = 0; i < 2; i++) {
        later[i].known = beat_of(service, i + 1);
        later[i].known.struct_size = sizeof later[i];
        later[i].added = 0;
    }
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch_at(registry, &later[0].known, 2, NULL, NULL, 0, &count, &error));
    later[1].added = 1;
    CHECK_CODE(STEADFAST_E_RESERVED,
               steadfast_beat_batch_at(registry, &later[0].known, 2, NULL, NULL, 0, &count, &error));
    CHECK_CONTAINS(error.message, "beats[1] sets a field");
    steadfast_named_beat_t beats[2] = {beat_of(service, 1), beat_of(service, 2)};
    beats[0].struct_size = 8;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_beat_batch_at(registry, beats, 2, NULL, NULL, 0, &count, &error));
}

int main(void) {
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders");
    all_are_alive(registry, service);
    each_answers_for_itself(registry);
    there_is_a_bound(registry, service);
    structures_of_other_versions(registry, service);
    check_end(registry);
    return 0;
}
