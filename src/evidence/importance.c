/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "evidence_internal.h"
#include "mtc_arena.h"
#include "mtc_estimator.h"
#include "mtc_proposal.h"
#include "mtc_psis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE 192
/* Draws per task and tasks between two looks at the standard error. */
#define BATCH_DRAWS 64u
#define LOOK_BATCHES 8u
/* Gate of the verdict (engine rule); from there to 0.7 an alarm, above it no usable error. */
#define K_HAT_GATE 0.5
/* Rounds by which the pilot goes on when the weights of a frozen proposal were too uneven. */
#define MORE_ROUNDS 3u

static const mtc_key importance_keys[] = {
    {"importance_draws", MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 1000, 1e9, "10000", false, NULL,
     "most final draws of importance sampling at the first attempt; doubled at each escalation"},
    {NULL, MTC_KEY_COUNT, MTC_DIM_NONE, MTC_UNIT_NONE, 0, 0, NULL, false, NULL, NULL}};

static mtc_status importance_init(void *self, const mtc_spec *spec, mtc_errlist *errors)
{
    mtc_importance *s = self;
    mtc_err err = MTC_ERR_INIT;
    s->min_draws = 1024;
    const mtc_status st = mtc_spec_get_count(spec, importance_keys, "importance_draws", &s->max_draws, &err);
    return st == MTC_OK ? MTC_OK : (errors != NULL ? mtc_errlist_push(errors, &err) : st);
}

/* What was drawn so far. */
typedef struct {
    mtc_importance set;
    mtc_pilot *pilot;
    mtc_proposal frozen;
    size_t n_frozen; /* proposals frozen so far; names the streams */
    size_t n, capacity;
    double *log_weight;
    unsigned long n_spent; /* evaluations for draws of earlier proposals */
    double k_hat;          /* of the last look; -1 before */
} importance_state;

static void importance_destroy(void *state)
{
    importance_state *s = state;
    if (s != NULL) {
        mtc_pilot_destroy(s->pilot);
        mtc_proposal_fini(&s->frozen);
        mtc_free(s->log_weight);
        mtc_free(s);
    }
}

/* The modes as places where the pilot begins. */
static mtc_status pilot_start(const mtc_estimator_input *in, const char *stream, mtc_pilot **out, mtc_err *err)
{
    mtc_start_points points = {0};
    mtc_status st = MTC_OK;
    MTC_TRY(mtc_start_points_init(&points, in->modes, err));
    MTC_TRY(mtc_pilot_create(in->target, stream, &points.start, in->seed, out, err));
out:
    mtc_start_points_fini(&points);
    return st;
}

static mtc_status importance_create(const void *self, const mtc_estimator_input *in, void **state, mtc_err *err)
{
    char stream[NAME_SIZE];
    mtc_status st = MTC_OK;
    importance_state *s = mtc_calloc(1, sizeof *s);
    if (s == NULL) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for importance sampling");
    }
    s->set = *(const mtc_importance *)self;
    s->k_hat = -1.0;
    snprintf(stream, sizeof stream, "importance/pilot");
    MTC_TRY(pilot_start(in, stream, &s->pilot, err));
out:
    if (st != MTC_OK) {
        importance_destroy(s);
        s = NULL;
    }
    *state = s;
    return st;
}

/* Adapt (again) and freeze; draws of an earlier proposal leave the estimate, and the pilot has been told nothing of
 * them. */
static mtc_status freeze(importance_state *s, const mtc_estimator_input *in, mtc_err *err)
{
    mtc_pilot_settings set = MTC_PILOT_INIT;
    mtc_status st = MTC_OK;
    if (s->n_frozen > 0) {
        set.min_rounds = MORE_ROUNDS;
    }
    MTC_TRY(mtc_pilot_run(s->pilot, &set, in->exec, err));
    mtc_proposal_fini(&s->frozen);
    MTC_TRY(mtc_proposal_copy(mtc_pilot_proposal(s->pilot), &s->frozen, err));
    s->n_frozen++;
    s->n_spent += (unsigned long)s->n;
    s->n = 0;
out:
    return st;
}

