// Lookups and picks: a view of those who were looked for, in the caller's buffer.
#include "check.h"

enum { ROOM = 8192 };

static uint8_t *room_for(size_t len) {
    uint8_t *room = malloc(len);
    CHECK(room != NULL);
    return room;
}

// Looks twice: for the size, then into exactly as much. The ports that were found, in a bit set from 8080 on.
static uint32_t found(const steadfast_t *registry, uint64_t service, const steadfast_lookup_t *lookup, uint32_t *protecting) {
    size_t needed = 0, again = 0;
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, steadfast_lookup(registry, service, lookup, NULL, 0, &needed, protecting, NULL));
    CHECK(needed >= sizeof(steadfast_view_header_t) && needed < ROOM);
    uint8_t *view = room_for(needed);
    CHECK_CODE(STEADFAST_OK, steadfast_lookup(registry, service, lookup, view, needed, &again, protecting, NULL));
    steadfast_view_header_t header;
    memcpy(&header, view, sizeof header);
    CHECK(again == needed && header.magic == STEADFAST_VIEW_MAGIC && header.total_len == needed);
    uint32_t ports = 0;
    for (uint32_t i = 0; i < header.count; i++) {
        steadfast_view_record_t record;
        memcpy(&record, view + header.header_size + i * header.record_size, sizeof record);
        CHECK(record.cluster_len > 0 && header.arena_offset + record.cluster_off + record.cluster_len <= needed);
        ports |= 1u << (record.port - 8080);
    }
    free(view);
    return ports;
}

static void register_at(const steadfast_t *registry, uint64_t service, uint32_t port, const char *cluster, const char *zone,
                        double weight) {
    uint8_t packed[64];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("zone"), check_text(zone)));
    steadfast_claim_t claim = {.struct_size = sizeof claim, .fields = STEADFAST_FIELD_METADATA | STEADFAST_FIELD_WEIGHT,
                               .weight = weight, .metadata = packed, .metadata_len = len};
    steadfast_address_t address = check_address(port);
    address.cluster = check_text(cluster);
    uint64_t handle = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
}

// 8080 east a, 8081 east b, 8082 west a; 8083 west b is offline, 8080 and 8081 are unhealthy.
static uint64_t town(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "orders");
    register_at(registry, service, 8080, "east", "a", 1);
    register_at(registry, service, 8081, "east", "b", 2);
    register_at(registry, service, 8082, "west", "a", 3);
    register_at(registry, service, 8083, "west", "b", 4);
    steadfast_author_t author = check_author();
    steadfast_address_t address = check_address(8083);
    address.cluster = check_text("west");
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));
    for (uint32_t port = 8080; port <= 8081; port++) {
        address = check_address(port);
        address.cluster = check_text("east");
        CHECK_CODE(STEADFAST_OK, steadfast_probe(registry, service, &address, STEADFAST_PROBE_FAILING, NULL));
    }
    return service;
}

static void readers_take_what_they_name(const steadfast_t *registry, uint64_t service) {
    CHECK(found(registry, service, NULL, NULL) == 4);
    steadfast_lookup_t lookup = {.struct_size = sizeof lookup};
    CHECK(found(registry, service, &lookup, NULL) == 4);
    lookup.show = STEADFAST_SHOW_SERVE;
    CHECK(found(registry, service, &lookup, NULL) == 7);
    lookup.show = STEADFAST_SHOW_PRESENT;
    CHECK(found(registry, service, &lookup, NULL) == 15);
    const steadfast_str_t clusters[] = {check_text("west"), check_text("nowhere")};
    lookup.clusters = clusters;
    lookup.cluster_count = 2;
    CHECK(found(registry, service, &lookup, NULL) == 12);
    uint8_t packed[64];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("zone"), check_text("a")));
    lookup.metadata = packed;
    lookup.metadata_len = len;
    CHECK(found(registry, service, &lookup, NULL) == 4);
    lookup.clusters = NULL;
    lookup.cluster_count = 0;
    CHECK(found(registry, service, &lookup, NULL) == 5);
    // This policy has no classes, so everybody is in none of them.
    lookup.fields = STEADFAST_LOOKUP_CLASS;
    CHECK(found(registry, service, &lookup, NULL) == 5);
    lookup.policy_class = 7;
    CHECK(found(registry, service, &lookup, NULL) == 0);
}

static void too_few_healthy_ones_are_protected(const steadfast_t *registry, uint64_t service) {
    steadfast_lookup_t lookup = {.struct_size = sizeof lookup, .protect = 0.3};
    uint32_t protecting = 77;
    CHECK(found(registry, service, &lookup, &protecting) == 4);
    CHECK(protecting == 0);
    lookup.protect = 0.4;
    CHECK(found(registry, service, &lookup, &protecting) == 7);
    CHECK(protecting == 1);
}

