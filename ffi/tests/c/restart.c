// A data folder: orders and persistent instances survive the registry, and one registry at a time has the folder.
#include "check.h"

static steadfast_t *open_folder(const char *folder) {
    steadfast_options_t options = check_options();
    options.data_folder = check_text(folder);
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    int32_t code = steadfast_open(&options, &registry, &error);
    if (code != STEADFAST_OK) {
        fprintf(stderr, "%s\n", error.message);
    }
    CHECK_CODE(STEADFAST_OK, code);
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 0, 1700000000000u));
    return registry;
}

static void place_orders(steadfast_t *registry) {
    uint64_t service = check_service(registry, "orders"), handle = 0;
    steadfast_address_t address = check_address(8080), persistent = check_address(9090);
    steadfast_author_t author = check_author();
    steadfast_registration_t registration;
    memset(&registration, 0, sizeof registration);
    registration.struct_size = sizeof registration;
    registration.kind = STEADFAST_KIND_PERSISTENT;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &persistent, &registration, NULL, &handle, NULL, NULL));
    check_register(registry, service, 8080);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));
    steadfast_overlay_t overlay;
    memset(&overlay, 0, sizeof overlay);
    overlay.struct_size = sizeof overlay;
    overlay.field = STEADFAST_OVERLAY_WEIGHT;
    overlay.weight = 0.25;
    CHECK_CODE(STEADFAST_OK, steadfast_overlay_set(registry, service, &address, &overlay, &author, NULL, NULL));
}

static void find_orders(steadfast_t *registry) {
    uint64_t service = check_service(registry, "orders"), handle = 0;
    steadfast_address_t address = check_address(8080);
    const steadfast_view_t *view = NULL;
    const uint8_t *data = NULL;
    steadfast_view_header_t header;
    CHECK_CODE(STEADFAST_OK, steadfast_view_acquire(registry, service, 0, &view, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_view_read(view, &data, NULL, NULL));
    memcpy(&header, data, sizeof header);
    CHECK(header.count == 1);
    steadfast_view_release(view);

    // The ephemeral one comes back by itself, under the same order.
    steadfast_effect_t effect;
    effect.struct_size = sizeof effect;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, NULL, &handle, &effect, NULL));
    CHECK(effect.present == 1 && effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    char explained[8192];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_explain(registry, service, &address, explained, sizeof explained - 1, &len, NULL));
    explained[len] = '\0';
    CHECK_CONTAINS(explained, "disk is failing");
    CHECK_CONTAINS(explained, "0.25");
}

static void the_folder_has_one_registry(void) {
    steadfast_options_t options = check_options();
    options.data_folder = check_text("data");
    steadfast_t *second = NULL;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_STORE_UNUSABLE, steadfast_open(&options, &second, &error));
    CHECK(second == NULL && error.code == STEADFAST_E_STORE_UNUSABLE);
    CHECK_CONTAINS(error.message, "data folder data is in use");
}

static void a_folder_that_is_a_file(void) {
    FILE *file = fopen("file", "w");
    CHECK(file != NULL && fputs("text", file) >= 0 && fclose(file) == 0);
    steadfast_options_t options = check_options();
    options.data_folder = check_text("file");
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_STORE, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "file");
    options.data_folder = (steadfast_str_t){"da\0ta", 5};
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
}

int main(void) {
    steadfast_t *first = open_folder("data");
    place_orders(first);
    the_folder_has_one_registry();
    // A shutdown frees the folder, before the registry itself is freed.
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(first));
    steadfast_t *second = open_folder("data");
    find_orders(second);
    steadfast_free(first);
    check_end(second);
    a_folder_that_is_a_file();
    return 0;
}
