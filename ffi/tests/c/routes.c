// Policies side by side: routes hold all or none, and every mistake names its route.
#include "check.h"

enum { ROOM = 16384 };

static steadfast_route_t route_of(const char *name_space, const char *group, const char *service, const char *policy) {
    steadfast_route_t route = {
        .struct_size = sizeof route, .name_space = check_text(name_space), .group = check_text(group),
        .service = check_text(service), .policy = check_text(policy)};
    return route;
}

static uint64_t service_in(const steadfast_t *registry, const char *name_space, const char *group, const char *name) {
    uint64_t service = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_service(registry, check_text(name_space), check_text(group), check_text(name), &service, NULL));
    return service;
}

static void decides(const steadfast_t *registry, uint64_t service, const char *policy) {
    char status[ROOM], wanted[64];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_policy_of(registry, service, status, ROOM - 1, &len, NULL));
    status[len] = '\0';
    snprintf(wanted, sizeof wanted, "{\"name\":\"%s\"", policy);
    CHECK_CONTAINS(status, wanted);
}

static void status_says(const steadfast_t *registry, const char *part) {
    static char status[4 * ROOM];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_policy_status(registry, status, sizeof status - 1, &len, NULL));
    status[len] = '\0';
    CHECK_CONTAINS(status, part);
}

static void the_narrowest_route_decides(const steadfast_t *registry) {
    uint64_t plain = service_in(registry, "public", "g", "plain"), legacy = service_in(registry, "legacy", "g", "plain");
    uint64_t paying = service_in(registry, "legacy", "payments", "cards"), one = service_in(registry, "legacy", "payments", "one");
    steadfast_route_t routes[] = {
        route_of("legacy", "", "", "nacos-1-4"),
        route_of("legacy", "payments", "", "restart-clears"),
        route_of("legacy", "payments", "one", "heartbeat-wins"),
    };
    steadfast_routed_t routed = {.struct_size = sizeof routed};
    const steadfast_report_t *report = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, routes, 3, &routed, &report, NULL));
    CHECK(routed.unchanged == 0 && routed.routes == 3 && routed.services == 3);
    const char *data = NULL;
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_report_read(report, &data, &len));
    char text[64];
    snprintf(text, sizeof text, "%.40s", data);
    CHECK_CONTAINS(text, "{\"routes\":3,\"unchanged\":false,\"moves\":[");
    steadfast_report_release(report);
    decides(registry, plain, "admin-sticky");
    decides(registry, legacy, "nacos-1-4");
    decides(registry, paying, "restart-clears");
    decides(registry, one, "heartbeat-wins");
    decides(registry, service_in(registry, "legacy", "later", "x"), "nacos-1-4");
    status_says(registry, "\"scope\":{\"group\":\"payments\",\"namespace\":\"legacy\",\"service\":\"one\"}");

    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, routes, 3, &routed, NULL, NULL));
    CHECK(routed.unchanged == 1 && routed.services == 0);

    // And they decide: one hold, one beat, two outcomes.
    uint64_t services[] = {plain, one};
    uint32_t traffic[2];
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = {.struct_size = sizeof effect};
    for (int i = 0; i < 2; i++) {
        uint64_t handle = check_register(registry, services[i], 8080);
        CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, services[i], &address, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));
        CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
        CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, services[i], &address, NULL, &effect, NULL));
        traffic[i] = effect.traffic;
    }
    CHECK(traffic[0] == STEADFAST_TRAFFIC_REFUSE && traffic[1] == STEADFAST_TRAFFIC_SERVE);

    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, NULL, 0, &routed, NULL, NULL));
    CHECK(routed.routes == 0 && routed.services == 4 && routed.changed == 1);
    decides(registry, one, "admin-sticky");
    status_says(registry, "\"routes\":[]");
}

