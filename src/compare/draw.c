/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include <math.h>
#include <string.h>

/* ---- evidence into plain data ---- */

static mtc_status copy_reasons(mtc_result *r, const mtc_reasons *from, const char ***list, size_t *n, mtc_err *err)
{
    mtc_status st = MTC_OK;
    for (size_t i = 0; i < from->n; i++) {
        MTC_TRY(mtc_result_sentence(r, list, n, err, "%s", from->text[i]));
    }
out:
    return st;
}

static mtc_status copy_estimates(mtc_result *r, const mtc_evidence_attempt *a, mtc_result_estimator **list,
                                 mtc_err *err)
{
    static const char *const role[MTC_EVIDENCE_ESTIMATES] = {"primary", "second", "rough", "alarm"};
    mtc_status st = MTC_OK;
    mtc_result_estimator *out = NULL;
    MTC_TRY(mtc_result_list(r, a->n_estimate, &out, err));
    for (size_t i = 0; i < a->n_estimate; i++) {
        const mtc_estimate *e = &a->estimate[i];
        out[i] = (mtc_result_estimator){.name = e->name,
                                        .role = role[i],
                                        .value = e->has_value ? e->log_evidence : (double)NAN,
                                        .se = e->has_value && i != 2 ? e->se : (double)NAN,
                                        .k_hat = e->has_k_hat ? e->k_hat : (double)NAN,
                                        .likelihood_calls = e->n_value,
                                        .gradient_calls = e->n_gradient};
        if (e->note[0] != '\0') {
            MTC_TRY(mtc_result_text(r, e->note, &out[i].note, err));
        }
    }
    *list = out;
out:
    return st;
}

static mtc_status copy_attempt(mtc_result *r, const mtc_evidence_attempt *a, mtc_result_attempt *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    char text[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < a->reasons.n; i++) {
        const size_t length = strlen(a->reasons.text[i]);
        const size_t gap = used > 0 ? 2 : 0;
        if (used + gap + length + 1 > sizeof text) {
            break;
        }
        memcpy(text + used, "; ", gap);
        memcpy(text + used + gap, a->reasons.text[i], length + 1);
        used += gap + length;
    }
    *out = (mtc_result_attempt){.route = a->route,
                                .reliable = a->reliable,
                                .draft_shift = a->drafted ? a->draft_shift : (double)NAN,
                                .draft_se = a->drafted ? a->draft_se : (double)NAN,
                                .draft_spread = a->drafted ? a->draft_spread : (double)NAN,
                                .n_estimator = a->n_estimate};
    if (used > 0) {
        MTC_TRY(mtc_result_text(r, text, &out->text, err));
    }
    MTC_TRY(copy_estimates(r, a, &out->estimator, err));
out:
    return st;
}

static mtc_status copy_evidence(mtc_result *r, const mtc_evidence *ev, mtc_result_evidence *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    out->value = ev->has_value ? ev->log_evidence : (double)NAN;
    out->se = ev->has_value ? ev->se : (double)NAN;
    out->route = ev->route;
    out->reliable = ev->reliable;
    MTC_TRY(mtc_result_text(r, ev->smc_alarm, &out->smc_alarm, err));
    MTC_TRY(copy_reasons(r, &ev->reasons, &out->reason, &out->n_reason, err));
    out->n_attempt = ev->n_attempt;
    MTC_TRY(mtc_result_list(r, ev->n_attempt, &out->attempt, err));
    for (size_t i = 0; i < ev->n_attempt; i++) {
        MTC_TRY(copy_attempt(r, &ev->attempt[i], &out->attempt[i], err));
    }
    if (ev->n_attempt > 0) {
        out->n_estimator = out->attempt[ev->n_attempt - 1].n_estimator;
        out->estimator = out->attempt[ev->n_attempt - 1].estimator;
    }
out:
    return st;
}

static mtc_status copy_diagnosis(mtc_result *r, const mtc_diagnosis *d, mtc_result_diagnostics *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    out->converged = d->converged;
    out->n_check = d->n_check;
    MTC_TRY(mtc_result_list(r, d->n_check, &out->check, err));
    for (size_t i = 0; i < d->n_check; i++) {
        const mtc_check *c = &d->check[i];
        out->check[i] =
            (mtc_result_check){.name = c->name, .value = c->value, .threshold = c->threshold, .pass = c->pass};
        MTC_TRY(mtc_result_text(r, c->sentence, &out->check[i].sentence, err));
    }
out:
    return st;
}

/* ---- runs ---- */

static mtc_status run_evidence(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_evidence *ev = mtc_calloc(1, sizeof *ev);
    if (!ev) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the evidence of %s", f->model->name);
    }
    MTC_TRY(mtc_evidence_run(mtc_posterior_target(f->model->posterior), f->modes.n_mode > 0 ? &f->modes : NULL,
                             &f->plan->evidence, f->plan->seed, f->exec, ev, err));
    MTC_TRY(copy_evidence(f->result, ev, &f->out->evidence, err));
    f->result->cost.likelihood_calls += ev->n_value;
    f->result->cost.gradient_calls += ev->n_gradient;
    f->diagnosis = ev->diagnosis;
    f->chains = ev->chains;
    ev->chains = (mtc_chains)MTC_CHAINS_INIT;
    const bool is_full = strcmp(ev->route, "full") == 0;
    f->algorithm = is_full ? "nuts" : strcmp(ev->route, "exact") == 0 ? "exact" : "independence";
    f->n_warmup = is_full ? f->plan->evidence.sampler.n_warmup : 0;
