/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <stdarg.h>
#include <string.h>

double cli_seconds(const cli *c)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0) {
        return 0.0;
    }
    return (double)(now.tv_sec - c->start.tv_sec) + 1e-9 * (double)(now.tv_nsec - c->start.tv_nsec);
}

void cli_duration(double seconds, char *buf, size_t size)
{
    const unsigned long s = seconds > 0.0 ? (unsigned long)(seconds + 0.5) : 0;
    if (s < 60) {
        (void)snprintf(buf, size, "%lu s", s);
    } else if (s < 3600) {
        (void)snprintf(buf, size, "%lu min %02lu s", s / 60, s % 60);
    } else {
        (void)snprintf(buf, size, "%lu h %02lu min", s / 3600, s / 60 % 60);
    }
}

__attribute__((format(printf, 3, 0))) static void say(cli *c, const char *prefix, const char *format, va_list args)
{
    char text[2048];
    (void)vsnprintf(text, sizeof text, format, args);
    if (c->log) {
        fprintf(c->log, "%9.2f  %s%s\n", cli_seconds(c), prefix, text);
        (void)fflush(c->log);
    }
    if (!c->args.given[OPT_QUIET]) {
        cli_progress_end(c);
        fprintf(stderr, "%s%s\n", prefix, text);
    }
}

void cli_note(cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, "", format, args);
    va_end(args);
}

void cli_warn(cli *c, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(c, c->colour ? "\033[33mwarning:\033[0m " : "warning: ", format, args);
    va_end(args);
}

void cli_print_error(cli *c, const mtc_err *err)
{
    char text[2400];
    static const char word[] = "error: ";
    (void)mtc_err_format(err, text, sizeof text);
    cli_progress_end(c);
    if (c->log) {
        fprintf(c->log, "%9.2f  %s\n", cli_seconds(c), text);
    }
    char *const at = c->colour ? strstr(text, word) : NULL;
    if (at) {
        fprintf(stderr, "%.*s\033[31merror:\033[0m %s\n", (int)(at - text), text, at + sizeof word - 1);
    } else {
        fprintf(stderr, "%s\n", text);
    }
}

void cli_print_errors(cli *c)
{
    for (size_t i = 0; i < c->errors.n; i++) {
        cli_print_error(c, &c->errors.item[i]);
    }
    if (c->errors.n_all > c->errors.n) {
        fprintf(stderr, "and %zu more errors\n", c->errors.n_all - c->errors.n);
    } else if (c->errors.n > 1) {
        fprintf(stderr, "%zu errors\n", c->errors.n);
    }
}
