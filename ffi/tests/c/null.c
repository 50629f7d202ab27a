// NULL in every place: a code where a pointer is required, nothing where it is not.
#include "check.h"
#include "steadfast.h"

static const steadfast_str_t nothing = {NULL, 0};

static void without_a_registry(void) {
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    uint64_t number = 0;
    size_t size = 0;
    const steadfast_view_t *view = NULL;
    steadfast_event_t event;
    const int32_t null = STEADFAST_E_NULL;

    CHECK_CODE(null, steadfast_shutdown(NULL));
    CHECK_CODE(null, steadfast_tick(NULL, 0, 0));
    CHECK_CODE(null, steadfast_flush(NULL, NULL));
    CHECK_CODE(null, steadfast_service(NULL, nothing, nothing, nothing, &number, NULL));
    CHECK_CODE(null, steadfast_service_find(NULL, nothing, nothing, nothing, &number, NULL));
    CHECK_CODE(null, steadfast_service_list(NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_register(NULL, 1, &address, NULL, NULL, &number, NULL, NULL));
    CHECK_CODE(null, steadfast_claim(NULL, 1, &address, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_beat(NULL, 1));
    CHECK_CODE(null, steadfast_beat_batch(NULL, &number, 1, NULL, 0, &size));
    CHECK_CODE(null, steadfast_beat_at(NULL, 1, &address, NULL, NULL));
    CHECK_CODE(null, steadfast_beat_batch_at(NULL, NULL, 0, NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_quota_set(NULL, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_namespaces(NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_queue_wakeup_fd(NULL, 1, NULL, NULL));
    CHECK_CODE(null, steadfast_deregister(NULL, 1, &address, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_disconnect(NULL, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_place(NULL, 1, &address, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_release(NULL, 1, &address, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_overlay_set(NULL, 1, &address, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_overlay_release(NULL, 1, &address, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_remove(NULL, 1, &address, &author, NULL));
    CHECK_CODE(null, steadfast_probe(NULL, 1, &address, STEADFAST_PROBE_PASSING, NULL));
    CHECK_CODE(null, steadfast_view_acquire(NULL, 1, 0, &view, NULL));
    CHECK_CODE(null, steadfast_revision(NULL, 1, &number));
    CHECK_CODE(null, steadfast_queue_new(NULL, &number, NULL));
    CHECK_CODE(null, steadfast_queue_free(NULL, 1));
    CHECK_CODE(null, steadfast_watch(NULL, 1, 1, 0, NULL));
    CHECK_CODE(null, steadfast_unwatch(NULL, 1, 1));
    CHECK_CODE(null, steadfast_queue_poll(NULL, 1, &event, 1, 0, &size));
    CHECK_CODE(null, steadfast_queue_wake(NULL, 1));
    CHECK_CODE(null, steadfast_policy_install(NULL, NULL, 0, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_policy_status(NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_hold_force_release(NULL, 1, &address, nothing, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_place(NULL, NULL, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_release(NULL, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_force_release(NULL, NULL, nothing, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_floors_of_ips(NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_plan(NULL, NULL, NULL, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_bulk(NULL, NULL, NULL, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_route(NULL, NULL, 0, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_policy_of(NULL, 1, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_explain_service(NULL, 1, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_audit(NULL, 1, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_decisions(NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_explain(NULL, 1, &address, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_orders(NULL, 1, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_announcements(NULL, 0, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_counters(NULL, NULL, 0, &size, NULL));
    steadfast_free(NULL);
    steadfast_view_release(NULL);
    steadfast_report_release(NULL);
}

static void without_arguments(const steadfast_t *registry, uint64_t service) {
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    uint64_t number = 0;
    size_t size = 0;
    const uint8_t *data = NULL;
    steadfast_event_t event;
    const int32_t null = STEADFAST_E_NULL;
    const steadfast_str_t missing = {NULL, 3};

    CHECK_CODE(null, steadfast_service(registry, missing, nothing, nothing, &number, NULL));
    CHECK_CODE(null, steadfast_service(registry, check_text("a"), check_text("b"), check_text("c"), NULL, NULL));
    CHECK_CODE(null, steadfast_service_find(registry, check_text("a"), check_text("b"), check_text("c"), NULL, NULL));
    CHECK_CODE(null, steadfast_service_list(registry, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_service_list(registry, NULL, 10, &size, NULL));
    CHECK_CODE(null, steadfast_register(registry, service, NULL, NULL, NULL, &number, NULL, NULL));
    CHECK_CODE(null, steadfast_register(registry, service, &address, NULL, NULL, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_claim(registry, service, NULL, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_beat_batch(registry, NULL, 1, NULL, 0, &size));
    CHECK_CODE(null, steadfast_beat_batch(registry, &number, 1, NULL, 1, &size));
    CHECK_CODE(null, steadfast_beat_batch(registry, &number, 1, NULL, 0, NULL));
    CHECK_CODE(null, steadfast_beat_at(registry, service, NULL, NULL, NULL));
    steadfast_named_beat_t beat = {.struct_size = sizeof beat};
    CHECK_CODE(null, steadfast_beat_batch_at(registry, NULL, 1, NULL, NULL, 0, &size, NULL));
    CHECK_CODE(null, steadfast_beat_batch_at(registry, &beat, 1, NULL, NULL, 1, &size, NULL));
    CHECK_CODE(null, steadfast_beat_batch_at(registry, &beat, 1, NULL, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_quota_set(registry, check_text("a"), NULL, NULL));
    CHECK_CODE(null, steadfast_namespaces(registry, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_deregister(registry, service, NULL, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_place(registry, service, NULL, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_release(registry, service, &address, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_overlay_set(registry, service, &address, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_overlay_release(registry, service, &address, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_remove(registry, service, &address, NULL, NULL));
    CHECK_CODE(null, steadfast_probe(registry, service, NULL, STEADFAST_PROBE_PASSING, NULL));
    CHECK_CODE(null, steadfast_view_acquire(registry, service, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_view_read(NULL, &data, &size, &number));
    CHECK_CODE(null, steadfast_revision(registry, service, NULL));
    CHECK_CODE(null, steadfast_queue_new(registry, NULL, NULL));
    CHECK_CODE(null, steadfast_queue_poll(registry, 1, NULL, 1, 0, &size));
    CHECK_CODE(null, steadfast_queue_poll(registry, 1, &event, 1, 0, NULL));
    CHECK_CODE(null, steadfast_policy_install(registry, NULL, 5, nothing, NULL, NULL));
    CHECK_CODE(null, steadfast_policy_status(registry, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_explain(registry, service, NULL, NULL, 0, &size, NULL));
    const char *text = NULL;
    steadfast_selector_t selector = {.struct_size = sizeof selector, .name_space = check_text("*")};
    steadfast_floor_target_t target = {.struct_size = sizeof target, .kind = STEADFAST_FLOOR_SERVICE, .service = service};
    steadfast_bulk_order_t order = {.struct_size = sizeof order, .order = STEADFAST_BULK_OVERLAY};
    CHECK_CODE(null, steadfast_hold_force_release(registry, service, NULL, check_text("a"), &author, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_force_release(registry, service, &address, missing, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_hold_force_release(registry, service, &address, check_text("a"), NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_place(registry, NULL, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_release(registry, NULL, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_release(registry, &target, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_force_release(registry, &target, missing, &author, NULL, NULL));
    CHECK_CODE(null, steadfast_floor_force_release(registry, &target, check_text("a"), NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_floors_of_ips(registry, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_plan(registry, NULL, &order, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_plan(registry, &selector, NULL, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_bulk(registry, NULL, &order, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_bulk(registry, &selector, NULL, &author, NULL, NULL, NULL));
    // An overlay without its value.
    CHECK_CODE(null, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, NULL));
    order.order = STEADFAST_BULK_OVERLAY_RELEASE;
    CHECK_CODE(null, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, NULL));
    order.order = STEADFAST_BULK_RELEASE;
    CHECK_CODE(null, steadfast_bulk(registry, &selector, &order, NULL, NULL, NULL, NULL));
    selector.metadata_len = 3;
    CHECK_CODE(null, steadfast_plan(registry, &selector, &order, &author, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_report_read(NULL, &text, &size));
    CHECK_CODE(null, steadfast_route(registry, NULL, 1, NULL, NULL, NULL));
    CHECK_CODE(null, steadfast_policy_of(registry, service, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_explain_service(registry, service, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_audit(registry, 1, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_decisions(registry, NULL, 0, NULL, NULL));
    CHECK_CODE(null, steadfast_metadata_append(NULL, 0, NULL, nothing, nothing));
    CHECK_CODE(null, steadfast_options_init(NULL, sizeof(steadfast_options_t)));
    CHECK_CODE(null, steadfast_open(NULL, NULL, NULL));
}

static void the_error_names_the_argument(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_NULL, steadfast_remove(registry, service, NULL, NULL, &error));
    CHECK(error.code == STEADFAST_E_NULL);
    CHECK_CONTAINS(error.message, "address is NULL");

    steadfast_address_t address = check_address(8080);
    CHECK_CODE(STEADFAST_E_NULL, steadfast_remove(registry, service, &address, NULL, &error));
    CHECK_CONTAINS(error.message, "author is NULL");
}

static void what_may_be_absent_may_be_absent(const steadfast_t *registry, uint64_t service) {
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    size_t size = 1;
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_beat_batch(registry, NULL, 0, NULL, 0, &size));
    CHECK(size == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_deregister(registry, service, &address, nothing, NULL, NULL));
    const steadfast_view_t *view = NULL;
    const uint8_t *data = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_view_acquire(registry, service, 0, &view, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_view_read(view, &data, NULL, NULL));
    steadfast_view_release(view);
}

int main(void) {
    without_a_registry();
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders");
    without_arguments(registry, service);
    the_error_names_the_argument(registry, service);
    what_may_be_absent_may_be_absent(registry, service);
    check_end(registry);
    return 0;
}
