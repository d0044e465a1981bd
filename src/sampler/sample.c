/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_sample.h"

#include "mtc_arena.h"
#include "mtc_linalg.h"
#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- settings ---- */

const mtc_key mtc_sampler_keys[] = {
    {.key = "chains", .type = MTC_KEY_COUNT, .lower = 2, .upper = 64, .default_value = "4", .help = "number of chains"},
    {.key = "warmup",
     .type = MTC_KEY_COUNT,
     .lower = 20,
     .upper = 1e6,
     .default_value = "300",
     .help = "warm-up steps of each chain, in which step size and metric adapt"},
    {.key = "draws",
     .type = MTC_KEY_COUNT,
     .lower = 100,
     .upper = 1e6,
     .default_value = "1000",
     .help = "draws of each chain in the first round"},
    {.key = "max_draws",
     .type = MTC_KEY_COUNT,
     .lower = 100,
     .upper = 1e7,
     .default_value = "8000",
     .help = "draws of each chain at most; a run that has not converged goes on up to here"},
    {.key = "target_acceptance",
     .type = MTC_KEY_NUMBER,
     .lower = 0.5,
     .upper = 0.999,
     .default_value = "0.8",
     .help = "acceptance that the step size is tuned to; more means smaller steps"},
    {.key = "max_tree_depth",
     .type = MTC_KEY_COUNT,
     .lower = 3,
     .upper = 15,
     .default_value = "10",
     .help = "doublings of a trajectory at most"},
    {.key = NULL}};

mtc_status mtc_sampler_read(mtc_sampler_settings *settings, const mtc_spec *spec, mtc_errlist *errors)
{
    mtc_status st = MTC_OK;
    mtc_err err = MTC_ERR_INIT;
    const mtc_key *keys = mtc_sampler_keys;
    *settings = (mtc_sampler_settings)MTC_SAMPLER_INIT;
    if (spec) {
        st = mtc_spec_check(spec, keys, NULL, errors);
        if (st != MTC_OK) {
            return st;
        }
    }
    MTC_TRY(mtc_spec_get_count(spec, keys, "chains", &settings->n_chain, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "warmup", &settings->n_warmup, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "draws", &settings->n_draw, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "max_draws", &settings->max_draw, &err));
    MTC_TRY(mtc_spec_get_number(spec, keys, "target_acceptance", &settings->target_acceptance, &err));
    MTC_TRY(mtc_spec_get_count(spec, keys, "max_tree_depth", &settings->max_tree_depth, &err));
    if (settings->n_chain % 2 != 0) {
        const mtc_spec *given = mtc_spec_find(spec, "chains");
        return mtc_errlist_add(errors, MTC_ECONFIG, given ? &given->pos : NULL,
                               "the bridge fits on one half of them and weighs the other",
                               "sampler.chains is %zu, an even number is needed", settings->n_chain);
    }
    if (settings->max_draw < settings->n_draw) {
        const mtc_spec *given = mtc_spec_find(spec, "max_draws");
        if (given) {
            return mtc_errlist_add(errors, MTC_ECONFIG, &given->pos, NULL,
                                   "sampler.max_draws is %zu, less than the %zu draws of the first round",
                                   settings->max_draw, settings->n_draw);
        }
        settings->max_draw = settings->n_draw;
    }
out:
    return st == MTC_OK ? MTC_OK : mtc_errlist_push(errors, &err);
}

/* Significance of a curvature term, standard errors of independent draws: draws of chains are fewer than they seem. */
static const double bend_threshold = 6.0;

/* ---- starts ---- */

/* One chain's start: its point plus a normal draw by the covariance, pulled back while it is outside. */
static mtc_status place_chain(mtc_evaluator *e, const mtc_starts *starts, size_t k, gsl_rng *rng, double *x,
                              mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = e->target->n_dim, point = k % starts->n_point;
    double *away = mtc_calloc(n, sizeof *away);
    if (!away) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for a start");
    }
    for (size_t i = 0; i < n; i++) {
        away[i] = mtc_rng_normal(rng);
    }
    mtc_lower_mul(starts->chol + point * n * n, n, away);
    const int max_halving = 20;
    double value = -(double)INFINITY;
    for (int h = 0; h <= max_halving && !isfinite(value); h++) {
        /* the last try is the point itself */
        const double share = h < max_halving ? ldexp(1.0, -h) : 0.0;
        for (size_t i = 0; i < n; i++) {
            x[i] = starts->x[point * n + i] + share * away[i];
        }
        MTC_TRY(mtc_evaluator_log_density(e, x, 1.0, &value, NULL, NULL, err));
    }
    if (!isfinite(value)) {
        st = mtc_fail(err, MTC_EDOMAIN, "%s: a starting point lies outside the support", e->target->name);
    }
