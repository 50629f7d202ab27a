// The packed view: its layout, its revisions, and that it outlives the registry.
#include "check.h"

struct view {
    const steadfast_view_t *view;
    const uint8_t *data;
    size_t len;
    uint64_t revision;
    steadfast_view_header_t header;
};

static struct view acquire(const steadfast_t *registry, uint64_t service) {
    struct view view;
    memset(&view, 0, sizeof view);
    CHECK_CODE(STEADFAST_OK, steadfast_view_acquire(registry, service, 0, &view.view, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_view_read(view.view, &view.data, &view.len, &view.revision));
    CHECK((uintptr_t)view.data % 8 == 0);
    CHECK(view.len >= sizeof view.header);
    memcpy(&view.header, view.data, sizeof view.header);
    CHECK(view.header.magic == STEADFAST_VIEW_MAGIC && view.header.version == 1);
    CHECK(view.header.total_len == view.len && view.header.revision == view.revision);
    CHECK(view.header.record_size >= sizeof(steadfast_view_record_t));
    CHECK(view.header.header_size + (uint64_t)view.header.count * view.header.record_size <= view.header.arena_offset);
    CHECK(view.header.arena_offset <= view.header.total_len);
    return view;
}

static steadfast_view_record_t record_at(const struct view *view, uint32_t index) {
    steadfast_view_record_t record;
    CHECK(index < view->header.count);
    memcpy(&record, view->data + view->header.header_size + (size_t)index * view->header.record_size, sizeof record);
    return record;
}

static int arena_equals(const struct view *view, uint32_t offset, uint32_t len, const void *expected, size_t expected_len) {
    CHECK(view->header.arena_offset + offset + len <= view->len);
    return len == expected_len && memcmp(view->data + view->header.arena_offset + offset, expected, len) == 0;
}

static void an_empty_service_has_a_view(const steadfast_t *registry) {
    struct view view = acquire(registry, check_service(registry, "empty"));
    CHECK(view.header.count == 0);
    steadfast_view_release(view.view);
}

static uint64_t register_in_full(const steadfast_t *registry, uint64_t service) {
    uint8_t packed[64];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("zone"), check_text("b")));
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("app"), check_text("größe")));
    steadfast_claim_t claim;
    memset(&claim, 0, sizeof claim);
    claim.struct_size = sizeof claim;
    claim.fields = STEADFAST_FIELD_WEIGHT | STEADFAST_FIELD_METADATA;
    claim.weight = 2.5;
    claim.metadata = packed;
    claim.metadata_len = len;
    steadfast_address_t address = check_address(8080);
    address.ip = check_text("0:0:0:0:0:0:0:1");
    uint64_t handle = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
    return handle;
}

static void every_field_is_where_the_header_says(const steadfast_t *registry, uint64_t service, uint64_t handle) {
    struct view view = acquire(registry, service);
    CHECK(view.header.count == 1);
    steadfast_view_record_t record = record_at(&view, 0);
    CHECK(record.handle == handle && record.weight == 2.5 && record.port == 8080);
    CHECK(record.class_number == 0 && record.reserved[0] == 0 && record.reserved[1] == 0 && record.reserved[2] == 0);
    CHECK(record.flags == (STEADFAST_VIEW_HEALTHY | STEADFAST_VIEW_EPHEMERAL));
    CHECK(record.traffic == STEADFAST_TRAFFIC_SERVE);
    CHECK(arena_equals(&view, record.ip_off, record.ip_len, "::1", 3));
    CHECK(arena_equals(&view, record.cluster_off, record.cluster_len, "DEFAULT", 7));
    CHECK(arena_equals(&view, record.metadata_off, record.metadata_len, "\3\0\7\0appgr\xc3\xb6\xc3\x9f" "e\4\0\1\0zoneb", 23));
    steadfast_view_release(view.view);
}

static void views_never_change(const steadfast_t *registry, uint64_t service) {
    struct view before = acquire(registry, service);
    uint64_t revision = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_revision(registry, service, &revision));
    CHECK(revision == before.revision);
    const steadfast_view_t *none = NULL;
    CHECK_CODE(STEADFAST_NOT_MODIFIED, steadfast_view_acquire(registry, service, revision, &none, NULL));
    CHECK_CODE(STEADFAST_NOT_MODIFIED, steadfast_view_acquire(registry, service, UINT64_MAX, &none, NULL));
    CHECK(none == NULL);

    // Two views of one revision are one block.
    struct view same = acquire(registry, service);
    CHECK(same.data == before.data);
    steadfast_view_release(same.view);

    check_register(registry, service, 9090);
    CHECK_CODE(STEADFAST_OK, steadfast_view_acquire(registry, service, revision, &none, NULL));
    steadfast_view_release(none);
    struct view after = acquire(registry, service);
    CHECK(after.revision > before.revision && after.header.count == 2);
    CHECK(before.header.count == 1 && record_at(&before, 0).port == 8080);
    steadfast_view_release(after.view);
    steadfast_view_release(before.view);
}

int main(void) {
    steadfast_t *registry = check_registry();
    an_empty_service_has_a_view(registry);
    uint64_t service = check_service(registry, "orders");
    every_field_is_where_the_header_says(registry, service, register_in_full(registry, service));
    views_never_change(registry, service);

    struct view last = acquire(registry, service);
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));
    CHECK(last.header.count == 2);
    steadfast_free(registry);
    CHECK(record_at(&last, 0).handle != 0);
    CHECK(arena_equals(&last, record_at(&last, 1).cluster_off, record_at(&last, 1).cluster_len, "DEFAULT", 7));
    steadfast_view_release(last.view);
    return 0;
}
