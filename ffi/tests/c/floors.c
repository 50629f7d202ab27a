// Holds on a service, a cluster and a whole ip: who comes under them, who may end them, and what they survive.
#include "check.h"

static const uint64_t wall_ms = 1700000000000u;

static steadfast_floor_effect_t effect_of(void) {
    steadfast_floor_effect_t effect;
    memset(&effect, 0xff, sizeof effect);
    effect.struct_size = sizeof effect;
    return effect;
}

static steadfast_floor_target_t target_of(uint32_t kind, uint64_t service) {
    steadfast_floor_target_t target = {.struct_size = sizeof target, .kind = kind, .service = service};
    return target;
}

static steadfast_author_t author_of(const char *owner) {
    steadfast_author_t author = check_author();
    author.owner = check_text(owner);
    return author;
}

// How an instance stands; an empty claim changes nothing and tells.
static steadfast_effect_t standing(const steadfast_t *registry, uint64_t service, uint32_t port) {
    steadfast_address_t address = check_address(port);
    steadfast_effect_t effect;
    effect.struct_size = sizeof effect;
    CHECK_CODE(STEADFAST_OK, steadfast_claim(registry, service, &address, NULL, &effect, NULL));
    return effect;
}

static void a_service_is_drained_and_comes_back(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "drained");
    check_register(registry, service, 8080);
    check_register(registry, service, 8081);
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_SERVICE, service);
    steadfast_author_t author = check_author();
    steadfast_floor_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, &effect, NULL));
    CHECK(effect.found == 0 && effect.instances == 2 && effect.changed == 2 && effect.serving == 0 && effect.cut == 0);
    CHECK(effect.struct_size == sizeof effect && effect.reserved == 0);
    uint64_t revision = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_revision(registry, service, &revision));
    CHECK(effect.revision == revision);
    steadfast_effect_t instance = standing(registry, service, 8080);
    CHECK(instance.traffic == STEADFAST_TRAFFIC_DRAIN && instance.healthy == 1);
    CHECK_CONTAINS(instance.refusing, "on service public@@DEFAULT_GROUP@@drained: disk is failing");

    // Whoever comes later comes under it; a stronger one by the same owner replaces it.
    check_register(registry, service, 8082);
    CHECK(standing(registry, service, 8082).traffic == STEADFAST_TRAFFIC_DRAIN);
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_OFFLINE, &author, 0, &effect, NULL));
    CHECK(effect.found == 1 && effect.instances == 3 && effect.changed == 3);
    CHECK_CODE(STEADFAST_OK, steadfast_floor_release(registry, &target, &author, &effect, NULL));
    CHECK(effect.found == 1 && effect.serving == 3 && effect.refusing[0] == '\0');
    CHECK_CODE(STEADFAST_OK, steadfast_floor_release(registry, &target, &author, &effect, NULL));
    CHECK(effect.found == 0 && effect.changed == 0);
}

static void a_cluster_is_not_its_neighbour(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "clusters"), handle = 0;
    check_register(registry, service, 8080);
    steadfast_address_t east = check_address(8081);
    east.cluster = check_text("EAST");
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &east, NULL, NULL, &handle, NULL, NULL));
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_CLUSTER, service);
    target.cluster = check_text("EAST");
    steadfast_author_t author = check_author();
    steadfast_floor_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_OFFLINE, &author, 0, &effect, NULL));
    CHECK(effect.instances == 1 && effect.changed == 1);
    CHECK(standing(registry, service, 8080).traffic == STEADFAST_TRAFFIC_SERVE);
}

static void a_ban_from_above_refuses_registrations_with_its_author(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "banned"), handle = 0;
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_IP, 0);
    target.ip = check_text("2001:DB8::0:1");
    steadfast_author_t author = check_author();
    steadfast_floor_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_BANNED, &author, 0, &effect, NULL));
    CHECK(effect.found == 0 && effect.instances == 0 && effect.revision == 0);
    steadfast_address_t address = check_address(8080);
    address.ip = check_text("2001:db8::1");
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_REFUSED, steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, &error));
    CHECK_CONTAINS(error.message, "banned by console (ada) on ip 2001:db8::1: disk is failing");
    char floors[1024];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_floors_of_ips(registry, floors, sizeof floors - 1, &len, NULL));
    floors[len] = '\0';
    CHECK_CONTAINS(floors, "2001:db8::1");
    CHECK_CODE(STEADFAST_OK, steadfast_floor_release(registry, &target, &author, &effect, NULL));
    CHECK(effect.found == 1);
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, &error));
}

