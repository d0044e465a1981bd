/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef METACHRON_CLI_H
#define METACHRON_CLI_H

#include "mtc_err.h"
#include "mtc_exec.h"
#include "mtc_run.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* ---- options ---- */

/** Every option there is; a command's table names those it takes. */
typedef enum {
    OPT_END,
    OPT_OUTPUT,
    OPT_SET,
    OPT_SEED,
    OPT_THREADS,
    OPT_MODEL,
    OPT_AT,
    OPT_GRADIENT,
    OPT_PER_OBSERVATION,
    OPT_DRY_RUN,
    OPT_QUICK,
    OPT_SEEDS,
    OPT_FORCE,
    OPT_JSON,
    OPT_QUIET,
    OPT_HELP,
    OPT_COUNT
} cli_option;

/** One option: how it is written and what it does. */
typedef struct {
    const char *name;  /* "--output" without the dashes */
    char letter;       /* 'o', or 0 */
    const char *value; /* "FOLDER"; NULL: a switch */
    const char *help;  /* one line */
} cli_option_info;

extern const cli_option_info cli_options[OPT_COUNT];

enum { MAX_SET = 128, MAX_ARGUMENT = 4 };

/** The command line, read. */
typedef struct {
    const char *value[OPT_COUNT]; /* text of options with a value; NULL: not given */
    bool given[OPT_COUNT];
    const char *set[MAX_SET]; /* --set, then those that --seed and --threads stand for */
    size_t n_set;
    const char *argument[MAX_ARGUMENT];
    size_t n_argument;
    uint64_t seed, threads, seeds; /* 0 where not given */
    char seed_set[40], threads_set[40];
} cli_args;

/* ---- commands ---- */

struct cli;

/** One command. All of `--help` comes from here. */
typedef struct {
    const char *name;
    const char *summary;       /* one line */
    const char *arguments;     /* "fit.yaml" */
    size_t n_min, n_max;       /* of arguments */
    const cli_option *options; /* ended by OPT_END; --help, --quiet belong to every command */
    const char *text;          /* what it does, a few lines */
    const char *examples;      /* lines */
    mtc_status (*run)(struct cli *cli, mtc_err *err);
} cli_command;

extern const cli_command cli_command_check, cli_command_fit, cli_command_compare, cli_command_evaluate,
    cli_command_simulate, cli_command_report, cli_command_list, cli_command_selftest;

/** A run of the program. */
typedef struct cli {
    const cli_command *command;
    cli_args args;
    bool colour;        /* of stderr */
    bool terminal;      /* stderr is one */
    mtc_errlist errors; /* reported at the end, before the error that a command returns */
    FILE *log;          /* run.log while one is written, NULL else */
    struct timespec start;
    /* progress */
    char job[128];
    double job_start;
    double last_shown;
    bool bar_shown;
} cli;

const char *cli_version(void);
/** The command line as it can be typed again, without output folder, threads and switches of display; in arena. */
mtc_status cli_command_text(const cli *c, mtc_arena *arena, const char **out, mtc_err *err);

/** Read the command line of a command. Errors: MTC_EUSAGE with "did you mean". */
mtc_status cli_args_read(const cli_command *command, int argc, char **argv, cli_args *args, mtc_err *err);
/** Whether a command takes an option. */
bool cli_takes(const cli_command *command, cli_option option);

void cli_help_command(const cli_command *command);
void cli_help_program(const cli_command *const *commands);
mtc_status cli_print_version(void);

/* ---- messages ---- */

/** Seconds since the program began. */
double cli_seconds(const cli *c);
/** A line on stderr (not with --quiet) and in run.log. */
void cli_note(cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void cli_warn(cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
/** One error on stderr. */
void cli_print_error(cli *c, const mtc_err *err);
/** All errors collected and their number. */
void cli_print_errors(cli *c);
/** Words for a time span, "1 min 20 s". */
void cli_duration(double seconds, char *buf, size_t size);

/* ---- progress and interruption ---- */

/** SIGINT and SIGTERM end a run at its next finished task or step of a chain. */
void cli_catch_signals(void);
bool cli_interrupted(void);
/** For mtc_exec_set_progress with the cli as user. */
int cli_progress(void *user, const char *job, size_t done, size_t n_task);
/** End the bar, so that the next line stands alone. */
void cli_progress_end(cli *c);

/* ---- work ---- */

/** Read the configuration named first on the command line, its data and models. Errors are in c->errors. */
mtc_status cli_open_run(cli *c, bool with_check, mtc_run **out, mtc_err *err);
/** The model of --model, or the only one. */
mtc_status cli_find_model(const cli *c, const mtc_run *run, const mtc_run_model **out, mtc_err *err);
/** The point of --at for a model; notes on stderr for names that it does not use. */
mtc_status cli_read_point(cli *c, const mtc_run_model *model, mtc_arena *arena, mtc_run_point *out, mtc_err *err);
/** Threads of the configuration. */
mtc_status cli_create_exec(cli *c, const mtc_run *run, mtc_exec **out, mtc_err *err);

/** A folder that appears whole or not at all: written beside its place and renamed at the end. */
typedef struct {
    char *path; /* where it will stand */
    char *work; /* where to write; NULL after commit */
    bool replaces;
} cli_output;

/** Check that the folder of --output may be written, and begin. Errors: MTC_EUSAGE, MTC_EEXISTS, MTC_EIO. */
mtc_status cli_output_begin(cli *c, cli_output *out, mtc_err *err);
/** Put it in its place. */
mtc_status cli_output_commit(cli_output *out, mtc_err *err);
/** Release; what was not committed is removed. */
void cli_output_fini(cli_output *out);
/** Write one file into it. */
mtc_status cli_output_write(const cli_output *out, const char *name, const char *text, size_t n, mtc_err *err);

#endif
