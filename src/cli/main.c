/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_spec.h"

#include <gsl/gsl_errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Adding a command is its file and its line here. */
static const cli_command *const commands[] = {&cli_command_check,    &cli_command_fit,      &cli_command_compare,
                                              &cli_command_evaluate, &cli_command_simulate, &cli_command_report,
                                              &cli_command_list,     &cli_command_selftest, NULL};

const char *cli_version(void)
{
    return MTC_VERSION;
}

static const cli_command *find_command(const char *word, mtc_err *err)
{
    const char *name[sizeof commands / sizeof *commands];
    size_t n = 0;
    for (; commands[n]; n++) {
        name[n] = commands[n]->name;
        if (strcmp(name[n], word) == 0) {
            return commands[n];
        }
    }
    (void)mtc_fail(err, MTC_EUSAGE, "'%s' is no command", word);
    const char *const near = mtc_nearest_name(word, name, n);
    if (near) {
        mtc_err_hint(err, "did you mean '%s'?", near);
    } else {
        mtc_err_hint(err, "'metachron --help' lists the commands");
    }
    return NULL;
}

static mtc_status run_command(cli *c, int argc, char **argv, mtc_err *err)
{
    mtc_status st = MTC_OK;
    c->command = find_command(argv[1], err);
    if (!c->command) {
        return MTC_EUSAGE;
    }
    MTC_TRY(cli_args_read(c->command, argc - 2, argv + 2, &c->args, err));
    if (c->args.given[OPT_HELP]) {
        cli_help_command(c->command);
        return MTC_OK;
    }
    st = c->command->run(c, err);
out:
    return st;
}

static mtc_status dispatch(cli *c, int argc, char **argv, mtc_err *err)
{
    if (argc < 2) {
        const mtc_status st = mtc_fail(err, MTC_EUSAGE, "no command given");
        mtc_err_hint(err, "'metachron --help' lists the commands");
        return st;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        cli_help_program(commands);
        return MTC_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        return cli_print_version();
    }
    return run_command(c, argc, argv, err);
}

int main(int argc, char **argv)
{
    cli c;
    mtc_err err = MTC_ERR_INIT;
    memset(&c, 0, sizeof c);
    (void)clock_gettime(CLOCK_MONOTONIC, &c.start);
    gsl_set_error_handler_off();
    mallopt(M_MMAP_THRESHOLD, 1 << 20); /* large scratch goes back to the system, whichever thread had it */
    mallopt(M_ARENA_MAX, 2);
    cli_catch_signals();
    const char *const no_colour = getenv("NO_COLOR");
    c.terminal = isatty(STDERR_FILENO) == 1;
    c.colour = c.terminal && !(no_colour && no_colour[0] != '\0');
    mtc_status st = dispatch(&c, argc, argv, &err);
    if (c.errors.n_all > 0) {
        cli_print_errors(&c);
    }
    if (st != MTC_OK && err.status != MTC_OK) {
        cli_print_error(&c, &err);
    }
    mtc_errlist_fini(&c.errors);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        st = st == MTC_OK ? MTC_EIO : st;
    }
    return mtc_status_exit_code(st);
}