static void another_owner_ends_it_by_force_only(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "owners");
    check_register(registry, service, 8080);
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_SERVICE, service);
    steadfast_author_t console = author_of("console"), robot = author_of("robot");
    steadfast_floor_effect_t effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_OFFLINE, &robot, 0, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &console, 0, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_floor_release(registry, &target, &console, &effect, NULL));
    CHECK(effect.found == 1 && effect.serving == 0);
    CHECK_CONTAINS(effect.refusing, "offline by robot (ada)");
    CHECK_CODE(STEADFAST_OK,
               steadfast_floor_force_release(registry, &target, check_text("robot"), &console, &effect, NULL));
    CHECK(effect.found == 1 && effect.serving == 1 && effect.refusing[0] == '\0');
}

static void it_ends_at_its_time(steadfast_t *registry) {
    uint64_t service = check_service(registry, "until");
    uint64_t handle = check_register(registry, service, 8080);
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_SERVICE, service);
    steadfast_author_t author = check_author();
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_UNTIL,
               steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, wall_ms, NULL, &error));
    CHECK_CONTAINS(error.message, "not after now");
    CHECK_CODE(STEADFAST_OK,
               steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, wall_ms + 2000, NULL, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 1900, wall_ms + 1900));
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    CHECK(standing(registry, service, 8080).traffic == STEADFAST_TRAFFIC_DRAIN);
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 2000, wall_ms + 2000));
    CHECK(standing(registry, service, 8080).traffic == STEADFAST_TRAFFIC_SERVE);
}

static void what_is_no_target_is_told(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "bad");
    steadfast_author_t author = check_author();
    steadfast_error_t error = check_error();
    steadfast_floor_target_t target = target_of(0, service);
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "target.kind is 0");
    target.kind = STEADFAST_FLOOR_CLUSTER;
    CHECK_CODE(STEADFAST_E_NAME, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "cluster is empty");
    target.kind = STEADFAST_FLOOR_IP;
    target.ip = check_text("10.0.0.0/8");
    CHECK_CODE(STEADFAST_E_NAME, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "10.0.0.0/8");
    target = target_of(STEADFAST_FLOOR_SERVICE, service);
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_floor_place(registry, &target, 9, &author, 0, NULL, &error));
    target.struct_size -= 1;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_floor_release(registry, &target, &author, NULL, &error));
    target.struct_size += 1;
    author.reason = check_text("");
    CHECK_CODE(STEADFAST_E_NAME, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, NULL, &error));
    CHECK_CONTAINS(error.message, "reason is empty");
    steadfast_floor_effect_t effect = effect_of();
    effect.struct_size = 1071;
    author = check_author();
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_floor_place(registry, &target, STEADFAST_HOLD_DRAIN, &author, 0, &effect, &error));
    effect = effect_of();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_release(registry, &target, &author, &effect, NULL));
    CHECK(effect.found == 0);
}

static steadfast_t *open_folder(void) {
    steadfast_options_t options = check_options();
    options.data_folder = check_text("data");
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 0, wall_ms));
    return registry;
}

static void it_survives_a_restart(void) {
    steadfast_t *registry = open_folder();
    steadfast_floor_target_t target = target_of(STEADFAST_FLOOR_IP, 0);
    target.ip = check_text("10.0.0.7");
    steadfast_author_t author = check_author();
    CHECK_CODE(STEADFAST_OK, steadfast_floor_place(registry, &target, STEADFAST_HOLD_OFFLINE, &author, 0, NULL, NULL));
    check_end(registry);
    registry = open_folder();
    uint64_t service = check_service(registry, "orders");
    check_register(registry, service, 8080);
    CHECK(standing(registry, service, 8080).traffic == STEADFAST_TRAFFIC_REFUSE);
    check_end(registry);
}

int main(void) {
    steadfast_t *registry = check_registry();
    a_service_is_drained_and_comes_back(registry);
    a_cluster_is_not_its_neighbour(registry);
    a_ban_from_above_refuses_registrations_with_its_author(registry);
    another_owner_ends_it_by_force_only(registry);
    what_is_no_target_is_told(registry);
    it_ends_at_its_time(registry);
    check_end(registry);
    it_survives_a_restart();
    return 0;
}
