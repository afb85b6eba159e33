// Preloaded into a process, a clock that jumps. CLOCK_JUMPS says when, by the true clock, and how far:
// ` WHEN BY WHEN BY …` in nanoseconds. The present and the times of files move as they would have, had
// the machine's own clock jumped.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000LL

static long long moved(long long time) {
    const char *jumps = getenv("CLOCK_JUMPS");
    long long sum = 0;
    while (jumps && *jumps) {
        char *end;
        long long when = strtoll(jumps, &end, 10);
        long long by = strtoll(end, &end, 10);
        sum += when <= time ? by : 0;
        jumps = end;
    }
    return time + sum;
}

static void move_stamp(struct statx_timestamp *stamp) {
    long long time = moved(stamp->tv_sec * SECOND + stamp->tv_nsec);
    stamp->tv_sec = time / SECOND;
    stamp->tv_nsec = time % SECOND;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int status = syscall(SYS_clock_gettime, clock, now);
    if (status == 0 && clock == CLOCK_REALTIME) {
        long long time = moved(now->tv_sec * SECOND + now->tv_nsec);
        now->tv_sec = time / SECOND;
        now->tv_nsec = time % SECOND;
    }
    return status;
}

int statx(int folder, const char *path, int flags, unsigned mask, struct statx *found) {
    int status = syscall(SYS_statx, folder, path, flags, mask, found);
    if (status == 0) {
        move_stamp(&found->stx_mtime);
        move_stamp(&found->stx_ctime);
    }
    return status;
}
