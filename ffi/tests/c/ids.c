// Numbers that are nothing: zero, forged, stale. A code each time, never a crash, never somebody else's instance.
#include "check.h"

static const uint64_t forged[] = {0, 2, 99, 1ull << 33, (5ull << 32) + 5, UINT32_MAX, UINT64_MAX, UINT64_MAX - 1, 0xdeadbeefdeadbeef};
#define FORGED (sizeof forged / sizeof forged[0])

static void handles(const steadfast_t *registry, uint64_t service) {
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    const steadfast_str_t keyless = {NULL, 0};

    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    for (size_t i = 0; i < FORGED; i++) {
        CHECK(forged[i] != handle);
        CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat(registry, forged[i]));
    }
    CHECK_CODE(STEADFAST_OK, steadfast_deregister(registry, service, &address, keyless, NULL, NULL));
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_NOT_PRESENT, steadfast_deregister(registry, service, &address, keyless, NULL, NULL));

    uint64_t again = check_register(registry, service, 8080);
    CHECK(again != handle);
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, again));
}

static void batches(const steadfast_t *registry, uint64_t service) {
    enum { INSTANCES = 600 };
    uint64_t all[INSTANCES];
    for (uint32_t i = 0; i < INSTANCES; i++) {
        all[i] = check_register(registry, service, 1000 + i);
    }
    uint32_t rejected[4] = {77, 77, 77, 77};
    size_t count = 77;
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch(registry, all, INSTANCES, rejected, 4, &count));
    CHECK(count == 0 && rejected[0] == 77);

    // More than there is room for: all are counted, the first are named, and the rest of the batch beats.
    const size_t wrong[] = {0, 255, 256, 300, 599};
    for (size_t i = 0; i < 5; i++) {
        all[wrong[i]] = forged[i];
    }
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_beat_batch(registry, all, INSTANCES, rejected, 4, &count));
    CHECK(count == 5);
    for (size_t i = 0; i < 4; i++) {
        CHECK(rejected[i] == wrong[i]);
    }
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_beat_batch(registry, all, INSTANCES, NULL, 0, &count));
    CHECK(count == 5);

    uint64_t *many = calloc(65537, sizeof *many);
    CHECK(many != NULL);
    CHECK_CODE(STEADFAST_E_TOO_MANY, steadfast_beat_batch(registry, many, 65537, NULL, 0, &count));
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_beat_batch(registry, many, 65536, NULL, 0, &count));
    CHECK(count == 65536);
    free(many);
}

static void services(const steadfast_t *registry, uint64_t service) {
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    const steadfast_view_t *view = NULL;
    uint64_t number = 0;
    size_t size = 0;
    const int32_t unknown = STEADFAST_E_UNKNOWN_SERVICE;
    for (size_t i = 0; i < FORGED; i++) {
        uint64_t id = forged[i];
        CHECK(id != service);
        CHECK_CODE(unknown, steadfast_register(registry, id, &address, NULL, NULL, &number, NULL, NULL));
        CHECK_CODE(unknown, steadfast_claim(registry, id, &address, NULL, NULL, NULL));
        CHECK_CODE(unknown, steadfast_beat_at(registry, id, &address, NULL, NULL));
        CHECK_CODE(unknown, steadfast_hold_place(registry, id, &address, STEADFAST_HOLD_BANNED, &author, 0, NULL, NULL));
        CHECK_CODE(unknown, steadfast_hold_release(registry, id, &address, &author, NULL, NULL));
        CHECK_CODE(unknown, steadfast_remove(registry, id, &address, &author, NULL));
        CHECK_CODE(unknown, steadfast_probe(registry, id, &address, STEADFAST_PROBE_FAILING, NULL));
        CHECK_CODE(unknown, steadfast_view_acquire(registry, id, 0, &view, NULL));
        CHECK_CODE(unknown, steadfast_revision(registry, id, &number));
        CHECK_CODE(unknown, steadfast_explain(registry, id, &address, NULL, 0, &size, NULL));
        CHECK_CODE(unknown, steadfast_orders(registry, id, NULL, 0, &size, NULL));
        CHECK_CODE(unknown, steadfast_hold_force_release(registry, id, &address, check_text("a"), &author, NULL, NULL));
        CHECK_CODE(unknown, steadfast_explain_service(registry, id, NULL, 0, &size, NULL));
        CHECK_CODE(unknown, steadfast_policy_of(registry, id, NULL, 0, &size, NULL));
        for (uint32_t kind = STEADFAST_FLOOR_SERVICE; kind <= STEADFAST_FLOOR_CLUSTER; kind++) {
            steadfast_floor_target_t target = {
                .struct_size = sizeof target, .kind = kind, .service = id, .cluster = check_text("DEFAULT")};
            CHECK_CODE(unknown, steadfast_floor_place(registry, &target, STEADFAST_HOLD_BANNED, &author, 0, NULL, NULL));
            CHECK_CODE(unknown, steadfast_floor_release(registry, &target, &author, NULL, NULL));
        }
    }
    CHECK(view == NULL);
}

static void queues(const steadfast_t *registry, uint64_t service) {
    uint64_t queue = 0;
    steadfast_event_t event;
    size_t count = 0;
    const int32_t unknown = STEADFAST_E_UNKNOWN_QUEUE;
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &queue, NULL));
    CHECK_CODE(STEADFAST_E_UNKNOWN_SERVICE, steadfast_watch(registry, queue, 99, 0, NULL));
    CHECK_CODE(STEADFAST_UNCHANGED, steadfast_unwatch(registry, queue, service));
    CHECK_CODE(STEADFAST_OK, steadfast_queue_free(registry, queue));
    const uint64_t gone[] = {queue, 0, 99, UINT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        CHECK_CODE(unknown, steadfast_queue_free(registry, gone[i]));
        CHECK_CODE(unknown, steadfast_watch(registry, gone[i], service, 0, NULL));
        CHECK_CODE(unknown, steadfast_unwatch(registry, gone[i], service));
        CHECK_CODE(unknown, steadfast_queue_poll(registry, gone[i], &event, 1, 0, &count));
        CHECK_CODE(unknown, steadfast_queue_wake(registry, gone[i]));
    }
}

static void names(const steadfast_t *registry, uint64_t service) {
    uint64_t found = 0;
    steadfast_str_t space = check_text("public"), group = check_text("DEFAULT_GROUP");
    CHECK_CODE(STEADFAST_OK, steadfast_service_find(registry, space, group, check_text("orders"), &found, NULL));
    CHECK(found == service);
    found = 7;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_NOT_FOUND, steadfast_service_find(registry, space, group, check_text("nobody"), &found, &error));
    CHECK(found == 7);
    CHECK_CONTAINS(error.message, "nobody");
    CHECK(check_service(registry, "orders") == service);
}

int main(void) {
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders");
    CHECK(service == 1);
    handles(registry, service);
    batches(registry, service);
    services(registry, service);
    queues(registry, service);
    names(registry, service);
    check_end(registry);
    return 0;
}
