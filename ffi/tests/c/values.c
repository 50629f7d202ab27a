// Values that are no values: texts, ports, weights, metadata, ends of orders. Each is refused by a code and a text of its
// own, and nothing of it is kept.
#include <math.h>

#include "check.h"

static char long_text[2048];

static void service_names(const steadfast_t *registry) {
    steadfast_error_t error = check_error();
    uint64_t service = 7;
    steadfast_str_t good = check_text("x");
    const struct {
        steadfast_str_t text;
        int32_t code;
        const char *says;
    } bad[] = {
        {{"", 0}, STEADFAST_E_NAME, "is empty"},
        {{NULL, 0}, STEADFAST_E_NAME, "is empty"},
        {{"a\0b", 3}, STEADFAST_E_NAME, "control character"},
        {{"a\nb", 3}, STEADFAST_E_NAME, "control character"},
        {{"a\xff\xfe", 3}, STEADFAST_E_UTF8, "is not UTF-8"},
        {{"\xc0\x80", 2}, STEADFAST_E_UTF8, "is not UTF-8"},
        {{long_text, 513}, STEADFAST_E_NAME, "at most 512"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK_CODE(bad[i].code, steadfast_service(registry, bad[i].text, good, good, &service, &error));
        CHECK_CONTAINS(error.message, "namespace");
        CHECK_CONTAINS(error.message, bad[i].says);
        CHECK_CODE(bad[i].code, steadfast_service(registry, good, bad[i].text, good, &service, &error));
        CHECK_CONTAINS(error.message, "group");
        CHECK_CODE(bad[i].code, steadfast_service(registry, good, good, bad[i].text, &service, &error));
        CHECK_CONTAINS(error.message, "service name");
    }
    CHECK(service == 7);
    steadfast_str_t longest = {long_text, 512};
    CHECK_CODE(STEADFAST_OK, steadfast_service(registry, longest, good, check_text("größe"), &service, &error));
}

static void addresses(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    const uint32_t ports[] = {0, 65536, UINT32_MAX};
    for (size_t i = 0; i < 3; i++) {
        steadfast_address_t address = check_address(ports[i]);
        CHECK_CODE(STEADFAST_E_PORT, steadfast_beat_at(registry, service, &address, NULL, &error));
        CHECK_CONTAINS(error.message, "not between 1 and 65535");
    }
    const steadfast_str_t hosts[] = {{"", 0}, {"10.0.0.1/24", 11}, {"a b", 3}, {"a\0b", 3}, {long_text, 513}};
    for (size_t i = 0; i < 5; i++) {
        steadfast_address_t address = check_address(8080);
        address.ip = hosts[i];
        CHECK_CODE(STEADFAST_E_NAME, steadfast_beat_at(registry, service, &address, NULL, &error));
    }
    steadfast_address_t address = check_address(65535);
    address.ip = check_text("shop-7.internal");
    uint64_t handle = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, &error));
}

static steadfast_claim_t claim_of(uint32_t fields) {
    steadfast_claim_t claim;
    memset(&claim, 0, sizeof claim);
    claim.struct_size = sizeof claim;
    claim.fields = fields;
    return claim;
}

static void weights(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    steadfast_address_t address = check_address(8081);
    steadfast_author_t author = check_author();
    uint64_t handle = 0;
    const double bad[] = {NAN, INFINITY, -INFINITY, -1, -1e-300, 10000.1, 1e300};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        steadfast_claim_t claim = claim_of(STEADFAST_FIELD_WEIGHT);
        claim.weight = bad[i];
        CHECK_CODE(STEADFAST_E_WEIGHT, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, &error));
        CHECK_CONTAINS(error.message, "not between 0 and 10000");
        steadfast_overlay_t overlay;
        memset(&overlay, 0, sizeof overlay);
        overlay.struct_size = sizeof overlay;
        overlay.field = STEADFAST_OVERLAY_WEIGHT;
        overlay.weight = bad[i];
        CHECK_CODE(STEADFAST_E_WEIGHT, steadfast_overlay_set(registry, service, &address, &overlay, &author, NULL, &error));
    }
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat_at(registry, service, &address, NULL, NULL));
    const double good[] = {0, 0.5, 10000};
    for (size_t i = 0; i < 3; i++) {
        steadfast_claim_t claim = claim_of(STEADFAST_FIELD_WEIGHT);
        claim.weight = good[i];
        CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, &error));
    }
}

static int32_t register_with(const steadfast_t *registry, uint64_t service, const uint8_t *packed, size_t len,
                             steadfast_error_t *error) {
    steadfast_address_t address = check_address(8082);
    steadfast_claim_t claim = claim_of(STEADFAST_FIELD_METADATA);
    claim.metadata = packed;
    claim.metadata_len = len;
    uint64_t handle = 0;
    return steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, error);
}

