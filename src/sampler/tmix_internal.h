/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TMIX_INTERNAL_H
#define TMIX_INTERNAL_H

#include "mtc_tmix.h"

#include <stdbool.h>

/* The sample without negligible draws, and the scratch of EM. */
typedef struct {
    size_t n, d, max_comp;
    double *block;
    double *x;          /* n x d */
    double *w;          /* n, sum 1 */
    double *log_q;      /* n: log density of the mixture, by the last mtc_tmix_e_step */
    double *log_target; /* n or NULL */
    double ess;
    double *pooled; /* d x d covariance that every component is pulled towards */
    double *resp;   /* n x max_comp responsibilities */
    double *tail;   /* n x max_comp: (dof + d) / (dof + dist2) */
    double *z;      /* d */
    double *term;   /* max_comp */
    double *mean;   /* d */
    double *cov;    /* d x d */
} mtc_tmix_work;

/** Copy the draws that count and prepare for mixtures of up to max_comp components. */
mtc_status mtc_tmix_work_init(mtc_tmix_work *fw, const mtc_wsample *s, const mtc_tmix *start, size_t max_comp,
                              mtc_err *err);
void mtc_tmix_work_fini(mtc_tmix_work *fw);

/** Responsibilities, tail factors and log densities under m; returns the weighted mean log density. */
double mtc_tmix_e_step(mtc_tmix_work *fw, const mtc_tmix *m);

/** EM until the likelihood stands still; info->log_density belongs to the mixture as it is left. */
mtc_status mtc_tmix_em(mtc_tmix_work *fw, mtc_tmix *m, const mtc_tmix_fit_settings *set, size_t max_iter,
                       mtc_tmix_fit_info *info, mtc_err *err);

#endif
