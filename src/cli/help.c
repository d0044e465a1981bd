/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli.h"

#include <csv.h>
#include <gsl/gsl_version.h>
#include <jansson.h>
#include <nlopt.h>
#include <yaml.h>

static void print_option(cli_option o)
{
    const cli_option_info *const info = &cli_options[o];
    char left[64];
    const char letter[] = {'-', info->letter, ',', ' ', '\0'};
    (void)snprintf(left, sizeof left, "%s--%s%s%s", info->letter ? letter : "    ", info->name, info->value ? " " : "",
                   info->value ? info->value : "");
    printf("  %-26s %s\n", left, info->help);
}

/* Statuses grouped by their exit code, from the one list. */
static void print_exit_codes(void)
{
    printf("\nExit codes\n");
    for (int code = 0; code <= 255; code++) {
        const char *separator = NULL;
        for (int st = 0; st < MTC_STATUS_COUNT; st++) {
            if (mtc_status_exit_code((mtc_status)st) == code) {
                if (separator) {
                    printf("%s%s", separator, mtc_status_text((mtc_status)st));
                } else {
                    printf("  %3d  %s", code, mtc_status_text((mtc_status)st));
                }
                separator = code < 70 ? "; or " : ", ";
            }
        }
        printf("%s", separator ? "\n" : "");
    }
}

void cli_help_command(const cli_command *command)
{
    printf("metachron %s - %s\n\nUsage: metachron %s %s [options]\n\n%s\n\nOptions\n", command->name, command->summary,
           command->name, command->arguments, command->text);
    for (int o = OPT_END + 1; o < OPT_COUNT; o++) {
        if (cli_takes(command, (cli_option)o)) {
            print_option((cli_option)o);
        }
    }
    printf("\nExamples\n%s", command->examples);
    print_exit_codes();
}

void cli_help_program(const cli_command *const *commands)
{
    printf("metachron - linear against parallel progression of metastasis: posteriors and Bayes factors\n\n"
           "Usage: metachron COMMAND [arguments] [options]\n\nCommands\n");
    for (size_t i = 0; commands[i]; i++) {
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    printf("\n  metachron COMMAND --help   options and examples of a command\n"
           "  metachron --version        versions of the program and its libraries\n");
    print_exit_codes();
}

mtc_status cli_print_version(void)
{
    printf("metachron %s\n"
           "libyaml %s, GSL %s, jansson %s, libcsv %d.%d.%d",
           cli_version(), yaml_get_version_string(), gsl_version, JANSSON_VERSION, CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
    int major = 0, minor = 0, bugfix = 0;
    nlopt_version(&major, &minor, &bugfix);
    printf(", NLopt %d.%d.%d\n", major, minor, bugfix);
    return MTC_OK;
}
