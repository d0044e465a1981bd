/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include "mtc_spec.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const cli_option_info cli_options[OPT_COUNT] = {
    [OPT_END] = {"", 0, NULL, ""},
    [OPT_OUTPUT] = {"output", 'o', "FOLDER", "write results here; must not exist yet, unless --force"},
    [OPT_SET] = {"set", 0, "PATH=VALUE", "override a value of the configuration; may be repeated"},
    [OPT_SEED] = {"seed", 0, "NUMBER", "seed of all random numbers (default: the configuration's)"},
    [OPT_THREADS] = {"threads", 0, "NUMBER", "threads; 0: as many as processors. Does not change results"},
    [OPT_MODEL] = {"model", 0, "NAME", "one model of the configuration"},
    [OPT_AT] = {"at", 0, "FILE", "JSON file of parameter values in natural units"},
    [OPT_GRADIENT] = {"gradient", 0, NULL, "also print derivatives by each parameter"},
    [OPT_PER_OBSERVATION] = {"per-observation", 0, NULL, "also print the log-likelihood of each patient, row or count"},
    [OPT_DRY_RUN] = {"dry-run", 0, NULL, "say what would be run and what one evaluation costs, then stop"},
    [OPT_QUICK] = {"quick", 0, NULL, "only what takes little time"},
    [OPT_SEEDS] = {"seeds", 0, "NUMBER", "runs of each problem, with seeds from --seed on"},
    [OPT_FORCE] = {"force", 0, NULL, "replace existing output"},
    [OPT_JSON] = {"json", 0, NULL, "print JSON"},
    [OPT_QUIET] = {"quiet", 'q', NULL, "no progress and no messages, errors excepted"},
    [OPT_HELP] = {"help", 'h', NULL, "print this help"},
};

bool cli_takes(const cli_command *command, cli_option option)
{
    if (option == OPT_HELP || option == OPT_QUIET) {
        return true;
    }
    for (const cli_option *o = command->options; *o != OPT_END; o++) {
        if (*o == option) {
            return true;
        }
    }
    return false;
}

static mtc_status unknown_option(const cli_command *command, const char *word, mtc_err *err)
{
    const char *name[OPT_COUNT];
    size_t n = 0;
    for (int o = OPT_END + 1; o < OPT_COUNT; o++) {
        if (cli_takes(command, (cli_option)o)) {
            name[n++] = cli_options[o].name;
        }
    }
    const mtc_status st = mtc_fail(err, MTC_EUSAGE, "'%s' has no option '%s'", command->name, word);
    const char *const near = mtc_nearest_name(word + strspn(word, "-"), name, n);
    if (near) {
        mtc_err_hint(err, "did you mean '--%s'?", near);
    } else {
        mtc_err_hint(err, "'metachron %s --help' lists its options", command->name);
    }
    return st;
}

/* The option that a word names, OPT_END where none; *value: what follows '=' or NULL. */
static cli_option find_option(const cli_command *command, const char *word, const char **value)
{
    *value = NULL;
    for (int o = OPT_END + 1; o < OPT_COUNT; o++) {
        const cli_option_info *const info = &cli_options[o];
        const size_t n = strlen(info->name);
        if (!cli_takes(command, (cli_option)o)) {
            continue;
        }
        if (word[1] != '-' && info->letter != 0 && word[1] == info->letter) {
            *value = word[2] != '\0' ? word + 2 : NULL;
            return word[2] != '\0' && !info->value ? OPT_END : (cli_option)o;
        }
        if (word[1] == '-' && strncmp(word + 2, info->name, n) == 0 && (word[n + 2] == '\0' || word[n + 2] == '=')) {
            *value = word[n + 2] == '=' ? word + n + 3 : NULL;
            return *value && !info->value ? OPT_END : (cli_option)o;
        }
    }
    return OPT_END;
}

static mtc_status add_set(cli_args *args, const char *setting, mtc_err *err)
{
    if (args->n_set == MAX_SET) {
        return mtc_fail(err, MTC_EUSAGE, "--set is given more than %d times", MAX_SET);
    }
    args->set[args->n_set++] = setting;
    return MTC_OK;
}

static mtc_status take_option(const cli_command *command, cli_args *args, cli_option o, const char *value, mtc_err *err)
{
    (void)command;
    if (args->given[o] && cli_options[o].value && o != OPT_SET) {
        return mtc_fail(err, MTC_EUSAGE, "--%s is given twice", cli_options[o].name);
    }
    args->given[o] = true;
    args->value[o] = value;
    return o == OPT_SET ? add_set(args, value, err) : MTC_OK;
}

