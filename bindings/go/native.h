/* What Go calls instead of the header's functions where these take structures.
 *
 * cgo forbids passing the address of Go memory that itself holds pointers into Go memory. Here structures come in by
 * value, so that their addresses are those of copies on C's stack; the texts inside are Go's and live for the call.
 * Every struct_size is written here, in one place. */
#ifndef STEADFAST_GO_NATIVE_H
#define STEADFAST_GO_NATIVE_H

#include "steadfast.h"

#define SIZED(structure) ((structure).struct_size = (uint32_t)sizeof(structure))

static inline int32_t go_open(steadfast_options_t options, int retain_set, int max_step_set, steadfast_t **out,
                              steadfast_error_t *error) {
    steadfast_options_t defaults;
    int32_t code = steadfast_options_init(&defaults, sizeof defaults);
    if (code < 0) {
        return code;
    }
    if (!retain_set) {
        options.retain_ms = defaults.retain_ms;
    }
    if (!max_step_set) {
        options.max_step_ms = defaults.max_step_ms;
    }
    SIZED(options), SIZED(*error);
    return steadfast_open(&options, out, error);
}

static inline int32_t go_register(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                  steadfast_registration_t registration, steadfast_claim_t claim, uint64_t *handle,
                                  steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(registration), SIZED(claim), SIZED(*effect), SIZED(*error);
    return steadfast_register(registry, service, &address, &registration, &claim, handle, effect, error);
}

static inline int32_t go_claim(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                               steadfast_claim_t claim, steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(claim), SIZED(*effect), SIZED(*error);
    return steadfast_claim(registry, service, &address, &claim, effect, error);
}

static inline int32_t go_beat_at(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                 steadfast_error_t *error) {
    SIZED(address), SIZED(*error);
    return steadfast_beat_at(registry, service, &address, NULL, error);
}

static inline int32_t go_full_beat_at(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                      steadfast_full_beat_t full, steadfast_error_t *error) {
    SIZED(address), SIZED(full), SIZED(*error);
    return steadfast_beat_at(registry, service, &address, &full, error);
}

static inline int32_t go_beat_batch_at(const steadfast_t *registry, const steadfast_named_beat_t *beats, size_t count,
                                       uint32_t *rejected, int32_t *codes, size_t capacity, size_t *rejected_count,
                                       steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_beat_batch_at(registry, beats, count, rejected, codes, capacity, rejected_count, error);
}

static inline int32_t go_deregister(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                    steadfast_str_t connection, steadfast_error_t *error) {
    SIZED(address), SIZED(*error);
    return steadfast_deregister(registry, service, &address, connection, NULL, error);
}

static inline int32_t go_disconnect(const steadfast_t *registry, steadfast_str_t connection, size_t *left,
                                    steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_disconnect(registry, connection, left, error);
}

static inline int32_t go_hold_place(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                    uint32_t kind, steadfast_author_t author, uint64_t until_ms,
                                    steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_hold_place(registry, service, &address, kind, &author, until_ms, effect, error);
}

static inline int32_t go_hold_release(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                      steadfast_author_t author, steadfast_effect_t *effect,
                                      steadfast_error_t *error) {
    SIZED(address), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_hold_release(registry, service, &address, &author, effect, error);
}

static inline int32_t go_hold_force_release(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                            steadfast_str_t owner, steadfast_author_t author,
                                            steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_hold_force_release(registry, service, &address, owner, &author, effect, error);
}

static inline int32_t go_floor_place(const steadfast_t *registry, steadfast_floor_target_t target, uint32_t kind,
                                     steadfast_author_t author, uint64_t until_ms, steadfast_floor_effect_t *effect,
                                     steadfast_error_t *error) {
    SIZED(target), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_floor_place(registry, &target, kind, &author, until_ms, effect, error);
}

static inline int32_t go_floor_force_release(const steadfast_t *registry, steadfast_floor_target_t target,
                                             steadfast_str_t owner, steadfast_author_t author,
                                             steadfast_floor_effect_t *effect, steadfast_error_t *error) {
    SIZED(target), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_floor_force_release(registry, &target, owner, &author, effect, error);
}

static inline int32_t go_floors_of_ips(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                       steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_floors_of_ips(registry, buffer, capacity, needed, error);
}

static inline int32_t go_plan(const steadfast_t *registry, steadfast_selector_t selector, steadfast_bulk_order_t order,
                              steadfast_overlay_t overlay, steadfast_author_t author,
                              const steadfast_report_t **report, steadfast_error_t *error) {
    SIZED(selector), SIZED(order), SIZED(overlay), SIZED(author), SIZED(*error);
    order.overlay = &overlay;
    return steadfast_plan(registry, &selector, &order, &author, NULL, report, error);
}

static inline int32_t go_bulk(const steadfast_t *registry, steadfast_selector_t selector, steadfast_bulk_order_t order,
                              steadfast_overlay_t overlay, steadfast_author_t author,
                              const steadfast_report_t **report, steadfast_error_t *error) {
    SIZED(selector), SIZED(order), SIZED(overlay), SIZED(author), SIZED(*error);
    order.overlay = &overlay;
    return steadfast_bulk(registry, &selector, &order, &author, NULL, report, error);
}

static inline int32_t go_overlay_set(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                     steadfast_overlay_t overlay, steadfast_author_t author,
                                     steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(overlay), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_overlay_set(registry, service, &address, &overlay, &author, effect, error);
}