out:
    mtc_free(away);
    return st;
}

/* Starts of all chains, and tuning: step size to be found, covariance of the point. */
static mtc_status place_chains(const mtc_chains_plan *plan, const mtc_starts *starts, double *x, double *tuning,
                               unsigned long *n_value, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = plan->target->n_dim, n_tuning = 1 + n * n;
    mtc_evaluator e = {0};
    gsl_rng *rng = NULL;
    char stream[320];
    MTC_TRY(mtc_evaluator_init(&e, plan->target, err));
    for (size_t k = 0; k < plan->n_chain; k++) {
        snprintf(stream, sizeof stream, "%s/start %zu", plan->stream, k);
        gsl_rng_free(rng);
        rng = NULL;
        MTC_TRY(mtc_rng_stream(plan->seed, stream, &rng, err));
        MTC_TRY(place_chain(&e, starts, k, rng, x + k * n, err));
        const double *l = starts->chol + (k % starts->n_point) * n * n;
        double *cov = tuning + k * n_tuning + 1;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                cov[i * n + j] = 0.0;
                for (size_t m = 0; m <= (i < j ? i : j); m++) {
                    cov[i * n + j] += l[i * n + m] * l[j * n + m];
                }
            }
        }
    }
    *n_value += e.n_value;
out:
    gsl_rng_free(rng);
    mtc_evaluator_fini(&e);
    return st;
}

/* ---- rounds ---- */

static mtc_status first_round(mtc_exec *exec, mtc_chains_plan *plan, const mtc_starts *starts, mtc_sample *out,
                              mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = plan->target->n_dim;
    double *x = mtc_calloc(plan->n_chain * (n + 1 + n * n), sizeof *x);
    if (!x) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of %s", plan->target->name);
    }
    double *tuning = x + plan->n_chain * n;
    MTC_TRY(place_chains(plan, starts, x, tuning, &out->n_value, err));
    plan->start = x;
    plan->tuning = tuning;
    mtc_chains_fini(&out->chains);
    MTC_TRY(mtc_chains_run(exec, plan, &out->chains, err));
out:
    plan->start = NULL;
    plan->tuning = NULL;
    mtc_free(x);
    return st;
}

/* A map that straightens what the draws so far look like, for the trajectories of the next round; none where they have
 * no covariance of full rank. */
static mtc_status straighten(mtc_sample *out, mtc_nuts *nuts, mtc_err *err)
{
    const mtc_chains *c = &out->chains;
    const size_t n = c->n_chain * c->n_draw;
    double *log_weight = mtc_calloc(n, sizeof *log_weight);
    if (!log_weight) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the weights of %zu draws", n);
    }
    const mtc_wsample sample = {.n = n, .n_dim = c->n_dim, .x = c->x, .log_weight = log_weight};
    mtc_status st = mtc_bend_fit(&sample, bend_threshold, &out->bend, err);
    mtc_free(log_weight);
    if (st == MTC_ENUMERIC) {
        mtc_err_clear(err);
        st = MTC_OK;
    } else if (st == MTC_OK) {
        nuts->bend = &out->bend;
    }
    return st;
}

/* A round from where the last one ended, in straightened coordinates: the metric starts as the identity. */
static mtc_status straight_round(mtc_exec *exec, mtc_chains_plan *plan, mtc_sample *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = plan->target->n_dim, n_tuning = 1 + n * n;
    double *x = mtc_calloc(plan->n_chain * (n + n_tuning), sizeof *x);
    if (!x) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of %s", plan->target->name);
    }
    double *tuning = x + plan->n_chain * n;
    for (size_t k = 0; k < plan->n_chain; k++) {
        memcpy(x + k * n, mtc_chains_draw(&out->chains, k, out->chains.n_draw - 1), n * sizeof *x);
        for (size_t i = 0; i < n; i++) {
            tuning[k * n_tuning + 1 + i * n + i] = 1.0;
        }
    }
    plan->start = x;
    plan->tuning = tuning;
    mtc_chains_fini(&out->chains);
    MTC_TRY(mtc_chains_run(exec, plan, &out->chains, err));
out:
    plan->start = NULL;
    plan->tuning = NULL;
    mtc_free(x);
    return st;
}

