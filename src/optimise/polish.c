/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mtc_linalg.h"
#include "optimise_internal.h"

#include <math.h>
#include <string.h>

/* An eigenvalue of the Hessian, in units of the prior's sds, below this share of a unit normal's counts as flat. */
static const double flat_limit = 1e-3;

/* Work of one polishing. All vectors and matrices in units of the prior's sds. */
typedef struct {
    local_shape shape;
    mtc_mode *mode;
    size_t n;
    double value;
    double *grad;       /* n, at mode->x */
    double *direction;  /* n */
    double *trial;      /* n, a point */
    double *trial_grad; /* n */
    bool fresh;         /* the Hessian was taken at mode->x */
} polisher;

/* Curvature used for steps and covariances: the Hessian's where it says something, else the prior's. */
static double usable(double eigenvalue)
{
    return fabs(eigenvalue) > flat_limit ? fabs(eigenvalue) : 1.0;
}

/* sqrt(g' C g), C the usable inverse of the Hessian; direction := C g where it is not NULL. */
static double gradient_norm(const polisher *p, const double *grad, double *direction)
{
    double square = 0.0;
    for (size_t i = 0; direction && i < p->n; i++) {
        direction[i] = 0.0;
    }
    for (size_t k = 0; k < p->n; k++) {
        const double *v = p->mode->eigenvector + k * p->n;
        double along = 0.0;
        for (size_t i = 0; i < p->n; i++) {
            along += v[i] * grad[i];
        }
        const double move = along / usable(p->mode->eigenvalue[k]);
        square += along * move;
        for (size_t i = 0; direction && i < p->n; i++) {
            direction[i] += move * v[i];
        }
    }
    return sqrt(square);
}

/* Hessian at mode->x with its eigenvalues; *inside false: it cannot be had, the prior's takes its place. */
static mtc_status take_hessian(polisher *p, bool *inside, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_mode *m = p->mode;
    const size_t n = p->n;
    MTC_TRY(local_hessian(&p->shape, m->x, m->hessian, inside, err));
    if (!*inside) {
        for (size_t i = 0; i < n * n; i++) {
            m->hessian[i] = i % (n + 1) == 0 ? 1.0 : 0.0;
        }
    }
    MTC_TRY(mtc_sym_eigen(m->hessian, n, m->eigenvalue, m->eigenvector, err));
    /* a thousandth of a conditional posterior sd for the next one */
    for (size_t i = 0; i < n; i++) {
        const double curvature = m->hessian[i * n + i];
        p->shape.step[i] = 1e-3 / sqrt(curvature > 1.0 ? curvature : 1.0);
    }
    p->fresh = true;
out:
    return st;
}

/* Try points along the direction until one is better; *moved false: none is. */
static mtc_status line_search(polisher *p, double norm, bool *moved, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double longest = 3.0; /* prior sds in one step */
    const double noise = 1e-10 * fmax(1.0, fabs(p->value));
    double length = 0.0;
    for (size_t i = 0; i < p->n; i++) {
        length += p->direction[i] * p->direction[i];
    }
    double t = sqrt(length) > longest ? longest / sqrt(length) : 1.0;
    *moved = false;
    for (int k = 0; k < 20 && !*moved; k++, t *= 0.5) {
        double value = 0.0;
        bool inside = true;
        for (size_t i = 0; i < p->n; i++) {
            p->trial[i] = p->mode->x[i] + t * p->direction[i] * p->shape.scale[i];
        }
        MTC_TRY(local_gradient(&p->shape, p->trial, &value, p->trial_grad, &inside, err));
        if (!inside) {
            continue;
        }
        const double gain = value - p->value;
        /* near the top the value's rounding hides the gain, and the gradient decides */
        *moved = gain > noise || (gain >= -noise && gradient_norm(p, p->trial_grad, NULL) < 0.9 * norm);
        if (*moved) {
            p->value = value;
            p->fresh = false;
            memcpy(p->mode->x, p->trial, p->n * sizeof *p->trial);
            memcpy(p->grad, p->trial_grad, p->n * sizeof *p->grad);
        }
    }
out:
    return st;
}

