// A saved table is installed by a library without WebAssembly; a damaged one is refused and changes nothing.
#include "check.h"

enum { ROOM = 16384, MIDDLE = 6000 };

// The program runs elsewhere; the file lies beside the sources.
static size_t read_table(uint8_t *bytes) {
    const char *below = "../../../core/tests/golden/version-1.table";
    char path[4096] = __FILE__;
    char *name = strrchr(path, '/');
    CHECK(name != NULL && (size_t)(name - path) + strlen(below) + 2 < sizeof path);
    strcpy(name + 1, below);
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL);
    size_t length = fread(bytes, 1, ROOM, file);
    fclose(file);
    CHECK(length > MIDDLE && length < ROOM);
    return length;
}

static void decides(const steadfast_t *registry, const char *part) {
    static char status[ROOM];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_policy_status(registry, status, ROOM - 1, &needed, NULL));
    status[needed] = '\0';
    CHECK_CONTAINS(status, part);
}

int main(void) {
    static uint8_t table[ROOM];
    size_t length = read_table(table);
    steadfast_options_t options = check_options();
    options.policy = check_text("heartbeat-wins");
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    uint64_t service = check_service(registry, "orders");
    uint64_t handle = check_register(registry, service, 8080);
    const steadfast_str_t no_params = {NULL, 0};
    steadfast_error_t error = check_error();

    table[MIDDLE] ^= 1;
    CHECK_CODE(STEADFAST_E_POLICY, steadfast_policy_install(registry, table, length, no_params, NULL, &error));
    CHECK_CONTAINS(error.message, "damaged");
    table[MIDDLE] ^= 1;
    CHECK_CODE(STEADFAST_E_POLICY, steadfast_policy_install(registry, table, length - 1, no_params, NULL, &error));
    CHECK_CONTAINS(error.message, "cut off");
    CHECK_CODE(STEADFAST_E_OPTION,
               steadfast_policy_install(registry, table, length, check_text("{\"strict\":\"1\"}"), NULL, &error));
    CHECK_CONTAINS(error.message, "params");
    decides(registry, "\"heartbeat-wins\"");

    steadfast_install_t install;
    install.struct_size = sizeof install;
    CHECK_CODE(STEADFAST_OK, steadfast_policy_install(registry, table, length, no_params, &install, &error));
    CHECK(install.unchanged == 0 && install.services == 1 && install.instances == 1);
    decides(registry, "\"admin-sticky\"");
    CHECK_CODE(STEADFAST_OK, steadfast_policy_install(registry, table, length, no_params, &install, &error));
    CHECK(install.unchanged == 1);

    // And it decides: the beat that won under the policy before it loses.
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect;
    effect.struct_size = sizeof effect;
    CHECK_CODE(STEADFAST_OK,
               steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, &effect, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    check_end(registry);
    return 0;
}
