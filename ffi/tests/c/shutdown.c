// The end: calls after it, two threads at it, calls in the middle of it, pollers asleep during it.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>

#include "check.h"

static void every_later_call_says_closed(void) {
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders"), number = 0;
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_event_t event;
    const steadfast_view_t *view = NULL;
    size_t size = 0;
    const int32_t closed = STEADFAST_E_CLOSED;
    uint64_t queue = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &queue, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));

    steadfast_error_t error = check_error();
    CHECK_CODE(closed, steadfast_register(registry, service, &address, NULL, NULL, &number, NULL, &error));
    CHECK(error.code == closed);
    CHECK_CONTAINS(error.message, "shut down");
    CHECK_CODE(closed, steadfast_beat(registry, handle));
    CHECK_CODE(closed, steadfast_beat_batch(registry, &handle, 1, NULL, 0, &size));
    CHECK_CODE(closed, steadfast_beat_at(registry, service, &address, NULL, NULL));
    CHECK_CODE(closed, steadfast_beat_batch_at(registry, NULL, 0, NULL, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(closed, steadfast_remove(registry, service, &address, &author, NULL));
    CHECK_CODE(closed, steadfast_tick(registry, 100, 100));
    CHECK_CODE(closed, steadfast_flush(registry, NULL));
    CHECK_CODE(closed, steadfast_revision(registry, service, &number));
    CHECK_CODE(closed, steadfast_view_acquire(registry, service, 0, &view, NULL));
    CHECK_CODE(closed, steadfast_queue_poll(registry, queue, &event, 1, -1, &size));
    CHECK_CODE(closed, steadfast_queue_new(registry, &number, NULL));
    int32_t fd = 0;
    CHECK_CODE(closed, steadfast_queue_wakeup_fd(registry, queue, &fd, NULL));
    CHECK_CODE(closed, steadfast_explain(registry, service, &address, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_counters(registry, NULL, 0, &size, NULL));
    steadfast_floor_target_t target = {.struct_size = sizeof target, .kind = STEADFAST_FLOOR_IP, .ip = check_text("10.0.0.7")};
    steadfast_selector_t selector = {.struct_size = sizeof selector, .name_space = check_text("*")};
    steadfast_bulk_order_t order = {.struct_size = sizeof order, .order = STEADFAST_BULK_RELEASE};
    const steadfast_report_t *report = NULL;
    CHECK_CODE(closed, steadfast_hold_force_release(registry, service, &address, check_text("a"), &author, NULL, NULL));
    CHECK_CODE(closed, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    CHECK_CODE(closed, steadfast_floor_release(registry, &target, &author, NULL, NULL));
    CHECK_CODE(closed, steadfast_floors_of_ips(registry, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_plan(registry, &selector, &order, &author, NULL, &report, NULL));
    CHECK_CODE(closed, steadfast_bulk(registry, &selector, &order, &author, NULL, &report, NULL));
    CHECK_CODE(closed, steadfast_route(registry, NULL, 0, NULL, &report, NULL));
    CHECK_CODE(closed, steadfast_policy_of(registry, service, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_explain_service(registry, service, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_audit(registry, 1, NULL, 0, &size, NULL));
    CHECK_CODE(closed, steadfast_decisions(registry, NULL, 0, &size, NULL));
    CHECK(report == NULL);
    steadfast_free(registry);
}

static void free_alone_is_enough(void) {
    steadfast_free(check_registry());
}

struct race {
    steadfast_t *registry;
    uint64_t service;
    uint64_t queue;
    atomic_int calls;
};

static void *work_until_closed(void *given) {
    struct race *race = given;
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    for (;;) {
        uint64_t handle = 0, revision = 0;
        int32_t code = steadfast_register(race->registry, race->service, &address, NULL, NULL, &handle, NULL, NULL);
        atomic_fetch_add(&race->calls, 1);
        if (code == STEADFAST_E_CLOSED) {
            return NULL;
        }
        CHECK_CODE(STEADFAST_OK, code);
        const steadfast_view_t *view = NULL;
        const int32_t codes[] = {
            steadfast_beat(race->registry, handle),
            steadfast_revision(race->registry, race->service, &revision),
            steadfast_view_acquire(race->registry, race->service, 0, &view, NULL),
            steadfast_hold_place(race->registry, race->service, &address, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL),
            steadfast_hold_release(race->registry, race->service, &address, &author, NULL, NULL),
        };
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            CHECK(codes[i] == STEADFAST_OK || codes[i] == STEADFAST_E_CLOSED);
        }
        steadfast_view_release(view);
    }
}

static void *poll_until_closed(void *given) {
    struct race *race = given;
    steadfast_event_t events[4];
    size_t count = 0;
    int32_t code = STEADFAST_OK;
    while (code == STEADFAST_OK || code == STEADFAST_TIMEOUT) {
        atomic_fetch_add(&race->calls, 1);
        code = steadfast_queue_poll(race->registry, race->queue, events, 4, -1, &count);
    }
    CHECK_CODE(STEADFAST_E_CLOSED, code);
    return NULL;
}

static void *shut_down(void *given) {
    struct race *race = given;
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(race->registry));
    // Whoever returns from a shutdown finds everything ended.
    CHECK_CODE(STEADFAST_E_CLOSED, steadfast_beat(race->registry, 1));
    return NULL;
}

static void calls_meet_the_end(const char *data_folder, uint32_t threads_option) {
    enum { WORKERS = 2, POLLERS = 2, ENDERS = 2, ALL = WORKERS + POLLERS + ENDERS };
    struct race race = {0};
    steadfast_options_t options = check_options();
    options.threads = threads_option;
    options.data_folder = check_text(data_folder);
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &race.registry, NULL));
    race.service = check_service(race.registry, "orders");
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(race.registry, &race.queue, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_watch(race.registry, race.queue, race.service, 0, NULL));

    pthread_t threads[ALL];
    void *(*const started[ALL])(void *) = {work_until_closed, work_until_closed, poll_until_closed,
                                           poll_until_closed, shut_down,         shut_down};
    for (int i = 0; i < ALL; i++) {
        // The end comes when all others are at work.
        while (i == WORKERS + POLLERS && atomic_load(&race.calls) < 20) {
        }
        CHECK(pthread_create(&threads[i], NULL, started[i], &race) == 0);
    }
    for (int i = 0; i < ALL; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    steadfast_free(race.registry);
}

int main(void) {
    every_later_call_says_closed();
    free_alone_is_enough();
    for (int round = 0; round < 10; round++) {
        calls_meet_the_end("", STEADFAST_THREADS_NONE);
        calls_meet_the_end("", STEADFAST_THREADS_OWN);
        calls_meet_the_end("data", STEADFAST_THREADS_OWN);
    }
    return 0;
}
