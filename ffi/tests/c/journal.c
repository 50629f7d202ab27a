// The journal: where it is kept, when it is, how large it may become.
#define _XOPEN_SOURCE 700
#include <sys/stat.h>
#include <time.h>

#include "check.h"

static steadfast_options_t with_folder(const char *folder) {
    steadfast_options_t options = check_options();
    options.data_folder = check_text(folder);
    return options;
}

static int exists(const char *path) {
    struct stat found;
    return stat(path, &found) == 0;
}

static void decide_something(const steadfast_options_t *options) {
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    CHECK_CODE(STEADFAST_OK, steadfast_open(options, &registry, &error));
    check_register(registry, check_service(registry, "orders"), 8080);
    check_end(registry);
}

static void a_journal_goes_along_with_a_data_folder(void) {
    steadfast_options_t options = with_folder("own-threads");
    CHECK(options.journal == STEADFAST_JOURNAL_AUTO);
    options.threads = STEADFAST_THREADS_OWN;
    options.max_step_ms = 5000;
    decide_something(&options);
    CHECK(exists("own-threads/journal/000001.log"));

    options.data_folder = check_text("switched-off");
    options.journal = STEADFAST_JOURNAL_OFF;
    decide_something(&options);
    CHECK(exists("switched-off/registry.redb") && !exists("switched-off/journal"));
}

static void a_host_without_threads_asks_for_it(void) {
    steadfast_options_t options = with_folder("no-threads");
    decide_something(&options);
    CHECK(!exists("no-threads/journal"));
    options.journal = STEADFAST_JOURNAL_ON;
    options.journal_bytes = 4194304;
    decide_something(&options);
    CHECK(exists("no-threads/journal/000001.log"));
}

static void journals_that_cannot_be(void) {
    steadfast_options_t options = check_options();
    steadfast_t *registry = NULL;
    steadfast_error_t error = check_error();
    options.journal = STEADFAST_JOURNAL_ON;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "data folder");
    options = with_folder("refused");
    options.journal = 3;
    CHECK_CODE(STEADFAST_E_RESERVED, steadfast_open(&options, &registry, &error));
    options.journal = STEADFAST_JOURNAL_ON;
    options.journal_bytes = 4194303;
    CHECK_CODE(STEADFAST_E_OPTION, steadfast_open(&options, &registry, &error));
    CHECK_CONTAINS(error.message, "4194304");
    CHECK(registry == NULL && !exists("refused"));
}

static int has_announced(const steadfast_t *registry, const char *kind) {
    static char announcements[65536];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK,
               steadfast_announcements(registry, 0, announcements, sizeof announcements - 1, &needed, NULL));
    announcements[needed] = '\0';
    return strstr(announcements, kind) != NULL;
}

// Decides and ticks until the journal's thread has met its disk and the registry has heard of it.
static void decide_until(const steadfast_t *registry, const char *announced) {
    uint64_t service = check_service(registry, "orders");
    steadfast_address_t address = check_address(8080);
    const steadfast_str_t keyless = {NULL, 0};
    const struct timespec pause = {0, 10 * 1000 * 1000};
    static uint64_t ms = 0;
    while (!has_announced(registry, announced)) {
        check_register(registry, service, 8080);
        CHECK_CODE(STEADFAST_OK, steadfast_deregister(registry, service, &address, keyless, NULL, NULL));
        ms += 100;
        CHECK_CODE(STEADFAST_OK, steadfast_tick(registry, ms, 1700000000000u + ms));
        CHECK(nanosleep(&pause, NULL) == 0);
    }
}

static void a_journal_that_fails_is_told_and_resumes(void) {
    CHECK(mkdir("failing", 0700) == 0);
    FILE *file = fopen("failing/journal", "w");
    CHECK(file != NULL && fclose(file) == 0);
    steadfast_options_t options = with_folder("failing");
    options.journal = STEADFAST_JOURNAL_ON;
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    decide_until(registry, "\"journal-failed\"");
    char counters[2048];
    size_t needed = 0;
    CHECK_CODE(STEADFAST_OK, steadfast_counters(registry, counters, sizeof counters - 1, &needed, NULL));
    counters[needed] = '\0';
    CHECK_CONTAINS(counters, "\"journal_lost\":");
    CHECK(strstr(counters, "\"journal_lost\":0") == NULL);

    CHECK(remove("failing/journal") == 0);
    decide_until(registry, "\"journal-resumed\"");
    check_end(registry);
    CHECK(exists("failing/journal/000001.log"));
}

int main(void) {
    a_journal_goes_along_with_a_data_folder();
    a_host_without_threads_asks_for_it();
    journals_that_cannot_be();
    a_journal_that_fails_is_told_and_resumes();
    return 0;
}