static uint16_t picked(const steadfast_t *registry, uint64_t service, const steadfast_lookup_t *lookup, uint64_t random) {
    uint8_t view[ROOM];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_pick(registry, service, lookup, random, view, sizeof view, &needed, NULL));
    steadfast_view_header_t header;
    steadfast_view_record_t record;
    memcpy(&header, view, sizeof header);
    CHECK(header.count <= 1 && header.total_len == needed);
    if (header.count == 0) {
        return 0;
    }
    memcpy(&record, view + header.header_size, sizeof record);
    return record.port;
}

static void a_pick_goes_by_weight(const steadfast_t *registry, uint64_t service) {
    CHECK(picked(registry, service, NULL, 0) == 8082 && picked(registry, service, NULL, UINT64_MAX) == 8082);
    // 1, 2 and 3 of 6: the first number of each share.
    steadfast_lookup_t lookup = {.struct_size = sizeof lookup, .show = STEADFAST_SHOW_SERVE};
    const uint64_t sixth = UINT64_MAX / 6 + 1;
    uint32_t shares[3] = {0, 0, 0};
    for (uint64_t i = 0; i < 6; i++) {
        shares[picked(registry, service, &lookup, i * sixth) - 8080] += 1;
    }
    CHECK(shares[0] == 1 && shares[1] == 2 && shares[2] == 3);
    const steadfast_str_t nowhere = check_text("nowhere");
    lookup.clusters = &nowhere;
    lookup.cluster_count = 1;
    CHECK(picked(registry, service, &lookup, 5) == 0);
}

static void what_cannot_be_looked_for_is_told(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    size_t needed = 77;
    const double shares[] = {-0.1, 1.1};
    for (int i = 0; i < 2; i++) {
        steadfast_lookup_t lookup = {.struct_size = sizeof lookup, .protect = shares[i]};
        CHECK_CODE(STEADFAST_E_OPTION, steadfast_lookup(registry, service, &lookup, NULL, 0, &needed, NULL, &error));
        CHECK_CONTAINS(error.message, "protect threshold");
    }
    steadfast_lookup_t lookup = {.struct_size = sizeof lookup, .fields = STEADFAST_LOOKUP_CLASS, .policy_class = 8};
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    lookup.policy_class = 256;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    CHECK_CONTAINS(error.message, "is 256; classes are numbered");
    lookup.fields = 2;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    lookup.fields = 0;
    lookup.show = 3;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    lookup.show = 0;
    lookup.cluster_count = 17;
    CHECK_CODE(STEADFAST_E_NULL, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    steadfast_str_t many[17];
    for (int i = 0; i < 17; i++) {
        many[i] = check_text("east");
    }
    lookup.clusters = many;
    CHECK_CODE(STEADFAST_E_TOO_MANY, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    CHECK_CONTAINS(error.message, "17 clusters; at most 16");
    lookup.cluster_count = 1;
    lookup.metadata = (const uint8_t *)"\1";
    lookup.metadata_len = 1;
    CHECK_CODE(STEADFAST_E_METADATA, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    lookup.struct_size = 8;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_pick(registry, service, &lookup, 0, NULL, 0, &needed, &error));
    CHECK_CODE(STEADFAST_E_UNKNOWN_SERVICE, steadfast_lookup(registry, 99, NULL, NULL, 0, &needed, NULL, &error));
    CHECK(needed == 77);
    CHECK_CODE(STEADFAST_E_NULL, steadfast_lookup(registry, service, NULL, NULL, 0, NULL, NULL, &error));
    CHECK_CODE(STEADFAST_E_NULL, steadfast_pick(NULL, service, NULL, 0, NULL, 0, &needed, &error));
}

int main(void) {
    steadfast_t *registry = check_registry();
    uint64_t service = town(registry);
    readers_take_what_they_name(registry, service);
    too_few_healthy_ones_are_protected(registry, service);
    a_pick_goes_by_weight(registry, service);
    what_cannot_be_looked_for_is_told(registry, service);
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));
    CHECK_CODE(STEADFAST_E_CLOSED, steadfast_lookup(registry, service, NULL, NULL, 0, &needed, NULL, NULL));
    CHECK_CODE(STEADFAST_E_CLOSED, steadfast_pick(registry, service, NULL, 0, NULL, 0, &needed, NULL));
    steadfast_free(registry);
    return 0;
}
