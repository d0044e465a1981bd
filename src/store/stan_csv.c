/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_stan_csv.h"

#include "mtc_arena.h"
#include "mtc_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/** The user's name of a model as part of a file name: what is not plain becomes _. */
static void put_model(const char *name, mtc_buffer *out)
{
    for (const char *p = name; *p != '\0'; p++) {
        mtc_buffer_add(out, strchr(plain, *p) != NULL ? p : "_", 1);
    }
}

/** Names that every reader leaves as they are. */
static bool is_plain_name(const char *name)
{
    return name != NULL && name[0] != '\0' && name[strspn(name, plain)] == '\0';
}

static mtc_status check_names(const mtc_stan_chain *c, mtc_err *err)
{
    for (size_t p = 0; p < c->n_param; p++) {
        if (!is_plain_name(c->param_name[p])) {
            return mtc_fail(err, MTC_EDOMAIN, "draws: parameter %zu has a name that Stan CSV cannot hold", p + 1);
        }
    }
    return MTC_OK;
}

static void put_settings(const mtc_stan_chain *c, mtc_buffer *out)
{
    const bool is_hmc = c->metric != NULL;

    mtc_buffer_printf(out, "# program = metachron %s\n", c->version);
    mtc_buffer_text(out, "# model = ");
    put_model(c->model, out);
    mtc_buffer_text(out, "_model\n");
    mtc_buffer_printf(out, "# method = sample (Default)\n#   sample\n");
    mtc_buffer_printf(out, "#     num_samples = %zu\n#     num_warmup = %zu\n", c->n_draw, c->n_warmup);
    mtc_buffer_printf(out, "#     save_warmup = 0 (Default)\n#     thin = 1 (Default)\n");
    mtc_buffer_printf(out, "#     algorithm = %s\n", is_hmc ? "hmc (Default)" : "rwm");
    if (is_hmc) {
        mtc_buffer_printf(out, "#       hmc\n#         engine = nuts (Default)\n#         metric = %s\n", c->metric);
    }
    mtc_buffer_printf(out, "#     sampler = %s\n", c->algorithm);
    mtc_buffer_printf(out, "# id = %zu\n# random\n#   seed = %" PRIu64 "\n", c->chain, c->seed);
}

static void put_header(const mtc_stan_chain *c, mtc_buffer *out)
{
    mtc_buffer_text(out, "lp__,accept_stat__,stepsize__,treedepth__,n_leapfrog__,divergent__,energy__");
    for (size_t p = 0; p < c->n_param; p++) {
        mtc_buffer_printf(out, ",%s", c->param_name[p]);
    }
    mtc_buffer_text(out, "\n");
}

static void put_adaptation(const mtc_stan_chain *c, mtc_buffer *out)
{
    mtc_buffer_text(out, "# Adaptation terminated\n");
    mtc_buffer_printf(out, "# Step size = %.17g\n", c->stepsize == NULL || c->n_draw == 0 ? 0.0 : c->stepsize[0]);
}

/** 17 digits, so that reading gives the same bits; words that R and Python know for the rest. */
static void put_number(mtc_buffer *out, double x)
{
    if (isfinite(x)) {
        mtc_buffer_printf(out, "%.17g", x);
    } else {
        mtc_buffer_text(out, isnan(x) ? "NaN" : x > 0.0 ? "Inf" : "-Inf");
    }
}

static void put_statistic(mtc_buffer *out, const double *x, size_t draw)
{
    mtc_buffer_text(out, ",");
    put_number(out, x == NULL ? 0.0 : x[draw]);
}

static void put_draw(const mtc_stan_chain *c, size_t draw, mtc_buffer *out)
{
    put_number(out, c->log_prior[draw] + c->log_likelihood[draw]);
    put_statistic(out, c->accept_stat, draw);
    put_statistic(out, c->stepsize, draw);
    put_statistic(out, c->treedepth, draw);
    put_statistic(out, c->n_leapfrog, draw);
    put_statistic(out, c->divergent, draw);
    put_statistic(out, c->energy, draw);
    for (size_t p = 0; p < c->n_param; p++) {
        put_statistic(out, c->param[p], draw);
    }
    mtc_buffer_text(out, "\n");
}

mtc_status mtc_stan_csv_format(const mtc_stan_chain *chain, mtc_buffer *out, mtc_err *err)
{
    mtc_status st = MTC_OK;

    if (chain == NULL || out == NULL || chain->model == NULL || chain->log_prior == NULL ||
        chain->log_likelihood == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_stan_csv_format: missing argument");
    }
    MTC_TRY(check_names(chain, err));
    put_settings(chain, out);
    put_header(chain, out);
    put_adaptation(chain, out);
    for (size_t d = 0; d < chain->n_draw; d++) {
        put_draw(chain, d, out);
    }
    mtc_buffer_text(out, "#  Elapsed Time: see timing.json\n");
    st = mtc_buffer_check(out, err);
out:
    return st;
}

mtc_status mtc_stan_csv_write(const char *folder, const mtc_stan_chain *chain, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_buffer text = MTC_BUFFER_INIT, name = MTC_BUFFER_INIT;
    char *draws = NULL, *path = NULL;

    if (folder == NULL) {
        return mtc_fail(err, MTC_EDOMAIN, "mtc_stan_csv_write: missing folder");
    }
    MTC_TRY(mtc_stan_csv_format(chain, &text, err));
    MTC_TRY(mtc_path_join(folder, "draws", &draws, err));
    MTC_TRY(mtc_folder_create(draws, err));
    put_model(chain->model, &name);
    mtc_buffer_printf(&name, "_chain%zu.csv", chain->chain);
    MTC_TRY(mtc_buffer_check(&name, err));
    MTC_TRY(mtc_path_join(draws, name.text, &path, err));
    MTC_TRY(mtc_file_write(path, text.text, text.n, err));
out:
    mtc_free(path);
    mtc_free(draws);
    mtc_buffer_fini(&name);
    mtc_buffer_fini(&text);
    return st;
}
