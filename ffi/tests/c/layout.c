// Sizes and places of everything that crosses the border, as numbers: ffi/src/types.rs asserts the same ones.
#include <stddef.h>

#include "steadfast.h"

#define SIZE(type, size) _Static_assert(sizeof(type) == (size), #type)
#define PLACE(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field)

SIZE(steadfast_str_t, 16);
SIZE(steadfast_options_t, 128);
SIZE(steadfast_quota_t, 16);
SIZE(steadfast_named_beat_t, 56);
SIZE(steadfast_error_t, 512);
SIZE(steadfast_address_t, 40);
SIZE(steadfast_claim_t, 40);
SIZE(steadfast_registration_t, 48);
SIZE(steadfast_full_beat_t, 40);
SIZE(steadfast_author_t, 56);
SIZE(steadfast_overlay_t, 48);
SIZE(steadfast_effect_t, 1576);
SIZE(steadfast_floor_target_t, 48);
SIZE(steadfast_floor_effect_t, 1072);
SIZE(steadfast_selector_t, 120);
SIZE(steadfast_bulk_order_t, 40);
SIZE(steadfast_plan_t, 48);
SIZE(steadfast_bulk_effect_t, 40);
SIZE(steadfast_route_t, 104);
SIZE(steadfast_routed_t, 48);
SIZE(steadfast_lookup_t, 56);
SIZE(steadfast_event_t, 40);
SIZE(steadfast_install_t, 48);
SIZE(steadfast_view_header_t, 40);
SIZE(steadfast_view_record_t, 48);

PLACE(steadfast_options_t, data_folder, 8);
PLACE(steadfast_options_t, retain_ms, 56);
PLACE(steadfast_options_t, reserved, 72);
PLACE(steadfast_options_t, instances_max, 80);
PLACE(steadfast_options_t, quota_fields, 104);
PLACE(steadfast_options_t, journal_bytes, 120);
PLACE(steadfast_named_beat_t, service, 8);
PLACE(steadfast_named_beat_t, full, 48);
PLACE(steadfast_error_t, message, 8);
PLACE(steadfast_address_t, ip, 8);
PLACE(steadfast_claim_t, weight, 16);
PLACE(steadfast_registration_t, connection, 16);
PLACE(steadfast_overlay_t, key, 16);
PLACE(steadfast_effect_t, revision, 32);
PLACE(steadfast_effect_t, reason, 40);
PLACE(steadfast_effect_t, refusing, 296);
PLACE(steadfast_effect_t, hint, 1320);
PLACE(steadfast_floor_target_t, service, 8);
PLACE(steadfast_floor_target_t, cluster, 16);
PLACE(steadfast_floor_effect_t, instances, 16);
PLACE(steadfast_floor_effect_t, refusing, 48);
PLACE(steadfast_selector_t, name_space, 8);
PLACE(steadfast_selector_t, metadata, 104);
PLACE(steadfast_bulk_order_t, until_ms, 16);
PLACE(steadfast_bulk_order_t, overlay, 32);
PLACE(steadfast_plan_t, empties, 40);
PLACE(steadfast_bulk_effect_t, untried, 32);
PLACE(steadfast_route_t, policy, 56);
PLACE(steadfast_route_t, file, 72);
PLACE(steadfast_route_t, params, 88);
PLACE(steadfast_routed_t, left, 40);
PLACE(steadfast_lookup_t, protect, 16);
PLACE(steadfast_lookup_t, clusters, 24);
PLACE(steadfast_lookup_t, metadata, 40);
PLACE(steadfast_event_t, cookie, 8);
PLACE(steadfast_event_t, object, 16);
PLACE(steadfast_view_header_t, revision, 16);
PLACE(steadfast_view_header_t, total_len, 32);
PLACE(steadfast_view_record_t, weight, 8);
PLACE(steadfast_view_record_t, ip_off, 16);
PLACE(steadfast_view_record_t, port, 40);
PLACE(steadfast_view_record_t, flags, 42);
PLACE(steadfast_view_record_t, traffic, 43);
PLACE(steadfast_view_record_t, class_number, 44);

int main(void) {
    return 0;
}