/* More draws cannot mend trajectories that fail or chains that are far apart. */
static bool wants_restart(const mtc_diagnosis *d)
{
    const double far_apart = 1.1;
    for (size_t i = 0; i < d->n_check; i++) {
        const mtc_check *c = &d->check[i];
        const bool is_rhat = strcmp(c->name, "rhat_max") == 0;
        const bool is_trajectory = strcmp(c->name, "divergent_share") == 0 || strcmp(c->name, "ebfmi_min") == 0;
        if (!c->pass && (is_trajectory || (is_rhat && c->value > far_apart))) {
            return true;
        }
    }
    return false;
}

/* Whether a check fails that more draws can mend: agreement of the chains or effective draws. */
static bool wants_draws(const mtc_diagnosis *d)
{
    for (size_t i = 0; i < d->n_check; i++) {
        const char *const name = d->check[i].name;
        if (!d->check[i].pass && (strcmp(name, "rhat_max") == 0 || strncmp(name, "ess_", 4) == 0)) {
            return true;
        }
    }
    return false;
}

static void drop_round(mtc_sample *out)
{
    out->n_value += out->chains.n_value;
    out->n_gradient += out->chains.n_gradient;
}

static mtc_status sample_rounds(mtc_exec *exec, mtc_chains_plan *plan, mtc_nuts *nuts,
                                const mtc_sampler_settings *settings, const mtc_starts *starts, char *again,
                                mtc_sample *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double careful = 0.95;
    MTC_TRY(first_round(exec, plan, starts, out, err));
    MTC_TRY(mtc_diagnose(&out->chains, plan->target, settings->max_tree_depth, &out->diagnosis, err));
    if (!out->diagnosis.converged && wants_restart(&out->diagnosis)) {
        drop_round(out);
        plan->stream = again;
        plan->n_warmup *= 2;
        nuts->target_acceptance = fmax(nuts->target_acceptance, careful);
        out->restarted = true;
        MTC_TRY(straighten(out, nuts, err));
        if (nuts->bend) {
            MTC_TRY(straight_round(exec, plan, out, err));
        } else {
            MTC_TRY(first_round(exec, plan, starts, out, err));
        }
        MTC_TRY(mtc_diagnose(&out->chains, plan->target, settings->max_tree_depth, &out->diagnosis, err));
    }
    while (wants_draws(&out->diagnosis) && out->chains.n_draw < settings->max_draw) {
        const size_t room = settings->max_draw - out->chains.n_draw;
        const size_t more = out->chains.n_draw < room ? out->chains.n_draw : room;
        MTC_TRY(mtc_chains_continue(exec, plan, more, &out->chains, err));
        out->n_continued++;
        MTC_TRY(mtc_diagnose(&out->chains, plan->target, settings->max_tree_depth, &out->diagnosis, err));
    }
    drop_round(out);
out:
    return st;
}

mtc_status mtc_sample_nuts(mtc_exec *exec, const mtc_target *target, const mtc_sampler_settings *settings,
                           const mtc_starts *starts, uint64_t seed, mtc_sample *out, mtc_err *err)
{
    if (!exec || !target || !settings || !starts || starts->n_point == 0 || !out) {
        return mtc_fail(err, MTC_EDOMAIN, "sampling needs an executor, a target, settings and starting points");
    }
    *out = (mtc_sample){.chains = MTC_CHAINS_INIT};
    char stream[256], again[256];
    snprintf(stream, sizeof stream, "%s/nuts", target->name);
    snprintf(again, sizeof again, "%s/nuts again", target->name);
    mtc_nuts nuts = MTC_NUTS_INIT;
    nuts.target_acceptance = settings->target_acceptance;
    nuts.max_tree_depth = settings->max_tree_depth;
    mtc_chains_plan plan = {.target = target,
                            .kernel = &mtc_kernel_nuts,
                            .self = &nuts,
                            .seed = seed,
                            .stream = stream,
                            .n_chain = settings->n_chain,
                            .n_warmup = settings->n_warmup,
                            .n_draw = settings->n_draw};
    const mtc_status st = sample_rounds(exec, &plan, &nuts, settings, starts, again, out, err);
    if (st != MTC_OK) {
        mtc_sample_fini(out);
    }
    return st;
}

void mtc_sample_fini(mtc_sample *sample)
{
    mtc_chains_fini(&sample->chains);
    mtc_bend_fini(&sample->bend);
}
