/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "figures_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** A figure takes well below a second; a program that needs this long hangs. */
#define LONGEST_MS 60000L

/** In the child: only calls that are safe after fork. Does not return. */
static void become_gnuplot(const char *program, const char *folder, const char *script, int messages)
{
    const int nothing = open("/dev/null", O_RDWR);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(messages, STDOUT_FILENO) < 0 ||
        dup2(messages, STDERR_FILENO) < 0 || chdir(folder) != 0) {
        _exit(126);
    }
    (void)execlp(program, "gnuplot", "-d", script, (char *)NULL);
    _exit(127);
}

static long now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000L + t.tv_nsec / 1000000L;
}

/** Collect what the child says until it closes its end; false where the time is over. */
static bool listen_to(int fd, mtc_buffer *said)
{
    const long end = now_ms() + LONGEST_MS;
    char piece[4096];

    for (;;) {
        struct pollfd wait_for = {fd, POLLIN, 0};
        const long left = end - now_ms();
        const int ready = left > 0 ? poll(&wait_for, 1, (int)left) : 0;
        if (ready == 0) {
            return false;
        }
        const ssize_t n = ready < 0 ? -1 : read(fd, piece, sizeof piece);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return true;
        }
        if (said->n < 65536) {
            mtc_buffer_add(said, piece, (size_t)n);
        }
    }
}

static int wait_for_end(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return -1;
        }
    }
    return status;
}

/** gnuplot repeats the command and points at the place; the line that explains it is the last that is not blank. */
static void explain(const mtc_buffer *said, char *reason, size_t size)
{
    const char *line = said->text, *last = "gnuplot gave no reason";
    size_t n = strlen(last);

    while (line != NULL && *line != '\0') {
        const size_t length = strcspn(line, "\n");
        if (strspn(line, " \t^\r") < length) {
            last = line;
            n = length;
        }
        line += length + (line[length] == '\n' ? 1 : 0);
    }
    (void)snprintf(reason, size, "%.*s", (int)(n < 200 ? n : 200), last);
}

static bool judge(int status, bool in_time, const char *program, const mtc_buffer *said, char *reason, size_t size)
{
    reason[0] = '\0';
    if (!in_time) {
        (void)snprintf(reason, size, "%s took longer than %ld seconds", program, LONGEST_MS / 1000L);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        (void)snprintf(reason, size, "the program %s was not found", program);
    } else if (WIFEXITED(status) && WEXITSTATUS(status) == 126) {
        (void)snprintf(reason, size, "%s could not be started in the folder of figures", program);
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        explain(said, reason, size);
    }
    return reason[0] == '\0';
}

bool gnuplot_run(const char *program, const char *folder, const char *script, char *reason, size_t size)
{
    int ends[2];
    mtc_buffer said = MTC_BUFFER_INIT;

    if (pipe(ends) != 0) {
        (void)snprintf(reason, size, "no pipe to %s", program);
        return false;
    }
    const pid_t child = fork();
    if (child == 0) {
        become_gnuplot(program, folder, script, ends[1]);
    }
    (void)close(ends[1]);
    if (child < 0) {
        (void)close(ends[0]);
        (void)snprintf(reason, size, "no process for %s", program);
        return false;
    }
    const bool in_time = listen_to(ends[0], &said);
    if (!in_time) {
        (void)kill(child, SIGKILL);
    }
    const int status = wait_for_end(child);
    (void)close(ends[0]);
    const bool done = judge(status, in_time, program, &said, reason, size);
    mtc_buffer_fini(&said);
    return done;
}
