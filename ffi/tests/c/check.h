// What the C tests share: checks that end the program with a clear line, and a registry in virtual time.
#ifndef STEADFAST_CHECK_H
#define STEADFAST_CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steadfast.h"

#define CHECK(condition) check_that(__FILE__, __LINE__, (condition) ? 1 : 0, #condition)
#define CHECK_CODE(expected, call) check_code(__FILE__, __LINE__, (expected), (call), #call)
#define CHECK_CONTAINS(text, part) check_contains(__FILE__, __LINE__, (text), (part))

static inline void check_that(const char *file, int line, int holds, const char *condition) {
    if (!holds) {
        fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, condition);
        exit(1);
    }
}

static inline void check_code(const char *file, int line, int32_t expected, int32_t found, const char *call) {
    if (found != expected) {
        fprintf(stderr, "%s:%d: %d (%s), expected %d (%s): %s\n", file, line, (int)found, steadfast_error_message(found),
                (int)expected, steadfast_error_message(expected), call);
        exit(1);
    }
}

static inline void check_contains(const char *file, int line, const char *text, const char *part) {
    if (strstr(text, part) == NULL) {
        fprintf(stderr, "%s:%d: \"%s\" does not say \"%s\"\n", file, line, text, part);
        exit(1);
    }
}

static inline steadfast_str_t check_text(const char *text) {
    steadfast_str_t borrowed = {text, strlen(text)};
    return borrowed;
}

static inline steadfast_error_t check_error(void) {
    steadfast_error_t error;
    memset(&error, 0, sizeof error);
    error.struct_size = sizeof error;
    return error;
}

static inline steadfast_options_t check_options(void) {
    steadfast_options_t options;
    CHECK_CODE(STEADFAST_OK, steadfast_options_init(&options, sizeof options));
    options.threads = STEADFAST_THREADS_NONE;
    options.max_step_ms = 0;
    return options;
}

// A registry in memory whose time is what the test says.
static inline steadfast_t *check_registry(void) {
    steadfast_options_t options = check_options();
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, 0, 1700000000000u));
    return registry;
}

static inline void check_end(steadfast_t *registry) {
    CHECK_CODE(STEADFAST_OK, steadfast_shutdown(registry));
    steadfast_free(registry);
}

static inline uint64_t check_service(const steadfast_t *registry, const char *name) {
    uint64_t service = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_service(registry, check_text("public"), check_text("DEFAULT_GROUP"),
                                               check_text(name), &service, NULL));
    CHECK(service != 0);
    return service;
}

static inline steadfast_address_t check_address(uint32_t port) {
    steadfast_address_t address;
    memset(&address, 0, sizeof address);
    address.struct_size = sizeof address;
    address.port = port;
    address.ip = check_text("10.0.0.7");
    address.cluster = check_text("DEFAULT");
    return address;
}

static inline steadfast_author_t check_author(void) {
    steadfast_author_t author;
    memset(&author, 0, sizeof author);
    author.struct_size = sizeof author;
    author.owner = check_text("console");
    author.actor = check_text("ada");
    author.reason = check_text("disk is failing");
    return author;
}

static inline uint64_t check_register(const steadfast_t *registry, uint64_t service, uint32_t port) {
    steadfast_address_t address = check_address(port);
    uint64_t handle = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_register(registry, service, &address, NULL, NULL, &handle, NULL, NULL));
    CHECK(handle != 0);
    return handle;
}

#endif
