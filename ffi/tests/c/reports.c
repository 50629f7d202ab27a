// JSON in the caller's buffer: the size that is needed is told, nothing is written past the room that there is.
#include "check.h"

enum { ROOM = 16384 };

struct report {
    char text[ROOM];
    size_t needed;
};

typedef int32_t (*write_report)(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                                steadfast_error_t *error);

static int32_t explain(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                       steadfast_error_t *error) {
    steadfast_address_t address = check_address(8080);
    return steadfast_explain(registry, service, &address, buffer, capacity, needed, error);
}

static int32_t orders(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                      steadfast_error_t *error) {
    return steadfast_orders(registry, service, buffer, capacity, needed, error);
}

static int32_t services(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                        steadfast_error_t *error) {
    (void)service;
    return steadfast_service_list(registry, buffer, capacity, needed, error);
}

static int32_t policy(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                      steadfast_error_t *error) {
    (void)service;
    return steadfast_policy_status(registry, buffer, capacity, needed, error);
}

static int32_t announcements(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                             steadfast_error_t *error) {
    (void)service;
    return steadfast_announcements(registry, 0, buffer, capacity, needed, error);
}

static int32_t counters(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                        steadfast_error_t *error) {
    (void)service;
    return steadfast_counters(registry, buffer, capacity, needed, error);
}

static int32_t explain_service(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                               steadfast_error_t *error) {
    return steadfast_explain_service(registry, service, buffer, capacity, needed, error);
}

static int32_t policy_of(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                         steadfast_error_t *error) {
    return steadfast_policy_of(registry, service, buffer, capacity, needed, error);
}

static int32_t floors_of_ips(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                             steadfast_error_t *error) {
    (void)service;
    return steadfast_floors_of_ips(registry, buffer, capacity, needed, error);
}

static int32_t audit(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                     steadfast_error_t *error) {
    (void)service;
    return steadfast_audit(registry, SIZE_MAX, buffer, capacity, needed, error);
}

static int32_t decisions(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity, size_t *needed,
                         steadfast_error_t *error) {
    (void)service;
    return steadfast_decisions(registry, buffer, capacity, needed, error);
}

static void read_in_every_size(const steadfast_t *registry, uint64_t service, write_report write, char first, const char *part) {
    steadfast_error_t error = check_error();
    size_t needed = 0;
    int32_t asked = write(registry, service, NULL, 0, &needed, &error);
    CHECK(needed >= 2 && needed < ROOM);
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, asked);
    CHECK_CONTAINS(error.message, "the buffer has 0 bytes");

    struct report report;
    memset(&report, '#', sizeof report);
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, write(registry, service, report.text, needed - 1, &report.needed, &error));
    CHECK(report.needed == needed && report.text[0] == '#');

    // Exactly enough, on the heap, so that a byte too many would be noticed.
    char *exact = malloc(needed);
    CHECK(exact != NULL);
    CHECK_CODE(STEADFAST_OK, write(registry, service, exact, needed, &report.needed, &error));
    CHECK(report.needed == needed && exact[0] == first);
    free(exact);

    CHECK_CODE(STEADFAST_OK, write(registry, service, report.text, ROOM - 1, &report.needed, &error));
    CHECK(report.text[report.needed] == '#');
    report.text[report.needed] = '\0';
    CHECK_CONTAINS(report.text, part);
}

int main(void) {
    steadfast_options_t options = check_options();
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 5000, 1700000000000u));
    // A clock that goes back is announced.
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 1000, 1700000000100u));
    uint64_t service = check_service(registry, "orders");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));

    read_in_every_size(registry, service, explain, '{', "disk is failing");
    read_in_every_size(registry, service, orders, '[', "disk is failing");
    read_in_every_size(registry, service, services, '[', "\"namespace\":\"public\"");
    read_in_every_size(registry, service, policy, '{', "admin-sticky");
    read_in_every_size(registry, service, announcements, '[', "\"number\"");
    read_in_every_size(registry, service, counters, '{', "\"orders\":1,\"pending\":0,\"self_reverts\":0");

    steadfast_floor_target_t target = {.struct_size = sizeof target, .kind = STEADFAST_FLOOR_IP, .ip = check_text("10.0.0.7")};
    author.owner = check_text("rack");
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    read_in_every_size(registry, service, floors_of_ips, '[', "{\"target\":{\"kind\":\"ip\",\"ip\":\"10.0.0.7\"}");
    read_in_every_size(registry, service, explain_service, '{', "\"nothing_serves\":[\"1 present: taken offline");
    read_in_every_size(registry, service, policy_of, '{', "\"scope\":null");
    read_in_every_size(registry, service, audit, '[', "\"order\":\"drain\"");
    read_in_every_size(registry, service, decisions, '[', "\"reason\":\"taken offline by an operator\",\"count\":1");

    char latest[ROOM];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_audit(registry, 1, latest, sizeof latest - 1, &len, NULL));
    latest[len] = '\0';
    CHECK(strstr(latest, "\"drain\"") != NULL && strstr(latest, "\"offline\"") == NULL);
    CHECK_CODE(STEADFAST_OK, steadfast_audit(registry, 0, latest, sizeof latest, &len, NULL));
    CHECK(len == 2 && memcmp(latest, "[]", 2) == 0);

    steadfast_address_t unknown = check_address(9999);
    size_t needed = 77;
    CHECK_CODE(STEADFAST_E_NOT_FOUND, steadfast_explain(registry, service, &unknown, NULL, 0, &needed, NULL));
    CHECK(needed == 77);
    check_end(registry);
    return 0;
}
