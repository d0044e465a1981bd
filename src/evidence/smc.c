/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "alarm_internal.h"

#include "mtc_arena.h"
#include "mtc_estimator.h"
#include "mtc_logmath.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 192
/* Spread of the runs' log evidences from which on their mean cannot be trusted to have a normal error. */
#define SPREAD_GATE 0.8

static const mtc_key smc_keys[] = {{.key = "smc_runs",
                                    .type = MTC_KEY_COUNT,
                                    .lower = 4,
                                    .upper = 1000,
                                    .default_value = "8",
                                    .help = "independent runs of sequential Monte Carlo"},
                                   {.key = "smc_particles",
                                    .type = MTC_KEY_COUNT,
                                    .lower = 64,
                                    .upper = 1e7,
                                    .default_value = "512",
                                    .help = "particles of each run, first attempt; kept in chains of 16"},
                                   {.key = NULL}};

typedef struct {
    size_t n_run, n_particle;
} smc_settings;

typedef struct {
    smc_settings set;
    mtc_smc_settings smc; /* of the last run */
    mtc_smc_ladder ladder;
    mtc_smc_result result;
    unsigned long n_spent; /* evaluations of earlier efforts */
} smc_state;

static mtc_status smc_init(void *self, const mtc_spec *spec, mtc_errlist *errors)
{
    smc_settings *s = self;
    mtc_err err = MTC_ERR_INIT;
    mtc_status st = mtc_spec_get_count(spec, smc_keys, "smc_runs", &s->n_run, &err);
    st = st == MTC_OK ? mtc_spec_get_count(spec, smc_keys, "smc_particles", &s->n_particle, &err) : st;
    return st == MTC_OK ? MTC_OK : (errors != NULL ? mtc_errlist_push(errors, &err) : st);
}

static void smc_destroy(void *state)
{
    smc_state *s = state;
    if (s != NULL) {
        mtc_smc_ladder_fini(&s->ladder);
        mtc_smc_result_fini(&s->result);
        mtc_free(s);
    }
}

static mtc_status smc_create(const void *self, const mtc_estimator_input *in, void **state, mtc_err *err)
{
    (void)in;
    smc_state *s = mtc_calloc(1, sizeof *s);
    *state = s;
    if (s == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for sequential Monte Carlo");
    }
    s->set = *(const smc_settings *)self;
    return MTC_OK;
}

/* Log of the mean of the runs' evidences; its error from their spread. */
static void write_estimate(const smc_state *s, mtc_estimate *out)
{
    const mtc_smc_result *r = &s->result;
    const double n = (double)r->n_run;
    const double value = mtc_log_mean(r->log_evidence, r->n_run);
    double square = 0.0, mean_log = 0.0, square_log = 0.0;
    if (!isfinite(value)) {
        snprintf(out->note, sizeof out->note, "every run lost all its particles");
        return;
    }
    for (size_t k = 0; k < r->n_run; k++) {
        const double off = exp(r->log_evidence[k] - value) - 1.0;
        square += off * off / (n - 1.0);
        mean_log += r->log_evidence[k] / n;
    }
    for (size_t k = 0; k < r->n_run; k++) {
        square_log += pow(r->log_evidence[k] - mean_log, 2.0) / (n - 1.0);
    }
    out->has_value = true;
    out->log_evidence = value;
    /* from so few runs an error is itself uncertain: as wide as the t law's 95% interval */
    out->se = sqrt(square / n) * gsl_cdf_tdist_Pinv(0.975, n - 1.0) / gsl_cdf_ugaussian_Pinv(0.975);
    if (!(sqrt(square_log) <= SPREAD_GATE)) {
        out->weak = true;
        snprintf(out->note, sizeof out->note, "the runs spread by %.1f log units, more than %.1f", sqrt(square_log),
                 SPREAD_GATE);
    }
}

/* Every effort is a ladder and runs of its own: particles of a shorter ladder have another law. */
static mtc_status smc_run(void *state, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err)
{
    smc_state *s = state;
    mtc_status st = MTC_OK;
    char stream[NAME_SIZE];
    snprintf(stream, sizeof stream, "%s/smc %zu", in->target->name, in->effort);
    s->n_spent += s->ladder.n_value + s->result.n_value;
    mtc_smc_ladder_fini(&s->ladder);
    mtc_smc_result_fini(&s->result);
    s->smc = (mtc_smc_settings)MTC_SMC_INIT;
    s->smc.n_ancestor = (in->effort * s->set.n_particle + s->smc.n_length - 1) / s->smc.n_length;
    st = mtc_smc_pilot(in->target, &s->smc, in->seed, stream, in->exec, &s->ladder, err);
    if (st == MTC_ENUMERIC) { /* the method failed on this target; that is a finding, not a defect */
        snprintf(out->note, sizeof out->note, "no way was found from the prior to the posterior");
        mtc_err_clear(err);
        return MTC_OK;
    }
    MTC_TRY(st);
    MTC_TRY(mtc_smc_run(in->target, &s->smc, &s->ladder, in->seed, stream, 0, s->set.n_run, in->exec, &s->result, err));
    write_estimate(s, out);
    out->n_draw = s->result.n_run * s->result.n_particle;
    out->n_value = s->n_spent + s->ladder.n_value + s->result.n_value;
out:
    return st;
}

const mtc_smc_result *evidence_smc_result(const mtc_estimator *e)
{
    const smc_state *s = e->state;
    return s != NULL && s->result.n_run > 0 ? &s->result : NULL;
}

const mtc_estimator_ops mtc_estimator_smc = {
    .abi = MTC_ESTIMATOR_ABI,
    .name = "tempered_smc",
    .summary = "tempered sequential Monte Carlo from the prior: the alarm for modes that chains miss",
    .source = "Del Moral, Doucet & Jasra 2006; Dau & Chopin 2022",
    .kind = MTC_ESTIMATOR_RIGOROUS,
    .keys = smc_keys,
    .self_size = sizeof(smc_settings),
    .init = smc_init,
    .create = smc_create,
    .destroy = smc_destroy,
    .run = smc_run,
};
