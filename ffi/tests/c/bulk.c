// One order about many addresses: the plan tells what the order then does, and a report is never lost.
#include "check.h"

static const steadfast_str_t nothing = {NULL, 0};

static steadfast_selector_t select_service(const char *glob) {
    steadfast_selector_t selector = {.struct_size = sizeof selector, .service = check_text(glob)};
    return selector;
}

static steadfast_bulk_order_t order_of(uint32_t order) {
    steadfast_bulk_order_t given = {.struct_size = sizeof given, .order = order, .kind = STEADFAST_HOLD_OFFLINE};
    return given;
}

static void report_says(const steadfast_report_t *report, const char *part) {
    const char *data = NULL;
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_report_read(report, &data, &len));
    // A copy, because the text has no NUL of its own.
    char *text = malloc(len + 1);
    CHECK(text != NULL && len > 2 && data[0] == '{' && data[len - 1] == '}');
    memcpy(text, data, len);
    text[len] = '\0';
    CHECK_CONTAINS(text, part);
    free(text);
}

static void fleet(const steadfast_t *registry) {
    const char *names[] = {"orders", "orders", "orders", "stock", "stock"};
    for (uint32_t i = 0; i < 5; i++) {
        check_register(registry, check_service(registry, names[i]), 8080 + i);
    }
}

static uint64_t serving(const steadfast_t *registry, const char *service) {
    char text[8192];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_explain_service(registry, check_service(registry, service), text, sizeof text - 1, &len, NULL));
    text[len] = '\0';
    const char *found = strstr(text, "\"serving\":");
    CHECK(found != NULL);
    return strtoull(found + strlen("\"serving\":"), NULL, 10);
}

static void a_plan_changes_nothing_and_is_what_then_happens(const steadfast_t *registry) {
    steadfast_selector_t selector = select_service("s*");
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_HOLD);
    steadfast_author_t author = check_author();
    steadfast_plan_t plan = {.struct_size = sizeof plan};
    const steadfast_report_t *report = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_plan(registry, &selector, &order, &author, &plan, &report, NULL));
    CHECK(plan.targets == 2 && plan.services == 1 && plan.stop == 2 && plan.start == 0 && plan.empties == 1);
    report_says(report, "\"before\":{\"present\":true,\"healthy\":true,\"traffic\":\"serve\"");
    report_says(report, "\"serving\":2,\"stop\":2,\"start\":0,\"left\":0");
    CHECK(serving(registry, "stock") == 2);

    steadfast_bulk_effect_t effect = {.struct_size = sizeof effect};
    const steadfast_report_t *done = NULL;
    order.limit = plan.targets;
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, &effect, &done, NULL));
    CHECK(effect.targets == 2 && effect.done == 2 && effect.refused == 0 && effect.untried == 0);
    CHECK(serving(registry, "stock") == 0 && serving(registry, "orders") == 3);
    report_says(done, "\"code\":0,\"reply\":{\"effect\":{\"present\":true");
    report_says(done, "\"untried\":[]");
    report_says(report, "\"traffic\":\"serve\"");
    steadfast_report_release(report);
    steadfast_report_release(done);

    order = order_of(STEADFAST_BULK_RELEASE);
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, NULL));
    CHECK(serving(registry, "stock") == 2);
    // Nothing is left to release, so there is nothing to do.
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, &effect, NULL, NULL));
    CHECK(effect.targets == 0);
}

static void more_than_was_meant_is_refused_whole(const steadfast_t *registry) {
    steadfast_selector_t selector = {.struct_size = sizeof selector, .name_space = check_text("*")};
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_HOLD);
    order.limit = 4;
    steadfast_author_t author = check_author();
    steadfast_error_t error = check_error();
    steadfast_bulk_effect_t effect = {.struct_size = sizeof effect, .targets = 77};
    const steadfast_report_t *report = NULL;
    CHECK_CODE(STEADFAST_E_TOO_MANY, steadfast_bulk(registry, &selector, &order, &author, &effect, &report, &error));
    CHECK_CONTAINS(error.message, "5 addresses match, and the limit is 4; nothing was done");
    CHECK(report == NULL && effect.targets == 77);
    CHECK(serving(registry, "orders") == 3 && serving(registry, "stock") == 2);
    steadfast_plan_t plan = {.struct_size = sizeof plan};
    CHECK_CODE(STEADFAST_OK, steadfast_plan(registry, &selector, &order, &author, &plan, NULL, NULL));
    CHECK(plan.targets == 5 && plan.services == 2 && plan.empties == 2);
}

