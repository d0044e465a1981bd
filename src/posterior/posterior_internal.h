/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef POSTERIOR_INTERNAL_H
#define POSTERIOR_INTERNAL_H

#include "mtc_posterior.h"

/* A source with the places of its parameters among all. */
typedef struct {
    mtc_likelihood likelihood;
    const char *name;
    size_t n_theta;
    size_t *index; /* n_theta, into the posterior's parameters */
    size_t first_obs, n_obs;
} posterior_source;

/* Two coordinates that stand for two parameters together. */
typedef struct {
    const mtc_coupling *map;
    size_t first, second; /* coordinates */
} posterior_couple;

struct mtc_posterior {
    mtc_target target;
    size_t n_param, n_free, n_source, n_obs;
    size_t n_theta_max; /* largest n_theta of the sources */
    const mtc_param_info **param;
    mtc_prior *prior;
    long *coordinate;         /* n_param, -1 where fixed */
    size_t *free_param;       /* n_free */
    posterior_source *source; /* n_source, by name */
    size_t n_couple;
    posterior_couple *couple; /* n_couple */
    bool *is_coupled;         /* n_free */
};

/* Scratch of one thread. */
typedef struct {
    size_t n_source;
    const posterior_source *source;
    void **source_ws; /* n_source */
    double *theta;    /* n_param, natural */
    double *dx;       /* n_free, d natural / d coordinate, of those that are not coupled */
    double *natural;  /* n_free: gradient by natural values */
    mtc_coupled *at;  /* n_couple */
    double *values;   /* n_theta_max: a source's own parameters */
    double *grad;     /* n_theta_max */
} posterior_ws;

mtc_status posterior_ws_create(const void *self, void **ws, mtc_err *err);
void posterior_ws_destroy(void *ws);
mtc_status posterior_eval(const void *self, void *ws, const double *x, mtc_point *point, mtc_err *err);
mtc_status posterior_per_obs(const void *self, void *ws, const double *x, double *out, mtc_err *err);

/* Set n numbers to 0; x may be NULL. */
void posterior_zero(double *x, size_t n);
/* x -> natural values of the free parameters; that of coordinate c goes to place[c], or to c where place is NULL. */
void posterior_constrain(const mtc_posterior *p, const double *x, const size_t *place, double *natural);
/* Natural values of the free parameters, n_free -> x; both may be one array. */
void posterior_unconstrain(const mtc_posterior *p, const double *natural, double *x);
/* ws->theta, dx and at, the log prior on the scale of x and its gradient (NULL: not wanted). False outside. */
bool posterior_prior(const mtc_posterior *p, posterior_ws *ws, const double *x, double *log_prior, double *grad);
/* ws->natural, a gradient by the natural values of the free parameters, added to grad as one by x. */
void posterior_chain(const mtc_posterior *p, const posterior_ws *ws, double *grad);

/* Evaluate one source at theta (n_param); ws->grad is filled where with_gradient. NaN is MTC_ENAN. An infinite gradient
 * makes the value -INFINITY. */
mtc_status posterior_eval_source(const mtc_posterior *p, posterior_ws *ws, size_t i, const double *theta,
                                 bool with_gradient, double *per_obs, double *value, mtc_reason *reason, mtc_err *err);

#endif