static void metadata(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    const int32_t refused = STEADFAST_E_METADATA;
    static uint8_t packed[64 * 1024];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("zone"), check_text("b")));
    CHECK(len == 9 && memcmp(packed, "\4\0\1\0zoneb", 9) == 0);
    CHECK_CODE(STEADFAST_OK, register_with(registry, service, packed, len, &error));

    // Cut anywhere, it is no metadata; empty is none at all.
    CHECK_CODE(STEADFAST_OK, register_with(registry, service, packed, 0, &error));
    for (size_t cut = 1; cut < len; cut++) {
        CHECK_CODE(refused, register_with(registry, service, packed, cut, &error));
        CHECK_CONTAINS(error.message, "middle of a pair");
    }

    len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text(""), check_text("b")));
    CHECK_CODE(refused, register_with(registry, service, packed, len, &error));
    len = 0;
    steadfast_str_t nul = {"a\0b", 3}, not_text = {"\xff", 1};
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("a"), nul));
    CHECK_CODE(refused, register_with(registry, service, packed, len, &error));
    CHECK_CODE(STEADFAST_E_UTF8, steadfast_metadata_append(packed, sizeof packed, &len, check_text("a"), not_text));
    CHECK_CODE(STEADFAST_E_UTF8, register_with(registry, service, (const uint8_t *)"\1\0\1\0a\xff", 6, &error));

    // Too many pairs, too many bytes, far too many bytes.
    len = 0;
    for (int i = 0; i < 257; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text(key), check_text("")));
    }
    CHECK_CODE(refused, register_with(registry, service, packed, len, &error));
    CHECK_CONTAINS(error.message, "257 pairs");
    static char large[17 * 1024];
    memset(large, 'v', sizeof large);
    steadfast_str_t value = {large, 16 * 1024};
    len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("k"), value));
    CHECK_CODE(refused, register_with(registry, service, packed, len, &error));
    CHECK_CODE(refused, register_with(registry, service, packed, sizeof packed, &error));
    value.len -= 1;
    len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("k"), value));
    CHECK_CODE(STEADFAST_OK, register_with(registry, service, packed, len, &error));
}

static void packing_needs_room(void) {
    uint8_t small[12];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(small, sizeof small, &len, check_text("zone"), check_text("b")));
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL,
               steadfast_metadata_append(small, sizeof small, &len, check_text("app"), check_text("c")));
    CHECK(len == 9);
    len = 13;
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, steadfast_metadata_append(small, sizeof small, &len, check_text("a"), check_text("")));
    len = SIZE_MAX;
    CHECK_CODE(STEADFAST_E_BUFFER_TOO_SMALL, steadfast_metadata_append(small, sizeof small, &len, check_text("a"), check_text("")));
    static char endless[70000];
    memset(endless, 'x', sizeof endless);
    steadfast_str_t value = {endless, sizeof endless};
    static uint8_t room[80000];
    len = 0;
    CHECK_CODE(STEADFAST_E_METADATA, steadfast_metadata_append(room, sizeof room, &len, check_text("a"), value));
}

static void orders(const steadfast_t *registry, uint64_t service) {
    steadfast_error_t error = check_error();
    steadfast_address_t address = check_address(8083);
    steadfast_author_t author = check_author();
    const uint32_t offline = STEADFAST_HOLD_OFFLINE;
    CHECK_CODE(STEADFAST_E_UNTIL, steadfast_hold_place(registry, service, &address, offline, &author, 1000, NULL, &error));
    CHECK_CONTAINS(error.message, "not after now");
    author.reason = check_text("");
    CHECK_CODE(STEADFAST_E_NAME, steadfast_hold_place(registry, service, &address, offline, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "reason is empty");
    author = check_author();
    author.owner.data = long_text;
    author.owner.len = 257;
    CHECK_CODE(STEADFAST_E_NAME, steadfast_hold_place(registry, service, &address, offline, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "owner has 257 bytes");
    size_t needed = 0;
    char list[16];
    CHECK_CODE(STEADFAST_OK, steadfast_orders(registry, service, list, sizeof list, &needed, NULL));
    CHECK(needed == 2 && memcmp(list, "[]", 2) == 0);
}

int main(void) {
    memset(long_text, 'x', sizeof long_text);
    steadfast_t *registry = check_registry();
    uint64_t service = check_service(registry, "orders");
    service_names(registry);
    addresses(registry, service);
    weights(registry, service);
    metadata(registry, service);
    packing_needs_room();
    orders(registry, service);
    check_end(registry);
    return 0;
}
