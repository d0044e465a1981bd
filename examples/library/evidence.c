/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The evidence of models of one's own: metachron's engine as a library (docs/library.md).
 *
 * Deaths by horse kick in ten corps of the Prussian army over 20 years (Bortkewitsch 1898; 14 corps without the guard
 * and three others): is one rate enough for all, or do corps-years differ?
 *   poisson        k ~ Poisson(rate), rate ~ Gamma(2, mean 1). Its evidence has a closed form, printed beside.
 *   overdispersed  k ~ negative binomial with mean rate and dispersion s, s ~ half-normal(1): variance rate (1 + s
 * rate) The first gives its gradients, the second does not.
 */
#include "mtc_evidence.h"
#include "mtc_user.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>

/* Corps-years with 0, 1, ... deaths. */
enum { N_COUNT = 5 };
typedef struct {
    double n[N_COUNT];
} kicks;
static const kicks bortkewitsch = {{109, 65, 22, 3, 1}};

/* Gamma(shape 2, rate 2). */
static double log_rate_prior(double rate, double *slope)
{
    *slope = 1.0 / rate - 2.0;
    return log(4.0 * rate) - 2.0 * rate;
}

/* ---- one rate ---- */

static double poisson_prior(const void *data, const double *theta, double *grad)
{
    double slope = 0.0;
    (void)data;
    const double value = log_rate_prior(theta[0], &slope);
    if (grad != NULL) {
        grad[0] = slope;
    }
    return value;
}

static double poisson_likelihood(const void *data, const double *theta, double *grad)
{
    const kicks *d = data;
    double value = 0.0, slope = 0.0;
    for (unsigned k = 0; k < N_COUNT; k++) {
        value += d->n[k] * (k * log(theta[0]) - theta[0] - gsl_sf_lnfact(k));
        slope += d->n[k] * (k / theta[0] - 1.0);
    }
    if (grad != NULL) {
        grad[0] = slope;
    }
    return value;
}

static void poisson_draw(const void *data, gsl_rng *rng, double *theta)
{
    (void)data;
    theta[0] = gsl_ran_gamma(rng, 2.0, 0.5);
}

static const mtc_user_param poisson_params[] = {{"deaths_per_year", 0.0, HUGE_VAL}};
static const mtc_user_model poisson = {.name = "poisson",
                                       .n_param = 1,
                                       .param = poisson_params,
                                       .data = &bortkewitsch,
                                       .has_gradient = true,
                                       .log_prior = poisson_prior,
                                       .log_likelihood = poisson_likelihood,
                                       .prior_draw = poisson_draw};

/* Gamma and Poisson are conjugate. */
static double poisson_log_evidence(const kicks *d)
{
    double deaths = 0.0, years = 0.0, factorials = 0.0;
    for (unsigned k = 0; k < N_COUNT; k++) {
        deaths += k * d->n[k];
        years += d->n[k];
        factorials += d->n[k] * gsl_sf_lnfact(k);
    }
    return 2.0 * log(2.0) + gsl_sf_lngamma(2.0 + deaths) - (2.0 + deaths) * log(2.0 + years) - factorials;
}

/* ---- rates that differ ---- */

static double spread_prior(const void *data, const double *theta, double *grad)
{
    double slope = 0.0;
    (void)data;
    (void)grad;
    return log_rate_prior(theta[0], &slope) + 0.5 * log(2.0 / M_PI) - 0.5 * theta[1] * theta[1];
}

static double spread_likelihood(const void *data, const double *theta, double *grad)
{
    const kicks *d = data;
    const double rate = theta[0], dispersion = theta[1];
    double value = 0.0;
    (void)grad;
    for (unsigned k = 0; k < N_COUNT; k++) {
        double log_p = -log1p(dispersion * rate) / dispersion - gsl_sf_lnfact(k);
        for (unsigned j = 0; j < k; j++) { /* Gamma(k + 1/s) / Gamma(1/s), without its cancellation at small s */
            log_p += log1p(j * dispersion);
        }
        log_p += k * (log(rate) - log1p(dispersion * rate));
        value += d->n[k] * log_p;
    }
    return value;
}

static void spread_draw(const void *data, gsl_rng *rng, double *theta)
{
    (void)data;
    theta[0] = gsl_ran_gamma(rng, 2.0, 0.5);
    theta[1] = fabs(gsl_ran_gaussian_ziggurat(rng, 1.0));
}

static const mtc_user_param spread_params[] = {{"deaths_per_year", 0.0, HUGE_VAL}, {"dispersion", 0.0, HUGE_VAL}};
static const mtc_user_model overdispersed = {.name = "overdispersed",
                                             .n_param = 2,
                                             .param = spread_params,
                                             .data = &bortkewitsch,
                                             .log_prior = spread_prior,
                                             .log_likelihood = spread_likelihood,
                                             .prior_draw = spread_draw};

/* ---- the engine at work ---- */

static mtc_status weigh(const mtc_user_model *model, mtc_exec *exec, double *log_evidence, mtc_err *err)
{
    mtc_evidence_settings settings = MTC_EVIDENCE_INIT;
    mtc_user_target target;
    mtc_evidence evidence;
    settings.with_alarm = true;
    mtc_status st = mtc_user_target_init(&target, model, err);
    if (st != MTC_OK) {
        return st;
    }
    st = mtc_evidence_run(&target.target, NULL, &settings, 1, exec, &evidence, err);
    if (st == MTC_OK) {
        printf("%-14s log evidence %.3f, standard error %.3f, %s, alarm for missed modes %s, %lu evaluations\n",
               model->name, evidence.log_evidence, evidence.se, evidence.reliable ? "reliable" : "UNRELIABLE",
               evidence.smc_alarm, evidence.n_value + evidence.n_gradient);
        for (size_t i = 0; i < evidence.reasons.n; i++) {
            printf("  %s\n", evidence.reasons.text[i]);
        }
        *log_evidence = evidence.log_evidence;
        mtc_evidence_fini(&evidence);
    }
    mtc_user_target_fini(&target);
    return st;
}

int main(void)
{
    mtc_err err = MTC_ERR_INIT;
    mtc_exec *exec = NULL;
    double one = 0.0, many = 0.0;
    gsl_set_error_handler_off(); /* GSL's own ends the program at a number out of range; metachron checks statuses */
    mtc_status st = mtc_exec_create(2, &exec, &err);
    if (st == MTC_OK) {
        st = weigh(&poisson, exec, &one, &err);
    }
    if (st == MTC_OK) {
        printf("%-14s             %.3f in closed form\n", "", poisson_log_evidence(&bortkewitsch));
        st = weigh(&overdispersed, exec, &many, &err);
    }
    if (st == MTC_OK) {
        printf("log Bayes factor, overdispersed over poisson: %.2f\n", many - one);
    } else {
        fprintf(stderr, "error: %s\n", err.message);
    }
    mtc_exec_destroy(exec);
    return mtc_status_exit_code(st);
}
