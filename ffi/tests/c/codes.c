// Versions and texts of codes; policies in a library without WebAssembly; ticks of a registry that has its own threads.
#include "check.h"

int main(void) {
    CHECK(steadfast_abi_version() == (STEADFAST_ABI_MAJOR << 16 | STEADFAST_ABI_MINOR));
    CHECK_CONTAINS(steadfast_version_string(), "steadfast 0.");

    const int32_t known[] = {STEADFAST_OK,       STEADFAST_REGISTER_AGAIN, STEADFAST_E_NULL,  STEADFAST_E_CLOSED,
                             STEADFAST_E_REFUSED, STEADFAST_E_STORE,        STEADFAST_E_POLICY};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        CHECK(strlen(steadfast_error_message(known[i])) > 3);
        CHECK(strcmp(steadfast_error_message(known[i]), "unknown code") != 0);
    }
    const int32_t unknown[] = {999, -1, -999, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        CHECK(strcmp(steadfast_error_message(unknown[i]), "unknown code") == 0);
    }

    steadfast_options_t options = check_options();
    options.threads = STEADFAST_THREADS_OWN;
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    CHECK_CODE(STEADFAST_E_OWN_THREADS, steadfast_tick(registry, 0, 0));
    CHECK_CODE(STEADFAST_OK, steadfast_flush(registry, NULL));
    const steadfast_str_t no_params = {NULL, 0};
    steadfast_error_t error = check_error();
    // The C tests link the library without WebAssembly; it says so, and nothing changes.
    CHECK_CODE(STEADFAST_E_UNSUPPORTED, steadfast_policy_install(registry, (const uint8_t *)"\0asm", 4, no_params, NULL, &error));
    CHECK_CONTAINS(error.message, "built without");
    CHECK_CONTAINS(error.message, "steadfast table save");
    check_end(registry);

    options.policies_folder = check_text("policies");
    CHECK_CODE(STEADFAST_E_UNSUPPORTED, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "policies folder");

    // Another built-in policy: under heartbeat-wins a beat overrules the operator.
    options = check_options();
    options.policy = check_text("heartbeat-wins");
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, &error));
    uint64_t service = check_service(registry, "orders");
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect;
    effect.struct_size = sizeof effect;
    CHECK_CODE(STEADFAST_OK,
               steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_REFUSE && effect.found == 0 && effect.pending == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_SERVE);
    check_end(registry);
    return 0;
}
