/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t interrupted = 0;

static void on_signal(int number)
{
    static const char text[] =
        "\nstopping in a moment; a second signal stops at once and may leave a folder *.part-* behind\n";
    (void)number;
    interrupted = 1;
    const int saved = errno;
    const ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
    (void)written; /* nothing can be done about it here */
    errno = saved;
}

void cli_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    (void)sigemptyset(&action.sa_mask);
    action.sa_flags = (int)SA_RESETHAND; /* a second one ends the program at once */
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

void cli_progress_end(cli *c)
{
    if (c->bar_shown) {
        fprintf(stderr, "\r\033[K");
        c->bar_shown = false;
    }
}

static void show_bar(cli *c, size_t done, size_t n_task, double seconds)
{
    enum { WIDTH = 30 };
    char bar[WIDTH + 1], left[40] = "", text[64];
    const size_t full = n_task > 0 ? done * WIDTH / n_task : 0;
    memset(bar, '#', full);
    memset(bar + full, '.', WIDTH - full);
    bar[WIDTH] = '\0';
    if (done > 0 && done < n_task) {
        cli_duration(seconds / (double)done * (double)(n_task - done), text, sizeof text);
        (void)snprintf(left, sizeof left, "%.30s left", text);
    }
    fprintf(stderr, "\r\033[K[%s] %3zu%%  %s  %s", bar, n_task > 0 ? 100 * done / n_task : 100, c->job, left);
    (void)fflush(stderr);
    c->bar_shown = true;
}

/* Without a terminal: a line per finished job, not more than one a second, and a sign of life in long ones. */
static void show_line(cli *c, size_t done, size_t n_task, double now)
{
    enum { QUIET_SECONDS = 15 };
    char text[64];
    if (now - c->last_shown < (done == n_task ? 1.0 : QUIET_SECONDS)) {
        return;
    }
    cli_duration(now, text, sizeof text);
    if (done == n_task) {
        fprintf(stderr, "%12s  %s\n", text, c->job);
    } else {
        fprintf(stderr, "%12s  %s: %zu of %zu\n", text, c->job, done, n_task);
    }
    c->last_shown = now;
}

int cli_progress(void *user, const char *job, size_t done, size_t n_task)
{
    cli *const c = user;
    const double now = cli_seconds(c);
    const bool is_new = strcmp(c->job, job) != 0 || done <= 1;
    if (is_new) {
        (void)snprintf(c->job, sizeof c->job, "%s", job);
        c->job_start = now;
    }
    if (c->log && done == n_task) {
        fprintf(c->log, "%9.2f  %s: %zu tasks\n", now, job, n_task);
    }
    if (!c->args.given[OPT_QUIET]) {
        if (!c->terminal) {
            show_line(c, done, n_task, now);
        } else if (done == n_task || now - c->last_shown > 0.1) {
            show_bar(c, done, n_task, now - c->job_start);
            c->last_shown = now;
        }
    }
    return cli_interrupted() ? 1 : 0;
}
