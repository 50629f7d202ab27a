// Bounds of a registry and of its namespaces: what is new is refused with a reason, what is there goes on.
#include "check.h"

static steadfast_t *open_with(const steadfast_options_t *options) {
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_OK, steadfast_open(options, &registry, &error));
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 0, 1700000000000u));
    return registry;
}

static int32_t try_to_register(const steadfast_t *registry, uint64_t service, uint32_t port, steadfast_error_t *error) {
    steadfast_address_t address = check_address(port);
    uint64_t handle = 0;
    return steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, error);
}

static const char *namespaces(const steadfast_t *registry) {
    static char json[4096];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_namespaces(registry, json, sizeof json - 1, &needed, NULL));
    json[needed] = '\0';
    return json;
}

static void the_registry_is_full(void) {
    steadfast_options_t options = check_options();
    options.instances_max = 2;
    options.services_max = 1;
    steadfast_t *registry = open_with(&options);
    steadfast_error_t error = check_error();
    uint64_t service = check_service(registry, "orders"), other = 0;
    CHECK_CODE(STEADFAST_E_FULL, steadfast_service(registry, check_text("public"), check_text("DEFAULT_GROUP"),
                                                   check_text("other"), &other, &error));
    uint64_t handle = check_register(registry, service, 1);
    check_register(registry, service, 2);
    CHECK_CODE(STEADFAST_E_FULL, try_to_register(registry, service, 3, &error));
    CHECK_CONTAINS(error.message, "2");
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_OK, try_to_register(registry, service, 1, &error));
    check_end(registry);
}

static void who_leaves_is_forgotten(void) {
    steadfast_options_t options = check_options();
    options.tombstones_max = 1;
    options.policy = check_text("nacos-1-4");
    steadfast_t *registry = open_with(&options);
    uint64_t service = check_service(registry, "orders");
    const steadfast_str_t keyless = {NULL, 0};
    for (uint32_t port = 1; port <= 3; port++) {
        steadfast_address_t address = check_address(port);
        steadfast_claim_t claim = {.struct_size = sizeof claim, .fields = STEADFAST_FIELD_ENABLED};
        uint64_t handle = 0;
        CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
        for (uint64_t ms = 0; ms <= 40000; ms += 5000) {
            CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, port * 100000 + ms, 1700000000000u + ms));
        }
        CHECK_CODE(STEADFAST_NOT_PRESENT, steadfast_deregister(registry, service, &address, keyless, NULL, NULL));
    }
    char counters[2048];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_counters(registry, counters, sizeof counters - 1, &needed, NULL));
    counters[needed] = '\0';
    CHECK_CONTAINS(counters, "\"tombstones\":1,");
    CHECK_CONTAINS(counters, "\"tombstones_dropped\":2,");
    check_end(registry);
}

static void namespaces_have_quotas(void) {
    steadfast_options_t options = check_options();
    options.quota_fields = STEADFAST_QUOTA_INSTANCES;
    options.quota_instances = 1;
    options.quota_services = 0;  // Not in the fields: no bound.
    steadfast_t *registry = open_with(&options);
    steadfast_error_t error = check_error();
    uint64_t service = check_service(registry, "orders");
    check_register(registry, service, 1);
    CHECK_CODE(STEADFAST_E_FULL, try_to_register(registry, service, 2, &error));
    CHECK_CONTAINS(error.message, "public");
    CHECK_CONTAINS(namespaces(registry), "{\"namespace\":\"public\",\"services\":1,\"instances\":1,\"present\":1,"
                                         "\"quota\":{\"instances_max\":1,\"services_max\":null}}");

    steadfast_quota_t quota = {.struct_size = sizeof quota, .fields = STEADFAST_QUOTA_INSTANCES | STEADFAST_QUOTA_SERVICES};
    quota.instances = 2;
    quota.services = 1;
    CHECK_CODE(STEADFAST_OK, steadfast_quota_set(registry, check_text("public"), &quota, &error));
    CHECK_CODE(STEADFAST_OK, try_to_register(registry, service, 2, &error));
    CHECK_CODE(STEADFAST_E_FULL, try_to_register(registry, service, 3, &error));
    uint64_t other = 0;
    const steadfast_str_t group = check_text("DEFAULT_GROUP"), name = check_text("other");
    CHECK_CODE(STEADFAST_E_FULL, steadfast_service(registry, check_text("public"), group, name, &other, &error));
    CHECK_CODE(STEADFAST_OK, steadfast_service(registry, check_text("dev"), group, name, &other, &error));
    CHECK_CONTAINS(namespaces(registry), "\"quota\":{\"instances_max\":2,\"services_max\":1}");

    quota.fields = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_quota_set(registry, check_text("public"), &quota, &error));
    CHECK_CODE(STEADFAST_OK, try_to_register(registry, service, 3, &error));
    quota.fields = 4;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_quota_set(registry, check_text("public"), &quota, &error));
    quota.fields = 0;
    CHECK_CODE(STEADFAST_E_NAME, steadfast_quota_set(registry, check_text(""), &quota, &error));
    size_t needed = 0;
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, steadfast_namespaces(registry, NULL, 0, &needed, &error));
    CHECK(needed == strlen(namespaces(registry)));
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));
    CHECK_CODE(STEADFAST_E_CLOSED, steadfast_quota_set(registry, check_text("public"), &quota, &error));
    CHECK_CODE(STEADFAST_E_CLOSED, steadfast_namespaces(registry, NULL, 0, &needed, &error));
    steadfast_free(registry);
}

static void bounds_that_cannot_be(void) {
    steadfast_options_t options = check_options();
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    options.instances_max = 16777217;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "instances_max");
    options = check_options();
    options.services_max = UINT64_MAX;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "services_max");
    options = check_options();
    options.tombstones_max = 1048577;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "tombstones_max");
    options = check_options();
    options.quota_fields = 4;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_open(&options, &registry, &error));
    CHECK(registry == NULL);
}

int main(void) {
    the_registry_is_full();
    who_leaves_is_forgotten();
    namespaces_have_quotas();
    bounds_that_cannot_be();
    return 0;
}
