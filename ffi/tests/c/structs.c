// Structures of other versions: too small, larger with a zero tail, larger with something in it; reserved and unknown.
#include <stddef.h>

#include "check.h"

static void too_small_or_garbage(const steadfast_t *registry, uint64_t service) {
    const uint32_t sizes[] = {0, 1, 4, sizeof(steadfast_address_t) - 1, 4097, UINT32_MAX};
    steadfast_error_t error = check_error();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        steadfast_address_t address = check_address(8080);
        address.struct_size = sizes[i];
        CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_beat_at(registry, service, &address, NULL, &error));
        CHECK_CONTAINS(error.message, "address has struct_size");
    }
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    author.struct_size -= 1;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_remove(registry, service, &address, &author, NULL));

    // An output that is too small is found before anything is done.
    uint64_t handle = 0;
    steadfast_effect_t effect;
    memset(&effect, 0, sizeof effect);
    effect.struct_size = sizeof effect - 1;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_register(registry, service, &address, NULL, NULL, &handle, &effect, NULL));
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat_at(registry, service, &address, NULL, NULL));
    CHECK(handle == 0);

    error.struct_size = 8;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_flush(registry, &error));
    CHECK(error.struct_size == 8);

    steadfast_options_t options;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_options_init(&options, 79));
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_options_init(&options, 5000));
}

// The options as version 0.1.0 first had them: 80 bytes, up to `reserved`.
static void of_an_earlier_header(void) {
    enum { FIRST = 80 };
    union {
        steadfast_options_t options;
        uint8_t bytes[sizeof(steadfast_options_t)];
    } room;
    steadfast_options_t *options = &room.options;
    memset(&room, 0xff, sizeof room);
    CHECK_CODE(STEADFAST_OK, steadfast_options_init(options, FIRST));
    for (size_t i = FIRST; i < sizeof room; i++) {
        CHECK(room.bytes[i] == 0xff);
    }
    CHECK(options->struct_size == FIRST && options->retain_ms == 3600000 && options->reserved == 0);
    // What lies behind the structure is not the library's business: there, bounds and a journal that cannot be.
    steadfast_t *registry = NULL;
    options->threads = STEADFAST_THREADS_NONE;
    CHECK_CODE(STEADFAST_OK, steadfast_open(options, &registry, NULL));
    check_register(registry, check_service(registry, "orders"), 8080);
    check_end(registry);
    options->struct_size = 79;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_open(options, &registry, NULL));
    options->struct_size = sizeof *options;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_open(options, &registry, NULL));
}

struct later_address {
    steadfast_address_t known;
    uint64_t added;
};

struct later_effect {
    steadfast_effect_t known;
    uint64_t added;
};

static void of_a_later_header(const steadfast_t *registry, uint64_t service) {
    struct later_address later;
    memset(&later, 0, sizeof later);
    later.known = check_address(9000);
    later.known.struct_size = sizeof later;
    struct later_effect effect;
    memset(&effect, 0, sizeof effect);
    effect.known.struct_size = sizeof effect;
    effect.added = 77;
    uint64_t handle = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &later.known, NULL, NULL, &handle, &effect.known, NULL));
    CHECK(effect.known.present == 1 && effect.known.struct_size == sizeof effect && effect.added == 77);

    later.added = 1;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_beat_at(registry, service, &later.known, NULL, &error));
    CHECK_CONTAINS(error.message, "address sets a field");

    struct {
        steadfast_options_t known;
        uint64_t added;
    } options;
    memset(&options, 0xff, sizeof options);
    CHECK_CODE(STEADFAST_OK, steadfast_options_init(&options.known, sizeof options));
    CHECK(options.known.struct_size == sizeof options && options.added == 0 && options.known.retain_ms == 3600000);
}

static void reserved_and_unknown(const steadfast_t *registry, uint64_t service) {
    const int32_t reserved = STEADFAST_E_RESERVED;
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    uint64_t handle = 0;

    steadfast_claim_t claim;
    memset(&claim, 0, sizeof claim);
    claim.struct_size = sizeof claim;
    claim.reserved = 1;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
    claim.reserved = 0;
    claim.fields = 8;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
    claim.fields = STEADFAST_FIELD_ENABLED;
    claim.enabled = 2;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
    // A field that was not sent is not looked at.
    claim.fields = 0;
    claim.weight = -1;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));

    steadfast_registration_t registration;
    memset(&registration, 0, sizeof registration);
    registration.struct_size = sizeof registration;
    registration.kind = 2;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, &registration, NULL, &handle, NULL, NULL));
    registration.kind = STEADFAST_KIND_EPHEMERAL;
    registration.liveness = 9;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, &registration, NULL, &handle, NULL, NULL));
    registration.liveness = STEADFAST_LIVENESS_CONNECTION;
    CHECK_CODE(STEADFAST_E_NO_CONNECTION,
               steadfast_register(registry, service, &address, &registration, NULL, &handle, NULL, NULL));
    registration.liveness = STEADFAST_LIVENESS_BEATS;
    registration.reserved = 1;
    CHECK_CODE(reserved, steadfast_register(registry, service, &address, &registration, NULL, &handle, NULL, NULL));

    steadfast_full_beat_t full;
    memset(&full, 0, sizeof full);
    full.struct_size = sizeof full;
    // A beat never carries enabled.
    full.fields = STEADFAST_FIELD_ENABLED;
    CHECK_CODE(reserved, steadfast_beat_at(registry, service, &address, &full, NULL));

    CHECK_CODE(reserved, steadfast_hold_place(registry, service, &address, 0, &author, 0, NULL, NULL));
    CHECK_CODE(reserved, steadfast_hold_place(registry, service, &address, 4, &author, 0, NULL, NULL));
    CHECK_CODE(reserved, steadfast_probe(registry, service, &address, 3, NULL));
    author.reserved = 1;
    CHECK_CODE(reserved, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
}

static void options_that_cannot_be(void) {
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    steadfast_options_t options = check_options();
    options.threads = 2;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_open(&options, &registry, &error));
    options = check_options();
    options.reserved = 1;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_open(&options, &registry, &error));
    options = check_options();
    options.policy = check_text("nobody");
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "nobody");
    options = check_options();
    options.policies_folder = check_text("policies");
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "thread");
    options = check_options();
    options.retain_ms = UINT64_MAX;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK(registry == NULL);
    options.retain_ms = 1;
    CHECK_CODE(STEADFAST_E_NULL, steadfast_open(&options, NULL, &error));
}

static void misaligned(const steadfast_t *registry, uint64_t service) {
    uint64_t room[16];
    const steadfast_address_t *crooked = (const steadfast_address_t *)(const void *)((const char *)room + 1);
    CHECK_CODE(STEADFAST_E_MISALIGNED, steadfast_beat_at(registry, service, crooked, NULL, NULL));
}

int main(void) {
    options_that_cannot_be();
    of_an_earlier_header();
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders");
    too_small_or_garbage(registry, service);
    of_a_later_header(registry, service);
    reserved_and_unknown(registry, service);
    misaligned(registry, service);
    check_end(registry);
    return 0;
}
