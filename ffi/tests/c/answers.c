// What the calls answer beside success: who left and who remains, what an order did, what still refuses, and why.
#include "check.h"

static const uint64_t wall_ms = 1700000000000u;
static const steadfast_str_t keyless = {NULL, 0};

static steadfast_effect_t effect_of(void) {
    steadfast_effect_t effect;
    memset(&effect, 0xff, sizeof effect);
    effect.struct_size = sizeof effect;
    return effect;
}

static steadfast_registration_t by_connection(const char *connection) {
    steadfast_registration_t registration;
    memset(&registration, 0, sizeof registration);
    registration.struct_size = sizeof registration;
    registration.connection = check_text(connection);
    registration.liveness = STEADFAST_LIVENESS_CONNECTION;
    return registration;
}

static void publishers(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "publishers"), handle = 0;
    steadfast_address_t address = check_address(8080);
    steadfast_registration_t one = by_connection("one"), two = by_connection("two");
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, &one, NULL, &handle, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, &two, NULL, &handle, NULL, NULL));
    size_t count = 77;
    CHECK_CODE(STEADFAST_NOT_PUBLISHER, steadfast_deregister(registry, service, &address, check_text("old"), &count, NULL));
    CHECK_CODE(STEADFAST_REMAINS, steadfast_deregister(registry, service, &address, check_text("one"), &count, NULL));
    CHECK(count == 1);
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_OK, steadfast_disconnect(registry, check_text("nobody"), &count, NULL));
    CHECK(count == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_disconnect(registry, check_text("two"), &count, NULL));
    CHECK(count == 1);
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_NOT_PRESENT, steadfast_deregister(registry, service, &address, check_text("two"), &count, NULL));
}

static void a_kind_does_not_change(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "kinds"), handle = 0;
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_registration_t persistent;
    memset(&persistent, 0, sizeof persistent);
    persistent.struct_size = sizeof persistent;
    persistent.kind = STEADFAST_KIND_PERSISTENT;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_KIND, steadfast_register(registry, service, &address, &persistent, NULL, &handle, NULL, &error));
    CHECK_CONTAINS(error.message, "present as ephemeral");
}

static void a_ban_refuses_registration_with_its_reason(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "banned"), handle = 0;
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK,
               steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_BANNED, &author, 0, &effect, NULL));
    CHECK(effect.pending == 1 && effect.present == 0 && effect.found == 0 && effect.revision > 0);
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_REFUSED, steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, &error));
    CHECK(handle == 0 && strlen(error.message) > 3);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_release(registry, service, &address, &author, &effect, NULL));
    CHECK(effect.found == 1 && effect.pending == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_release(registry, service, &address, &author, &effect, NULL));
    CHECK(effect.found == 0);
    check_register(registry, service, 8080);
}

static void a_release_says_what_still_refuses(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "refusing");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t console = check_author(), robot = check_author();
    robot.owner = check_text("robot");
    robot.reason = check_text("too slow");
    steadfast_effect_t effect = effect_of();
    const uint32_t offline = STEADFAST_HOLD_OFFLINE;
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, offline, &console, 0, &effect, NULL));
    CHECK(effect.present == 1 && effect.healthy == 1 && effect.traffic == STEADFAST_TRAFFIC_REFUSE && effect.cut == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, offline, &robot, 0, &effect, NULL));

    steadfast_claim_t claim;
    memset(&claim, 0, sizeof claim);
    claim.struct_size = sizeof claim;
    claim.fields = STEADFAST_FIELD_ENABLED;
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, &claim, &effect, NULL));

    CHECK_CODE(STEADFAST_OK, steadfast_hold_release(registry, service, &address, &console, &effect, NULL));
    CHECK(effect.found == 1 && effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    CHECK_CONTAINS(effect.refusing, "robot");
    CHECK_CONTAINS(effect.refusing, "too slow");
    CHECK_CODE(STEADFAST_OK, steadfast_hold_release(registry, service, &address, &robot, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_REFUSE && strlen(effect.refusing) > 3);
    claim.enabled = 1;
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, &claim, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_SERVE && effect.refusing[0] == '\0');
}

static void long_texts_are_cut_and_say_so(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "long");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    static char reason[1024];
    memset(reason, 'r', sizeof reason);
    steadfast_effect_t effect = effect_of();
    const char *const owners[] = {"one", "two"};
    for (size_t i = 0; i < 2; i++) {
        steadfast_author_t author = check_author();
        author.owner = check_text(owners[i]);
        author.reason = (steadfast_str_t){reason, sizeof reason};
        CHECK_CODE(STEADFAST_OK,
                   steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, &effect, NULL));
    }
    CHECK(effect.traffic == STEADFAST_TRAFFIC_DRAIN && effect.cut == 1);
    CHECK(strlen(effect.refusing) == sizeof effect.refusing - 1);
}

static void who_missed_the_cluster_is_told(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "near");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, &effect, NULL));
    CHECK(effect.pending == 0 && effect.hint[0] == '\0');
    address.cluster = check_text("EAST");
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, &effect, NULL));
    CHECK(effect.pending == 1 && effect.cut == 0);
    CHECK(strcmp(effect.hint, "1 instance has this ip and port in cluster DEFAULT") == 0);
}