static void fields_are_overlaid_by_metadata(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "labelled"), handle = 0;
    uint8_t packed[64];
    size_t len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(packed, sizeof packed, &len, check_text("version"), check_text("2.7")));
    steadfast_claim_t claim = {.struct_size = sizeof claim, .fields = STEADFAST_FIELD_METADATA, .metadata = packed, .metadata_len = len};
    steadfast_address_t address = check_address(9000);
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, &claim, &handle, NULL, NULL));
    check_register(registry, service, 9001);

    uint8_t glob[64];
    size_t glob_len = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_metadata_append(glob, sizeof glob, &glob_len, check_text("version"), check_text("2.*")));
    steadfast_selector_t selector = {.struct_size = sizeof selector, .metadata = glob, .metadata_len = glob_len};
    steadfast_overlay_t weight = {.struct_size = sizeof weight, .field = STEADFAST_OVERLAY_WEIGHT, .weight = 0.5};
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_OVERLAY);
    order.overlay = &weight;
    steadfast_author_t author = check_author();
    steadfast_bulk_effect_t effect = {.struct_size = sizeof effect};
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, &effect, NULL, NULL));
    CHECK(effect.targets == 1 && effect.done == 1);
    weight.weight = -1;
    CHECK_CODE(STEADFAST_E_WEIGHT, steadfast_bulk(registry, &selector, &order, &author, &effect, NULL, NULL));
    order.order = STEADFAST_BULK_OVERLAY_RELEASE;
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, &effect, NULL, NULL));
    CHECK(effect.targets == 1 && effect.done == 1);
    selector.metadata_len -= 1;
    CHECK_CODE(STEADFAST_E_METADATA, steadfast_plan(registry, &selector, &order, &author, NULL, NULL, NULL));
}

static void a_full_address_is_refused_and_the_others_are_done(const steadfast_t *registry) {
    uint64_t service = check_service(registry, "crowded");
    check_register(registry, service, 7000);
    check_register(registry, service, 7001);
    steadfast_address_t address = check_address(7000);
    steadfast_author_t author = check_author();
    for (int i = 0; i < 32; i++) {
        char owner[32];
        snprintf(owner, sizeof owner, "owner-%d", i);
        author.owner = check_text(owner);
        CHECK_CODE(STEADFAST_OK, steadfast_hold_place(registry, service, &address, STEADFAST_HOLD_DRAIN, &author, 0, NULL, NULL));
    }
    author.owner = check_text("one too many");
    steadfast_selector_t selector = select_service("crowded");
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_HOLD);
    steadfast_bulk_effect_t effect = {.struct_size = sizeof effect};
    const steadfast_report_t *report = NULL;
    CHECK_CODE(STEADFAST_PARTIAL, steadfast_bulk(registry, &selector, &order, &author, &effect, &report, NULL));
    CHECK(effect.targets == 2 && effect.done == 1 && effect.refused == 1 && effect.untried == 0);
    report_says(report, "\"code\":-407,\"error\":\"too many holds on one instance; at most 32 are allowed\"");
    steadfast_report_release(report);
}

static void what_selects_nothing_or_orders_nothing_is_told(const steadfast_t *registry) {
    steadfast_selector_t selector = {.struct_size = sizeof selector};
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_HOLD);
    steadfast_author_t author = check_author();
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_E_SELECTOR, steadfast_plan(registry, &selector, &order, &author, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "the selector is empty; give at least one of namespace");
    CHECK_CODE(STEADFAST_E_SELECTOR, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    selector.cluster = check_text("a\nb");
    CHECK_CODE(STEADFAST_E_SELECTOR, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "cluster holds a control character");
    selector.cluster = (steadfast_str_t){"\xff", 1};
    CHECK_CODE(STEADFAST_E_UTF8, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "selector.cluster");
    selector.cluster = nothing;
    selector.reserved = 1;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    selector = select_service("orders");
    selector.struct_size -= 8;
    CHECK_CODE(STEADFAST_E_STRUCT_SIZE, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));

    selector = select_service("orders");
    const steadfast_bulk_order_t refused[] = {
        order_of(0), order_of(5), {.struct_size = sizeof order, .order = STEADFAST_BULK_HOLD, .kind = 0},
        {.struct_size = sizeof order, .order = STEADFAST_BULK_RELEASE, .reserved = 1},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        CHECK_CODE(STEADFAST_E_RESERVED, steadfast_bulk(registry, &selector, &refused[i], &author, NULL, NULL, &error));
    }
    order.until_ms = 1;
    CHECK_CODE(STEADFAST_E_UNTIL, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    author.actor = nothing;
    order.until_ms = 0;
    CHECK_CODE(STEADFAST_E_NAME, steadfast_bulk(registry, &selector, &order, &author, NULL, NULL, &error));
    CHECK_CONTAINS(error.message, "actor is empty");
    CHECK(serving(registry, "orders") == 3);
}

// What was answered outlives the registry.
static void a_report_is_the_callers(void) {
    steadfast_t *registry = check_registry();
    fleet(registry);
    steadfast_selector_t selector = select_service("stock");
    steadfast_bulk_order_t order = order_of(STEADFAST_BULK_HOLD);
    steadfast_author_t author = check_author();
    const steadfast_report_t *report = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_bulk(registry, &selector, &order, &author, NULL, &report, NULL));
    check_end(registry);
    report_says(report, "\"service\":{\"namespace\":\"public\",\"group\":\"DEFAULT_GROUP\",\"name\":\"stock\"}");
    const char *data = NULL;
    size_t len = 0;
    CHECK_CODE(STEADFAST_E_NULL, steadfast_report_read(report, NULL, &len));
    CHECK_CODE(STEADFAST_E_NULL, steadfast_report_read(report, &data, NULL));
    steadfast_report_release(report);
}

int main(void) {
    steadfast_t *registry = check_registry();
    fleet(registry);
    a_plan_changes_nothing_and_is_what_then_happens(registry);
    more_than_was_meant_is_refused_whole(registry);
    what_selects_nothing_or_orders_nothing_is_told(registry);
    fields_are_overlaid_by_metadata(registry);
    a_full_address_is_refused_and_the_others_are_done(registry);
    check_end(registry);
    a_report_is_the_callers();
    return 0;
}
