// Watching: level-triggered, coalesced, bounded by the caller's room, woken when asked.
#define _POSIX_C_SOURCE 200809L
#include <poll.h>
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

static int is_readable(int32_t fd, int timeout_ms) {
    struct pollfd waited = {.fd = fd, .events = POLLIN};
    int ready = poll(&waited, 1, timeout_ms);
    CHECK(ready >= 0);
    return ready == 1;
}

static void a_descriptor_is_readable_while_there_is_news(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "by-descriptor"), queue = 0;
    steadfast_error_t error = check_error();
    int32_t fd = -1, again = -1;
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &queue, NULL));
    CHECK_CODE(STEADFAST_E_UNKNOWN_QUEUE, steadfast_queue_wakeup_fd(registry, queue + 1, &fd, &error));
    CHECK_CODE(STEADFAST_E_NULL, steadfast_queue_wakeup_fd(registry, queue, NULL, &error));
    int32_t code = steadfast_queue_wakeup_fd(registry, queue, &fd, &error);
#ifndef __linux__
    CHECK_CODE(STEADFAST_E_UNSUPPORTED, code);
    return;
#endif
    CHECK_CODE(STEADFAST_OK, code);
    CHECK_CODE(STEADFAST_OK, steadfast_queue_wakeup_fd(registry, queue, &again, &error));
    CHECK(fd >= 0 && fd == again && !is_readable(fd, 0));

    steadfast_event_t event;
    CHECK_CODE(STEADFAST_OK, steadfast_watch(registry, queue, service, 7, NULL));
    CHECK(is_readable(fd, -1));
    CHECK(poll_now(registry, queue, &event, 1) == 1);
    CHECK(!is_readable(fd, 0));
    check_register(registry, service, 8080);
    CHECK(is_readable(fd, -1) && is_readable(fd, -1));
    CHECK(poll_now(registry, queue, &event, 1) == 1 && event.cookie == 7);
    CHECK(!is_readable(fd, 0));
    CHECK_CODE(STEADFAST_OK, steadfast_queue_wake(registry, queue));
    CHECK(is_readable(fd, -1));
    CHECK(poll_now(registry, queue, &event, 1) == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_queue_free(registry, queue));
    struct pollfd closed = {.fd = fd, .events = POLLIN};
    CHECK(poll(&closed, 1, 0) == 1 && (closed.revents & POLLNVAL) != 0);
}

int main(void) {
    steadfast_t *registry = check_registry();
    uint64_t queue = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_queue_new(registry, &queue, NULL));
    many_changes_are_one_event(registry, queue);
    more_than_there_is_room_for_stays(registry, queue);
    unwatched_services_are_silent(registry, queue);
    a_wake_returns_without_events(registry);
    a_descriptor_is_readable_while_there_is_news(registry);
    check_end(registry);
    return 0;
}