static inline int32_t go_overlay_release(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                         steadfast_overlay_t overlay, steadfast_author_t author,
                                         steadfast_effect_t *effect, steadfast_error_t *error) {
    SIZED(address), SIZED(overlay), SIZED(author), SIZED(*effect), SIZED(*error);
    return steadfast_overlay_release(registry, service, &address, &overlay, &author, effect, error);
}

static inline int32_t go_remove(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                steadfast_author_t author, steadfast_error_t *error) {
    SIZED(address), SIZED(author), SIZED(*error);
    return steadfast_remove(registry, service, &address, &author, error);
}

static inline int32_t go_probe(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                               uint32_t probe, steadfast_error_t *error) {
    SIZED(address), SIZED(*error);
    return steadfast_probe(registry, service, &address, probe, error);
}

static inline int32_t go_explain(const steadfast_t *registry, uint64_t service, steadfast_address_t address,
                                 char *buffer, size_t capacity, size_t *needed, steadfast_error_t *error) {
    SIZED(address), SIZED(*error);
    return steadfast_explain(registry, service, &address, buffer, capacity, needed, error);
}

static inline int32_t go_policy_install(const steadfast_t *registry, const uint8_t *policy, size_t policy_len,
                                        steadfast_str_t params, steadfast_install_t *install,
                                        steadfast_error_t *error) {
    SIZED(*install), SIZED(*error);
    return steadfast_policy_install(registry, policy, policy_len, params, install, error);
}

static inline int32_t go_flush(const steadfast_t *registry, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_flush(registry, error);
}

static inline int32_t go_service(const steadfast_t *registry, steadfast_str_t name_space, steadfast_str_t group,
                                 steadfast_str_t name, uint64_t *service, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_service(registry, name_space, group, name, service, error);
}

static inline int32_t go_service_find(const steadfast_t *registry, steadfast_str_t name_space, steadfast_str_t group,
                                      steadfast_str_t name, uint64_t *service, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_service_find(registry, name_space, group, name, service, error);
}

static inline int32_t go_service_list(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                      steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_service_list(registry, buffer, capacity, needed, error);
}

static inline int32_t go_quota_set(const steadfast_t *registry, steadfast_str_t name_space, steadfast_quota_t quota,
                                   steadfast_error_t *error) {
    SIZED(quota), SIZED(*error);
    return steadfast_quota_set(registry, name_space, &quota, error);
}

static inline int32_t go_namespaces(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                    steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_namespaces(registry, buffer, capacity, needed, error);
}

static inline int32_t go_view_acquire(const steadfast_t *registry, uint64_t service, uint64_t if_newer_than,
                                      const steadfast_view_t **view, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_view_acquire(registry, service, if_newer_than, view, error);
}

static inline int32_t go_queue_new(const steadfast_t *registry, uint64_t *queue, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_queue_new(registry, queue, error);
}

static inline int32_t go_watch(const steadfast_t *registry, uint64_t queue, uint64_t service, uint64_t cookie,
                               steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_watch(registry, queue, service, cookie, error);
}

static inline int32_t go_queue_wakeup_fd(const steadfast_t *registry, uint64_t queue, int32_t *fd,
                                         steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_queue_wakeup_fd(registry, queue, fd, error);
}

static inline int32_t go_policy_status(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                       steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_policy_status(registry, buffer, capacity, needed, error);
}

static inline int32_t go_route(const steadfast_t *registry, const steadfast_route_t *routes, size_t count,
                               steadfast_routed_t *routed, const steadfast_report_t **report,
                               steadfast_error_t *error) {
    SIZED(*routed), SIZED(*error);
    return steadfast_route(registry, routes, count, routed, report, error);
}

static inline int32_t go_policy_of(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity,
                                   size_t *needed, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_policy_of(registry, service, buffer, capacity, needed, error);
}

static inline int32_t go_explain_service(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity,
                                         size_t *needed, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_explain_service(registry, service, buffer, capacity, needed, error);
}

static inline int32_t go_audit(const steadfast_t *registry, size_t limit, char *buffer, size_t capacity, size_t *needed,
                               steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_audit(registry, limit, buffer, capacity, needed, error);
}

static inline int32_t go_decisions(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                   steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_decisions(registry, buffer, capacity, needed, error);
}

static inline int32_t go_lookup(const steadfast_t *registry, uint64_t service, steadfast_lookup_t lookup,
                                uint8_t *buffer, size_t capacity, size_t *needed, uint32_t *protecting,
                                steadfast_error_t *error) {
    SIZED(lookup), SIZED(*error);
    return steadfast_lookup(registry, service, &lookup, buffer, capacity, needed, protecting, error);
}

static inline int32_t go_pick(const steadfast_t *registry, uint64_t service, steadfast_lookup_t lookup, uint64_t random,
                              uint8_t *buffer, size_t capacity, size_t *needed, steadfast_error_t *error) {
    SIZED(lookup), SIZED(*error);
    return steadfast_pick(registry, service, &lookup, random, buffer, capacity, needed, error);
}

static inline int32_t go_orders(const steadfast_t *registry, uint64_t service, char *buffer, size_t capacity,
                                size_t *needed, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_orders(registry, service, buffer, capacity, needed, error);
}

static inline int32_t go_announcements(const steadfast_t *registry, uint64_t after, char *buffer, size_t capacity,
                                       size_t *needed, steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_announcements(registry, after, buffer, capacity, needed, error);
}

static inline int32_t go_counters(const steadfast_t *registry, char *buffer, size_t capacity, size_t *needed,
                                  steadfast_error_t *error) {
    SIZED(*error);
    return steadfast_counters(registry, buffer, capacity, needed, error);
}

#undef SIZED

#endif