/* Leave a saddle along its steepest downward-curved direction, to the better side. */
static mtc_status leave_saddle(polisher *p, bool *moved, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const double *v = p->mode->eigenvector; /* of the smallest eigenvalue */
    *moved = false;
    for (int side = 1; side >= -1 && !*moved; side -= 2) {
        for (size_t i = 0; i < p->n; i++) {
            p->direction[i] = side * v[i] / sqrt(usable(p->mode->eigenvalue[0]));
        }
        MTC_TRY(line_search(p, 0.0, moved, err));
    }
out:
    return st;
}

static mtc_status climb_newton(polisher *p, const mtc_optimise_settings *settings, mtc_err *err)
{
    mtc_status st = MTC_OK;
    bool inside = true;
    int saddles = 0;
    double norm = 0.0, before = INFINITY;
    MTC_TRY(local_gradient(&p->shape, p->mode->x, &p->value, p->grad, &inside, err));
    MTC_TRY(take_hessian(p, &inside, err));
    for (int k = 0; k < 100 && inside; k++) {
        bool moved = false;
        norm = gradient_norm(p, p->grad, p->direction);
        if (norm > settings->gradient_tolerance) {
            /* an older Hessian will do while it brings the norm down fast */
            if (p->fresh || norm < 0.2 * before) {
                before = norm;
                MTC_TRY(line_search(p, norm, &moved, err));
            }
        } else if (p->fresh && p->mode->eigenvalue[0] < -flat_limit && saddles++ < 3) {
            MTC_TRY(leave_saddle(p, &moved, err));
        }
        if (!moved && p->fresh) {
            break;
        }
        if (!moved) {
            MTC_TRY(take_hessian(p, &inside, err));
        }
    }
    p->mode->gradient_norm = gradient_norm(p, p->grad, NULL);
    p->mode->verified = inside && p->fresh && p->mode->gradient_norm <= settings->gradient_tolerance &&
                        p->mode->eigenvalue[0] > flat_limit;
out:
    return st;
}

/* Covariance, its factor and Laplace's evidence from the eigenvalues; the Hessian into units of x. */
static mtc_status describe(polisher *p, mtc_err *err)
{
    mtc_mode *m = p->mode;
    const size_t n = p->n;
    const double log_2pi = 1.8378770664093454836;
    m->n_flat = 0;
    for (size_t k = 0; k < n; k++) {
        m->n_flat += m->eigenvalue[k] <= flat_limit;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const double unit = p->shape.scale[i] * p->shape.scale[j];
            double sum = 0.0;
            for (size_t k = 0; k < n; k++) {
                sum += m->eigenvector[k * n + i] * m->eigenvector[k * n + j] / usable(m->eigenvalue[k]);
            }
            m->covariance[i * n + j] = sum * unit;
            m->hessian[i * n + j] /= unit;
        }
    }
    memcpy(m->chol, m->covariance, n * n * sizeof *m->chol);
    const mtc_status st = mtc_cholesky(m->chol, n, err);
    if (st != MTC_OK) {
        mtc_err_prefix(err, "%s: covariance at a mode", p->shape.e->target->name);
        return st;
    }
    m->laplace = m->log_density + 0.5 * ((double)n * log_2pi + mtc_cholesky_log_det(m->chol, n));
    return MTC_OK;
}

mtc_status polish(mtc_evaluator *e, const mtc_optimise_settings *settings, const double *scale, mtc_mode *mode,
                  mtc_err *err)
{
    mtc_status st = MTC_OK;
    const size_t n = e->target->n_dim;
    polisher p = {.mode = mode, .n = n};
    double *buffer = mtc_calloc(4 * n, sizeof *buffer);
    if (!buffer) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for polishing a mode");
    }
    p.grad = buffer;
    p.direction = buffer + n;
    p.trial = buffer + 2 * n;
    p.trial_grad = buffer + 3 * n;
    MTC_TRY(local_shape_init(&p.shape, e, settings->beta, scale, err));
    MTC_TRY(climb_newton(&p, settings, err));
    mtc_point parts = {0};
    MTC_TRY(mtc_evaluator_log_density(e, mode->x, settings->beta, &mode->log_density, NULL, &parts, err));
    mode->log_prior = parts.log_prior;
    mode->log_likelihood = parts.log_likelihood;
    MTC_TRY(describe(&p, err));
out:
    local_shape_fini(&p.shape);
    mtc_free(buffer);
    return st;
}