/* Draw LOOK_BATCHES more batches from the frozen proposal. */
static mtc_status draw_more(importance_state *s, const mtc_estimator_input *in, mtc_err *err)
{
    const size_t d = in->target->n_dim, stride = MTC_DRAW_STRIDE(d), n = LOOK_BATCHES * BATCH_DRAWS;
    mtc_status st = MTC_OK;
    char stream[NAME_SIZE];
    double *rows = mtc_calloc(n * stride + mtc_proposal_scratch(&s->frozen), sizeof *rows);
    double *bigger = mtc_realloc(s->log_weight, s->n + n, sizeof *bigger);
    if (bigger != NULL) {
        s->log_weight = bigger;
    }
    if (rows == NULL || bigger == NULL) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for %zu importance draws", n);
        goto out;
    }
    double *const scratch = rows + n * stride;
    snprintf(stream, sizeof stream, "importance/proposal %zu", s->n_frozen);
    const mtc_draw_plan plan = {.target = in->target,
                                .proposal = &s->frozen,
                                .seed = in->seed,
                                .stream = stream,
                                .first = s->n / BATCH_DRAWS,
                                .n_batch = LOOK_BATCHES,
                                .batch_size = BATCH_DRAWS};
    MTC_TRY(mtc_proposal_sample(&plan, in->exec, rows, err));
    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * stride;
        const double log_target = row[d + 1] > -HUGE_VAL ? row[d] + row[d + 1] : -HUGE_VAL;
        s->log_weight[s->n + i] = log_target - mtc_proposal_logpdf(&s->frozen, row, row[d], scratch);
    }
    s->n += n;
out:
    mtc_free(rows);
    return st;
}

static void write_estimate(const importance_state *s, const mtc_psis_info *info, mtc_estimate *out)
{
    out->has_value = true;
    out->log_evidence = info->log_mean;
    out->se = info->se;
    out->has_k_hat = isfinite(info->k_hat);
    out->k_hat = out->has_k_hat ? info->k_hat : 0.0;
    out->efficiency = info->ess / (double)s->n;
    if (!out->has_k_hat) {
        out->weak = true;
        snprintf(out->note, sizeof out->note, "a handful of draws carries all the weight");
    } else if (info->k_hat >= K_HAT_GATE) {
        out->weak = true;
        snprintf(out->note, sizeof out->note,
                 "Pareto k of %.2f, the limit is %.1f: the weights are too uneven to trust the error", info->k_hat,
                 K_HAT_GATE);
    }
}

/* Look at the weights; *empty where none is positive, which is no error here. */
static mtc_status look(importance_state *s, mtc_psis_info *info, bool *empty, mtc_err *err)
{
    const mtc_status st = mtc_psis(s->log_weight, s->n, 1.0, info, NULL, err);
    *empty = st == MTC_ENUMERIC;
    s->k_hat = *empty ? HUGE_VAL : info->k_hat;
    if (*empty) {
        mtc_err_clear(err);
        return MTC_OK;
    }
    return st;
}

/* Draws wanted at the next look: as many as the present error asks for, at most double. */
static size_t next_goal(const importance_state *s, const mtc_psis_info *info, bool empty, double aim_se)
{
    const double ratio = empty ? 2.0 : fmin(1.05 * info->se * info->se / (aim_se * aim_se), 2.0);
    const double wanted = ratio * (double)s->n;
    return s->n + (wanted > (double)s->n ? (size_t)(wanted - (double)s->n) : 0) + 1;
}

static mtc_status importance_run(void *state, const mtc_estimator_input *in, mtc_estimate *out, mtc_err *err)
{
    importance_state *s = state;
    mtc_status st = MTC_OK;
    mtc_psis_info info = {0};
    bool empty = true;

    if (s->n_frozen == 0 || s->k_hat >= K_HAT_GATE) {
        MTC_TRY(freeze(s, in, err));
    }
    const size_t most = s->set.max_draws * in->effort;
    size_t goal = s->set.min_draws * in->effort;
    do {
        while (s->n < goal && s->n < most) {
            MTC_TRY(draw_more(s, in, err));
        }
        MTC_TRY(look(s, &info, &empty, err));
        goal = next_goal(s, &info, empty, in->aim_se);
    } while (s->n < most && (empty || info.se > in->aim_se));
    if (empty) {
        snprintf(out->note, sizeof out->note, "none of %zu draws fell where the posterior is positive", s->n);
    } else {
        write_estimate(s, &info, out);
    }
out:
    if (st == MTC_ENUMERIC) { /* the method failed on this target; that is a finding, not a defect */
        s->k_hat = HUGE_VAL;
        snprintf(out->note, sizeof out->note, "no proposal could be fitted");
        mtc_err_clear(err);
        st = MTC_OK;
    }
    out->n_draw = s->n;
    out->n_value = mtc_pilot_calls(s->pilot) + s->n_spent + (unsigned long)s->n;
    return st;
}

const mtc_estimator_ops mtc_estimator_importance = {
    .abi = MTC_ESTIMATOR_ABI,
    .name = "importance_sampling",
    .summary = "adaptive importance sampling from a Student-t mixture, final proposal frozen, raw weights",
    .source =
        "Cappe et al. 2008, Stat. Comput. 18:447; Cornuet et al. 2012, Scand. J. Stat. 39:798; Vehtari et al. 2024",
    .kind = MTC_ESTIMATOR_RIGOROUS,
    .keys = importance_keys,
    .self_size = sizeof(mtc_importance),
    .init = importance_init,
    .create = importance_create,
    .destroy = importance_destroy,
    .run = importance_run,
};
