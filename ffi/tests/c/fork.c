// A child of fork() has neither our threads nor sane locks: it is told so, and the parent goes on.
#define _POSIX_C_SOURCE 200809L
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

static int child(steadfast_t *registry, uint64_t service, uint64_t handle) {
    const int32_t forked = STEADFAST_E_FORKED;
    uint64_t number = 0;
    steadfast_error_t error = check_error();
    steadfast_address_t address = check_address(8080);
    CHECK_CODE(forked, steadfast_beat(registry, handle));
    CHECK_CODE(forked, steadfast_revision(registry, service, &number));
    CHECK_CODE(forked, steadfast_register(registry, service, &address, NULL, NULL, &number, NULL, &error));
    CHECK_CONTAINS(error.message, "forked");
    CHECK_CODE(forked, steadfast_shutdown(registry));
    steadfast_free(registry);

    // The child may open one of its own.
    steadfast_t *own = check_registry();
    check_register(own, check_service(own, "orders"), 8080);
    check_end(own);
    return 0;
}

int main(void) {
    steadfast_options_t options = check_options();
    options.threads = STEADFAST_THREADS_OWN;
    steadfast_t *registry = NULL;
    CHECK_CODE(STEADFAST_OK, steadfast_open(&options, &registry, NULL));
    uint64_t service = check_service(registry, "orders");
    uint64_t handle = check_register(registry, service, 8080);

    pid_t started = fork();
    CHECK(started >= 0);
    if (started == 0) {
        // Without the exit handlers: what the parent allocated is not the child's to account for.
        _exit(child(registry, service, handle));
    }
    int status = 0;
    CHECK(waitpid(started, &status, 0) == started);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK_CODE(STEADFAST_OK, steadfast_beat(registry, handle));
    check_end(registry);
    return 0;
}