static void a_hold_of_another_owner_ends_by_force_only(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "forced");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t robot = check_author(), console = check_author();
    robot.owner = check_text("robot");
    steadfast_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &robot, 0, &effect, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_hold_release(registry, service, &address, &console, &effect, NULL));
    CHECK(effect.found == 0 && effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_NAME,
               steadfast_hold_force_release(registry, service, &address, check_text(""), &console, &effect, &error));
    CHECK_CONTAINS(error.message, "owner of the hold is empty");
    steadfast_str_t nobody = check_text("nobody"), owner = check_text("robot");
    CHECK_CODE(STEADFAST_OK, steadfast_hold_force_release(registry, service, &address, nobody, &console, &effect, &error));
    CHECK(effect.found == 0 && effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    CHECK_CODE(STEADFAST_OK, steadfast_hold_force_release(registry, service, &address, owner, &console, &effect, &error));
    CHECK(effect.found == 1 && effect.traffic == STEADFAST_TRAFFIC_SERVE);
    char audit[4096];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_audit(registry, 1, audit, sizeof audit - 1, &len, NULL));
    audit[len] = '\0';
    CHECK_CONTAINS(audit, "\"order\":\"force-release\"");
    CHECK_CONTAINS(audit, "\"owner\":\"console\"");
    CHECK_CONTAINS(audit, "\"forced_owner\":\"robot\"");
}

static double weight_in_view(const steadfast_t *registry, uint64_t service) {
    const steadfast_view_t *view = NULL;
    const uint8_t *data = NULL;
    steadfast_view_header_t header;
    steadfast_view_record_t record;
    CHECK_CODE(STEADFAST_OK, steadfast_view_acquire(registry, service, 0, &view, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_view_read(view, &data, NULL, NULL));
    memcpy(&header, data, sizeof header);
    CHECK(header.count == 1);
    memcpy(&record, data + header.header_size, sizeof record);
    steadfast_view_release(view);
    return record.weight;
}

static void overlays(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "overlays");
    check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = effect_of();
    steadfast_overlay_t overlay;
    memset(&overlay, 0, sizeof overlay);
    overlay.struct_size = sizeof overlay;
    overlay.field = STEADFAST_OVERLAY_WEIGHT;
    overlay.weight = 0.25;
    CHECK_CODE(STEADFAST_OK, steadfast_overlay_set(registry, service, &address, &overlay, &author, &effect, NULL));
    CHECK(effect.found == 0 && effect.traffic == STEADFAST_TRAFFIC_SERVE);
    CHECK(weight_in_view(registry, service) == 0.25);
    CHECK_CODE(STEADFAST_OK, steadfast_overlay_release(registry, service, &address, &overlay, &author, &effect, NULL));
    CHECK(effect.found == 1);
    CHECK(weight_in_view(registry, service) == 1.0);

    overlay.field = STEADFAST_OVERLAY_METADATA;
    overlay.key = check_text("zone");
    overlay.value = check_text("b");
    CHECK_CODE(STEADFAST_OK, steadfast_overlay_set(registry, service, &address, &overlay, &author, &effect, NULL));
    overlay.key = check_text("");
    CHECK_CODE(STEADFAST_E_METADATA, steadfast_overlay_set(registry, service, &address, &overlay, &author, &effect, NULL));
    overlay.field = 3;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_overlay_set(registry, service, &address, &overlay, &author, &effect, NULL));
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_overlay_release(registry, service, &address, &overlay, &author, &effect, NULL));
}

static void probes_and_removal(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "probes");
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_probe(registry, service, &address, STEADFAST_PROBE_FAILING, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.healthy == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_probe(registry, service, &address, STEADFAST_PROBE_PASSING, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.healthy == 1);

    CHECK_CODE(STEADFAST_OK, steadfast_remove(registry, service, &address, &author, NULL));
    CHECK_CODE(STEADFAST_REGISTER_AGAIN, steadfast_beat(registry, handle));
    CHECK_CODE(STEADFAST_NOT_PRESENT, steadfast_remove(registry, service, &address, &author, NULL));
    CHECK_CODE(STEADFAST_NOT_PRESENT, steadfast_probe(registry, service, &address, STEADFAST_PROBE_PASSING, NULL));
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_NOT_REGISTERED, steadfast_claim(registry, service, &address, NULL, &effect, &error));
    CHECK_CONTAINS(error.message, "10.0.0.7:8080");
}

static void a_hold_ends_at_its_time(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "until");
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_address_t address = check_address(8080);
    steadfast_author_t author = check_author();
    steadfast_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_OFFLINE, &author,
                                                  wall_ms + 5000, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    for (uint64_t ms = 0; ms <= 4900; ms += 100) {
        CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, ms, wall_ms + ms));
        CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    }
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_REFUSE);
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 5300, wall_ms + 5300));
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    CHECK(effect.traffic == STEADFAST_TRAFFIC_SERVE);
}

int main(void) {
    steadfast_t *registry = check_registry();
    publishers(registry);
    a_kind_does_not_change(registry);
    a_ban_refuses_registration_with_its_reason(registry);
    a_release_says_what_still_refuses(registry);
    long_texts_are_cut_and_say_so(registry);
    who_missed_the_cluster_is_told(registry);
    a_hold_of_another_owner_ends_by_force_only(registry);
    overlays(registry);
    probes_and_removal(registry);
    a_hold_ends_at_its_time(registry);
    CHECK_CODE(STEADFAST_NOT_PRESENT,
               steadfast_deregister(registry, check_service(registry, "until"), &(steadfast_address_t){
                                        .struct_size = sizeof(steadfast_address_t),
                                        .port = 1,
                                        .ip = STEADFAST_STR("10.9.9.9"),
                                        .cluster = STEADFAST_STR("DEFAULT"),
                                    }, keyless, NULL, NULL));
    check_end(registry);
    return 0;
}