static mtc_status take_argument(const cli_command *command, cli_args *args, const char *word, mtc_err *err)
{
    if (args->n_argument == command->n_max || args->n_argument == MAX_ARGUMENT) {
        const mtc_status st = mtc_fail(err, MTC_EUSAGE, "'%s' is one argument too many", word);
        mtc_err_hint(err, "usage: metachron %s %s [options]", command->name, command->arguments);
        return st;
    }
    args->argument[args->n_argument++] = word;
    return MTC_OK;
}

/* The value of an option, where it is given. */
static mtc_status read_number(const cli_args *args, cli_option o, uint64_t *out, mtc_err *err)
{
    char *end = NULL;
    const char *const value = args->value[o];
    if (!value) {
        return MTC_OK;
    }
    const unsigned long long number = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != '\0' || number > (1ULL << 53)) {
        return mtc_fail(err, MTC_EUSAGE, "--%s needs a whole number, got '%.80s'", cli_options[o].name, value);
    }
    *out = number;
    return MTC_OK;
}

/* --seed and --threads are settings of the configuration as well. */
static mtc_status number_as_set(cli_args *args, cli_option o, uint64_t number, char *text, size_t size, mtc_err *err)
{
    if (!args->value[o]) {
        return MTC_OK;
    }
    (void)snprintf(text, size, "%s=%llu", cli_options[o].name, (unsigned long long)number);
    return add_set(args, text, err);
}

static mtc_status read_numbers(cli_args *args, mtc_err *err)
{
    mtc_status st = MTC_OK;
    MTC_TRY(read_number(args, OPT_SEED, &args->seed, err));
    MTC_TRY(read_number(args, OPT_THREADS, &args->threads, err));
    MTC_TRY(read_number(args, OPT_SEEDS, &args->seeds, err));
    MTC_TRY(number_as_set(args, OPT_SEED, args->seed, args->seed_set, sizeof args->seed_set, err));
    MTC_TRY(number_as_set(args, OPT_THREADS, args->threads, args->threads_set, sizeof args->threads_set, err));
out:
    return st;
}

static mtc_status check_arguments(const cli_command *command, const cli_args *args, mtc_err *err)
{
    if (args->n_argument >= command->n_min || args->given[OPT_HELP]) {
        return MTC_OK;
    }
    const mtc_status st = mtc_fail(err, MTC_EUSAGE, "'%s' needs %s", command->name, command->arguments);
    mtc_err_hint(err, "usage: metachron %s %s [options]", command->name, command->arguments);
    return st;
}

mtc_status cli_args_read(const cli_command *command, int argc, char **argv, cli_args *args, mtc_err *err)
{
    mtc_status st = MTC_OK;
    bool options = true;
    memset(args, 0, sizeof *args);
    for (int i = 0; i < argc; i++) {
        const char *const word = argv[i];
        const char *value = NULL;
        if (options && strcmp(word, "--") == 0) {
            options = false;
            continue;
        }
        if (!options || word[0] != '-' || word[1] == '\0') {
            MTC_TRY(take_argument(command, args, word, err));
            continue;
        }
        const cli_option o = find_option(command, word, &value);
        if (o == OPT_END) {
            return unknown_option(command, word, err);
        }
        if (cli_options[o].value && !value) {
            if (i + 1 == argc) {
                return mtc_fail(err, MTC_EUSAGE, "--%s needs a value: %s", cli_options[o].name, cli_options[o].value);
            }
            value = argv[++i];
        }
        MTC_TRY(take_option(command, args, o, value, err));
    }
    MTC_TRY(read_numbers(args, err));
    MTC_TRY(check_arguments(command, args, err));
out:
    return st;
}

mtc_status cli_command_text(const cli *c, mtc_arena *arena, const char **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char *text = NULL;
    MTC_TRY(mtc_arena_printf(arena, &text, err, "metachron %s", c->command->name));
    for (size_t i = 0; i < c->args.n_argument; i++) {
        MTC_TRY(mtc_arena_printf(arena, &text, err, "%s %s", text, c->args.argument[i]));
    }
    for (size_t i = 0; i < c->args.n_set; i++) {
        if (c->args.set[i] != c->args.seed_set && c->args.set[i] != c->args.threads_set) {
            MTC_TRY(mtc_arena_printf(arena, &text, err, "%s --set '%s'", text, c->args.set[i]));
        }
    }
    static const cli_option shown[] = {OPT_SEED, OPT_MODEL};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (c->args.value[shown[i]]) {
            MTC_TRY(mtc_arena_printf(arena, &text, err, "%s --%s %s", text, cli_options[shown[i]].name,
                                     c->args.value[shown[i]]));
        }
    }
    *out = text;
out:
    return st;
}
