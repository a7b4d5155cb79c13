/* A disk that takes its time: preloaded into a server, it sleeps before each fsync and fdatasync.
 *
 * Cloud block storage needs about 2 ms for what a local disk with a write-back cache does in a tenth of that, and it
 * is this time that group commit shares out. SLOW_FSYNC_US gives the delay in microseconds; unset or 0 means none.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct timespec delay;

/* How often this process was delayed: a test reads it, so that no clock is needed. */
unsigned long slow_fsync_count;

__attribute__((constructor)) static void read_delay(void) {
    const char *given = getenv("SLOW_FSYNC_US");
    long microseconds = given ? atol(given) : 0;
    if (microseconds > 0) {
        delay.tv_sec = microseconds / 1000000;
        delay.tv_nsec = (microseconds % 1000000) * 1000;
    }
}

static void sleep_for_delay(void) {
    struct timespec rest = delay;
    if (rest.tv_sec == 0 && rest.tv_nsec == 0) return;
    __atomic_add_fetch(&slow_fsync_count, 1, __ATOMIC_RELAXED);
    while (nanosleep(&rest, &rest) == -1 && errno == EINTR) {
    }
}

int fsync(int file) {
    sleep_for_delay();
    return (int)syscall(SYS_fsync, file);
}

int fdatasync(int file) {
    sleep_for_delay();
    return (int)syscall(SYS_fdatasync, file);
}
