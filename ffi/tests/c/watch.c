// Watching: level-triggered, coalesced, bounded by the caller's room, woken when asked.
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>

#include "check.h"

static size_t poll_now(const steadfast_t *registry, uint64_t queue, steadfast_event_t *events, size_t room) {
    size_t count = 77;
    int32_t code = steadfast_queue_poll(registry, queue, events, room, 0, &count);
    CHECK(code == STEADFAST_OK || code == STEADFAST_TIMEOUT);
    CHECK((code == STEADFAST_OK) == (count > 0));
    return count;
}

static void many_changes_are_one_event(const steadfast_t *registry, uint64_t queue) {
    uint64_t service = check_service(registry, "orders"), revision = 0;
    steadfast_event_t events[4];
    CHECK_CODE(STEADFAST_OK, steadfast_watch(registry, queue, service, 42, NULL));
    // The first poll says where the service is now.
    CHECK(poll_now(registry, queue, events, 4) == 1 && events[0].kind == STEADFAST_EVENT_CHANGED);
    CHECK(poll_now(registry, queue, events, 4) == 0);
    for (uint32_t port = 1; port <= 20; port++) {
        check_register(registry, service, port);
    }
    CHECK(poll_now(registry, queue, events, 4) == 1);
    CHECK_CODE(STEADFAST_OK, steadfast_revision(registry, service, &revision));
    CHECK(events[0].kind == STEADFAST_EVENT_CHANGED && events[0].cookie == 42 && events[0].object == service);
    CHECK(events[0].revision == revision && events[0].flags == 0 && events[0].aux == 0);
    CHECK(poll_now(registry, queue, events, 4) == 0);
}

static void more_than_there_is_room_for_stays(const steadfast_t *registry, uint64_t queue) {
    steadfast_event_t events[3];
    uint64_t seen = 0;
    for (uint64_t i = 0; i < 5; i++) {
        char name[16];
        snprintf(name, sizeof name, "shop-%d", (int)i);
        uint64_t service = check_service(registry, name);
        CHECK_CODE(STEADFAST_OK, steadfast_watch(registry, queue, service, 100 + i, NULL));
        check_register(registry, service, 8080);
    }
    for (size_t taken = 0; taken < 5;) {
        size_t count = poll_now(registry, queue, events, 3);
        CHECK(count > 0 && count <= 3);
        for (size_t i = 0; i < count; i++) {
            CHECK(events[i].kind == STEADFAST_EVENT_CHANGED && events[i].cookie >= 100 && events[i].cookie < 105);
            seen |= 1u << (events[i].cookie - 100);
        }
        taken += count;
    }
    CHECK(seen == 31);
}

static void unwatched_services_are_silent(const steadfast_t *registry, uint64_t queue) {
    uint64_t service = check_service(registry, "orders");
    steadfast_event_t event;
    while (poll_now(registry, queue, &event, 1) > 0) {
    }
    CHECK_CODE(STEADFAST_OK, steadfast_unwatch(registry, queue, service));
    check_register(registry, service, 4000);
    CHECK(poll_now(registry, queue, &event, 1) == 0);
}

struct sleeper {
    const steadfast_t *registry;
    uint64_t queue;
    int32_t code;
    size_t count;
};

static void *sleep_in_poll(void *given) {
    struct sleeper *sleeper = given;
    steadfast_event_t event;
    sleeper->count = 77;
    sleeper->code = steadfast_queue_poll(sleeper->registry, sleeper->queue, &event, 1, -1, &sleeper->count);
    return NULL;
}

static void a_wake_returns_without_events(const steadfast_t *registry) {
    struct sleeper sleeper = {registry, 0, STEADFAST_E_PANIC, 0};
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &sleeper.queue, NULL));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, sleep_in_poll, &sleeper) == 0);
    // Before or after the poll began: it returns either way.
    CHECK_CODE(STEADFAST_OK, steadfast_queue_wake(registry, sleeper.queue));
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK_CODE(STEADFAST_TIMEOUT, sleeper.code);
    CHECK(sleeper.count == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_queue_free(registry, sleeper.queue));
}

int main(void) {
    steadfast_t *registry = check_registry();
    uint64_t queue = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &queue, NULL));
    many_changes_are_one_event(registry, queue);
    more_than_there_is_room_for_stays(registry, queue);
    unwatched_services_are_silent(registry, queue);
    a_wake_returns_without_events(registry);
    check_end(registry);
    return 0;
}