static void a_mistake_names_its_route_and_leaves_all_as_they_were(const steadfast_t *registry) {
    uint64_t service = service_in(registry, "kept", "g", "s");
    steadfast_route_t good = route_of("kept", "", "", "eureka-chain");
    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, &good, 1, NULL, NULL, NULL));
    steadfast_route_t crooked = good, both = good, neither = good, params = good;
    crooked.reserved = 1;
    both.file = (const uint8_t *)"x";
    both.file_len = 1;
    neither.policy = check_text("");
    params.params = check_text("{}");
    steadfast_route_t broken = neither;
    broken.file = (const uint8_t *)"STDFTBL";
    broken.file_len = 7;
    const struct {
        steadfast_route_t route;
        int32_t code;
        const char *says;
    } mistakes[] = {
        {route_of("a", "", "", "nobody"), STEADFAST_E_OPTION, "routes[1]: \"nobody\" is no built-in policy (admin-sticky"},
        {route_of("a", "", "s", "nacos-2x"), STEADFAST_E_ROUTE, "routes[1]: it has a service without its group"},
        {route_of("", "", "", "nacos-2x"), STEADFAST_E_ROUTE, "namespace is empty"},
        {route_of("kept", "", "", "nacos-2x"), STEADFAST_E_ROUTE, "namespace kept has two routes"},
        {neither, STEADFAST_E_OPTION, "routes[1]: it has neither policy nor file"},
        {both, STEADFAST_E_OPTION, "routes[1]: it has a built-in policy and"},
        {params, STEADFAST_E_OPTION, "routes[1]: it has a built-in policy and"},
        {crooked, STEADFAST_E_RESERVED, "routes[1]: reserved is 1"},
        {broken, STEADFAST_E_UNSUPPORTED, "routes[1]: "},
    };
    steadfast_error_t error = check_error();
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        steadfast_route_t routes[] = {route_of("kept", "", "", "nacos-1-4"), mistakes[i].route};
        CHECK_CODE(mistakes[i].code, steadfast_route(registry, routes, 2, NULL, NULL, &error));
        CHECK_CONTAINS(error.message, mistakes[i].says);
        decides(registry, service, "eureka-chain");
    }
    CHECK_CODE(STEADFAST_E_TOO_MANY, steadfast_route(registry, &good, 4097, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "at most 4096");
}

// The size in the first element is how far they are apart.
static void routes_of_a_later_header(const steadfast_t *registry) {
    struct {
        steadfast_route_t known;
        uint64_t added;
    } later[2] = {{.known = route_of("x", "", "", "nacos-2x")}, {.known = route_of("y", "", "", "nacos-1-4")}};
    steadfast_error_t error = check_error();
    steadfast_routed_t routed = {.struct_size = sizeof routed};
    later[0].known.struct_size = later[1].known.struct_size = sizeof later[0];
    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, &later[0].known, 2, &routed, NULL, &error));
    CHECK(routed.routes == 2);
    decides(registry, service_in(registry, "y", "g", "s"), "nacos-1-4");
    later[1].added = 1;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_route(registry, &later[0].known, 2, &routed, NULL, &error));
    CHECK_CONTAINS(error.message, "routes[1] sets a field");
    later[1].known.struct_size = sizeof(steadfast_route_t);
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_route(registry, &later[0].known, 2, &routed, NULL, &error));
    CHECK_CONTAINS(error.message, "all have one size");
    later[0].known.struct_size = 8;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_route(registry, &later[0].known, 2, &routed, NULL, &error));
}

// The program runs elsewhere; the file lies beside the sources.
static size_t read_table(uint8_t *bytes) {
    char path[4096] = __FILE__;
    char *name = strrchr(path, '/');
    const char *below = "../../../core/tests/golden/version-1.table";
    CHECK(name != NULL && (size_t)(name - path) + strlen(below) + 2 < sizeof path);
    strcpy(name + 1, below);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t length = fread(bytes, 1, ROOM, file);
    fclose(file);
    CHECK(length > 0 && length < ROOM);
    return length;
}

static void a_file_is_routed_to(void) {
    static uint8_t table[ROOM];
    size_t length = read_table(table);
    steadfast_options_t options = check_options();
    options.policy = check_text("heartbeat-wins");
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    steadfast_route_t route = route_of("public", "", "", "");
    route.file = table;
    route.file_len = length;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_OK, steadfast_route(registry, &route, 1, NULL, NULL, &error));
    uint64_t service = check_service(registry, "orders");
    decides(registry, service, "admin-sticky");
    route.params = check_text("{\"a\":\"1\"}");
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_route(registry, &route, 1, NULL, NULL, &error));
    table[length / 2] ^= 1;
    route.params = check_text("");
    CHECK_CODE(STEADFAST_E_POLICY, steadfast_route(registry, &route, 1, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "routes[0]: ");
    decides(registry, service, "admin-sticky");
    check_end(registry);
}

int main(void) {
    steadfast_t *registry = check_registry();
    the_narrowest_route_decides(registry);
    a_mistake_names_its_route_and_leaves_all_as_they_were(registry);
    routes_of_a_later_header(registry);
    check_end(registry);
    a_file_is_routed_to();
    return 0;
}