out:
    mtc_evidence_fini(ev);
    mtc_free(ev);
    return st;
}

/* Modes worth a chain: those that Laplace gives more than a negligible share, and the best one. */
static size_t pick_starts(const mtc_modes *modes, double *x, double *chol)
{
    const double negligible = 15.0; /* in log evidence */
    const size_t n = modes->n_dim;
    double top = -(double)INFINITY;
    size_t n_point = 0;
    for (size_t k = 0; k < modes->n_mode; k++) {
        top = fmax(top, modes->mode[k].laplace);
    }
    for (size_t k = 0; k < modes->n_mode; k++) {
        if (modes->mode[k].laplace >= top - negligible) {
            memcpy(x + n_point * n, modes->mode[k].x, n * sizeof *x);
            memcpy(chol + n_point * n * n, modes->mode[k].chol, n * n * sizeof *chol);
            n_point++;
        }
    }
    return n_point;
}

/* NUTS on the target's draft where there is one and it is close, else on the target. */
static mtc_status sample_nuts(model_fit *f, const mtc_starts *starts, mtc_sample *sample, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_target *const target = mtc_posterior_target(f->model->posterior);
    const mtc_target *const draft = target->draft;
    const mtc_sampler_settings *const set = &f->plan->evidence.sampler;
    mtc_draft correction = {0};
    if (draft) {
        MTC_TRY(mtc_sample_nuts(f->exec, draft, set, starts, f->plan->seed, sample, err));
        f->result->cost.likelihood_calls += sample->n_value;
        f->result->cost.gradient_calls += sample->n_gradient;
        MTC_TRY(mtc_draft_correct(&correction, target, f->plan->seed, f->exec, &sample->chains, err));
        f->result->cost.likelihood_calls += correction.n_value;
    }
    if (!correction.close) {
        mtc_sample_fini(sample);
        MTC_TRY(mtc_sample_nuts(f->exec, target, set, starts, f->plan->seed, sample, err));
        f->result->cost.likelihood_calls += sample->n_value;
        f->result->cost.gradient_calls += sample->n_gradient;
    }
out:
    if (st != MTC_OK) {
        mtc_sample_fini(sample);
    }
    return st;
}

static mtc_status run_nuts(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = f->modes.n_dim;
    mtc_sample sample = {.chains = MTC_CHAINS_INIT};
    double *x = mtc_calloc(f->modes.n_mode * (n + n * n), sizeof *x);
    if (!x) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the starts of %s", f->model->name);
    }
    double *chol = x + f->modes.n_mode * n;
    const mtc_starts starts = {pick_starts(&f->modes, x, chol), x, chol};
    MTC_TRY(sample_nuts(f, &starts, &sample, err));
    f->chains = sample.chains;
    sample.chains = (mtc_chains)MTC_CHAINS_INIT;
    mtc_sample_fini(&sample);
    f->diagnosis = sample.diagnosis;
    f->algorithm = "nuts";
    f->n_warmup = f->plan->evidence.sampler.n_warmup * (sample.restarted ? 2 : 1);
out:
    mtc_free(x);
    return st;
}

static mtc_status warn_of_modes(const model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result *r = f->result;
    const mtc_modes *m = &f->modes;
    if (m->n_mode > 1) {
        MTC_TRY(mtc_result_sentence(r, &r->warning, &r->n_warning, err,
                                    "%s: the posterior has %zu separate modes; the second is %.1f log units below the "
                                    "first.",
                                    f->model->name, m->n_mode, m->mode[0].log_density - m->mode[1].log_density));
    }
    if (m->n_mode > 0 && !m->mode[0].verified) {
        MTC_TRY(mtc_result_sentence(r, &r->warning, &r->n_warning, err,
                                    "%s: the highest mode could not be verified (gradient norm %.1e posterior sds, %zu "
                                    "flat directions).",
                                    f->model->name, m->mode[0].gradient_norm, m->mode[0].n_flat));
    }
    if (!f->diagnosis.converged) {
        MTC_TRY(mtc_result_sentence(r, &r->warning, &r->n_warning, err, "%s: the chains have not converged.",
                                    f->model->name));
    }
out:
    return st;
}

mtc_status compare_draw(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_target *target = mtc_posterior_target(f->model->posterior);
    mtc_optimise_settings search = f->plan->optimise;
    search.seed = f->plan->seed;
    if (target->n_dim > 0) {
        MTC_TRY(mtc_optimise(f->exec, target, &search, &f->modes, err));
        f->result->cost.likelihood_calls += f->modes.n_value;
        f->result->cost.gradient_calls += f->modes.n_gradient;
    }
    f->diagnosis.converged = true;
    f->algorithm = "exact";
    if (f->plan->with_evidence) {
        MTC_TRY(run_evidence(f, err));
    } else if (target->n_dim > 0) {
        MTC_TRY(run_nuts(f, err));
    }
    MTC_TRY(copy_diagnosis(f->result, &f->diagnosis, &f->out->diagnostics, err));
    MTC_TRY(warn_of_modes(f, err));
out:
    if (st != MTC_OK) {
        mtc_err_prefix(err, "model '%s'", f->model->name);
    }
    return st;
}
