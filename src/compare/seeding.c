/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare_internal.h"

#include "mtc_rng.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * When and at what size founders left: patients are simulated at posterior draws, from the model's words. Each draw
 * gives one histogram per question; draws count alike.
 */
enum {
    BLOCK = 10,      /* draws per task */
    N_BIN = 600,     /* fine bins of a histogram; the last one holds all that is larger */
    N_HISTOGRAM = 3, /* years of the first, diameter of the first, diameter of all */
    MAX_LEFT = 16,   /* founders looked at per patient */
    MAX_TRY = 200,   /* draws of a patient without metastasis at surgery */
    N_SHARE = 4
};

typedef struct {
    const char *id, *label, *unit;
    double low, high; /* of the fine bins; logarithmic where low > 0 */
    size_t n_edge;
    double edge[24];
} question;

static const question questions[N_HISTOGRAM] = {
    {"first_years_before_surgery",
     "Years before surgery when the founder of the first metastasis left",
     "years",
     0.0,
     60.0,
     17,
     {0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30}},
    {"first_diameter_mm",
     "Diameter of the primary when the founder of the first metastasis left",
     "mm",
     0.01,
     300.0,
     16,
     {0, 1, 2, 3, 4, 5, 7.5, 10, 12.5, 15, 20, 25, 30, 40, 50, 80}},
    {"all_diameter_mm",
     "Diameter of the primary when founders left, all founders",
     "mm",
     0.01,
     300.0,
     16,
     {0, 1, 2, 3, 4, 5, 7.5, 10, 12.5, 15, 20, 25, 30, 40, 50, 80}}};

static const struct {
    const char *id, *label;
    size_t histogram;
    double below_mm;
} shares[N_SHARE] = {{"first_below_5_mm", "First metastasis: founder left a primary below 5 mm", 1, 5.0},
                     {"first_below_10_mm", "First metastasis: founder left a primary below 10 mm", 1, 10.0},
                     {"all_below_5_mm", "All founders: left a primary below 5 mm", 2, 5.0},
                     {"all_below_10_mm", "All founders: left a primary below 10 mm", 2, 10.0}};

/* ---- fine bins ---- */

static size_t bin_of(const question *q, double x)
{
    const double place = q->low > 0.0 ? log(x / q->low) / log(q->high / q->low) : x / q->high;
    const double bin = place * (N_BIN - 1);
    return !(bin > 0.0) ? 0 : bin >= N_BIN - 1 ? N_BIN - 1 : (size_t)bin;
}

static double lower_edge(const question *q, size_t bin)
{
    const double place = (double)bin / (N_BIN - 1);
    return q->low > 0.0 ? q->low * pow(q->high / q->low, place) : q->high * place;
}

/* ---- tasks ---- */

/* One draw's numbers: the histograms (each of sum 1, or all zero where nobody metastasises), then the shares. */
enum { N_OUT = N_HISTOGRAM * N_BIN + N_SHARE };

typedef struct {
    const model_fit *f;
    const mtc_likelihood *sizes; /* the source whose patients' sizes are used; NULL: the course's law */
    double *course_theta;        /* n_theta x MTC_COURSE_N_PARAM */
} seeding_job;

/* A patient as they come into such data: without metastasis at surgery. *found false: the point hardly allows one. */
static mtc_status draw_patient(const seeding_job *job, const double *theta, gsl_rng *rng, mtc_patient *patient,
                               double *left_mm, size_t *n_left, bool *found, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_course *course = job->f->model->course;
    *found = false;
    for (int k = 0; k < MAX_TRY && !*found; k++) {
        const double size = job->sizes ? job->sizes->ops->draw_size_mm(job->sizes->self, rng)
                                       : mtc_course_draw_size_mm(course, course->size_min_mm, course->size_max_mm, rng);
        MTC_TRY(mtc_course_draw_patient(course, theta, size, rng, patient, left_mm, MAX_LEFT, n_left, err));
        *found = patient->time_years > 0.0;
    }
out:
    return st;
}

static void count_patient(const mtc_patient *patient, const double *left_mm, size_t n_left, double *out)
{
    if (isfinite(patient->time_years)) {
        out[bin_of(&questions[0], -patient->first_left_years)] += 1.0;
        out[N_BIN + bin_of(&questions[1], patient->first_left_diameter_mm)] += 1.0;
    }
    /* the founders looked at stand for all of the patient's */
    for (size_t i = 0; i < n_left; i++) {
        out[2 * N_BIN + bin_of(&questions[2], left_mm[i])] += patient->n_founders / (double)n_left;
    }
}

/* Exact shares need the sizes, not bins: counted beside. sum[0..1]: first, sum[2..3]: all. */
static void count_shares(const mtc_patient *patient, const double *left_mm, size_t n_left, double *below)
{
    for (size_t s = 0; s < N_SHARE; s++) {
        if (shares[s].histogram == 1) {
            below[s] += isfinite(patient->time_years) && patient->first_left_diameter_mm < shares[s].below_mm;
            continue;
        }
        for (size_t i = 0; i < n_left; i++) {
            below[s] += left_mm[i] < shares[s].below_mm ? patient->n_founders / (double)n_left : 0.0;
        }
    }
}

static void normalise(double *out)
{
    double total[N_HISTOGRAM] = {0.0};
    for (size_t h = 0; h < N_HISTOGRAM; h++) {
        for (size_t i = 0; i < N_BIN; i++) {
            total[h] += out[h * N_BIN + i];
        }
        for (size_t i = 0; total[h] > 0.0 && i < N_BIN; i++) {
            out[h * N_BIN + i] /= total[h];
        }
    }
    for (size_t s = 0; s < N_SHARE; s++) {
        double *share = &out[N_HISTOGRAM * N_BIN + s];
        *share = total[shares[s].histogram] > 0.0 ? *share / total[shares[s].histogram] : (double)NAN;
    }
}

static mtc_status simulate_draw(const seeding_job *job, size_t k, double *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const model_fit *f = job->f;
    gsl_rng *rng = NULL;
    char stream[256];
    snprintf(stream, sizeof stream, "%s/seeding/draw %zu", f->model->name, k);
    MTC_TRY(mtc_rng_stream(f->plan->seed, stream, &rng, err));
    for (size_t i = 0; i < f->plan->n_patient; i++) {
        mtc_patient patient;
        double left_mm[MAX_LEFT];
        size_t n_left = 0;
        bool found = false;
        MTC_TRY(draw_patient(job, job->course_theta + k * MTC_COURSE_N_PARAM, rng, &patient, left_mm, &n_left, &found,
                             err));
        if (!found) {
            break;
        }
        count_patient(&patient, left_mm, n_left, out);
        count_shares(&patient, left_mm, n_left, out + N_HISTOGRAM * N_BIN);
    }
    normalise(out);
out:
    gsl_rng_free(rng);
    return st;
}

static mtc_status run_block(const void *self, void *worker, size_t task, mtc_blob *out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const seeding_job *job = self;
    const size_t first = task * BLOCK;
    const size_t n = job->f->n_theta - first < BLOCK ? job->f->n_theta - first : BLOCK;
    (void)worker;
    MTC_TRY(mtc_blob_init(out, n * N_OUT, err));
    for (size_t k = 0; k < n; k++) {
        MTC_TRY(simulate_draw(job, first + k, out->value + k * N_OUT, err));
    }
out:
    return st;
}

/* ---- into the result ---- */

/* Quantile of a histogram that sums to `total`, linear within a bin. */
static double histogram_quantile(const question *q, const double *bin, double total, double p)
{
    double below = 0.0;
    for (size_t i = 0; i < N_BIN; i++) {
        const double want = p * total - below;
        if (bin[i] > 0.0 && want <= bin[i]) {
            const double low = i == 0 ? 0.0 : lower_edge(q, i);
            const double high = i + 1 < N_BIN ? lower_edge(q, i + 1) : low;
            return low + (high - low) * fmax(want, 0.0) / bin[i];
        }
        below += bin[i];
    }
    return q->high;
}

static void fill_shares_of_bins(const question *q, const double *bin, double total, double *share)
{
    for (size_t i = 0; i < N_BIN; i++) {
        const double middle = i + 1 < N_BIN ? 0.5 * (lower_edge(q, i) + lower_edge(q, i + 1)) : q->high;
        for (size_t k = 0; k + 1 < q->n_edge; k++) {
            if (middle >= q->edge[k] && middle < q->edge[k + 1]) {
                share[k] += bin[i] / total;
            }
        }
    }
}

static mtc_status fill_distribution(mtc_result *r, const question *q, const double *bin, mtc_result_distribution *out,
                                    mtc_err *err)
{
    mtc_status st = MTC_OK;
    double total = 0.0;
    for (size_t i = 0; i < N_BIN; i++) {
        total += bin[i];
    }
    const double none = (double)NAN;
    *out = (mtc_result_distribution){.id = q->id,
                                     .label = q->label,
                                     .unit = q->unit,
                                     .q05 = none,
                                     .q25 = none,
                                     .q50 = none,
                                     .q75 = none,
                                     .q95 = none};
    if (!(total > 0.0)) {
        return MTC_OK;
    }
    out->q05 = histogram_quantile(q, bin, total, 0.05);
    out->q25 = histogram_quantile(q, bin, total, 0.25);
    out->q50 = histogram_quantile(q, bin, total, 0.5);
    out->q75 = histogram_quantile(q, bin, total, 0.75);
    out->q95 = histogram_quantile(q, bin, total, 0.95);
    out->n_edge = q->n_edge;
    MTC_TRY(mtc_result_doubles(r, q->edge, q->n_edge, &out->edge, err));
    MTC_TRY(mtc_result_list(r, q->n_edge - 1, &out->share, err));
    fill_shares_of_bins(q, bin, total, out->share);
out:
    return st;
}

static mtc_status fill_seeding(model_fit *f, const mtc_blob *result, mtc_err *err)
{
    mtc_status st = MTC_OK;
    mtc_result_seeding *out = &f->out->seeding;
    double *sum = mtc_calloc(N_HISTOGRAM * N_BIN + f->n_theta, sizeof *sum);
    double *each = sum ? sum + N_HISTOGRAM * N_BIN : NULL;
    if (!sum) {
        return mtc_fail(err, MTC_ENOMEM, "no memory for the seeding of %s", f->model->name);
    }
    for (size_t k = 0; k < f->n_theta; k++) {
        const double *row = result[k / BLOCK].value + (k % BLOCK) * N_OUT;
        for (size_t i = 0; i < N_HISTOGRAM * N_BIN; i++) {
            sum[i] += row[i];
        }
    }
    MTC_TRY(mtc_result_list(f->result, N_HISTOGRAM, &out->distribution, err));
    MTC_TRY(mtc_result_list(f->result, N_SHARE, &out->share, err));
    for (size_t h = 0; h < N_HISTOGRAM; h++) {
        MTC_TRY(fill_distribution(f->result, &questions[h], sum + h * N_BIN, &out->distribution[h], err));
    }
    out->n_distribution = N_HISTOGRAM;
    for (size_t s = 0; s < N_SHARE; s++) {
        size_t n = 0;
        for (size_t k = 0; k < f->n_theta; k++) {
            const double share = result[k / BLOCK].value[(k % BLOCK) * N_OUT + N_HISTOGRAM * N_BIN + s];
            if (!isnan(share)) {
                each[n++] = share;
            }
        }
        out->share[s] = (mtc_result_share){shares[s].id, shares[s].label, compare_interval(each, n)};
    }
    out->n_share = N_SHARE;
out:
    mtc_free(sum);
    return st;
}

static const mtc_likelihood *source_with_sizes(const mtc_posterior *p)
{
    for (size_t i = 0; i < mtc_posterior_n_source(p); i++) {
        const mtc_likelihood *l = mtc_posterior_source(p, i);
        if (l->ops->draw_size_mm) {
            return l;
        }
    }
    return NULL;
}

mtc_status compare_seeding(model_fit *f, mtc_err *err)
{
    mtc_status st = MTC_OK;
    const mtc_posterior *p = f->model->posterior;
    const size_t n_param = mtc_posterior_n_param(p), n_task = (f->n_theta + BLOCK - 1) / BLOCK;
    seeding_job job = {.f = f, .sizes = source_with_sizes(p)};
    char name[256];
    mtc_blob *result = mtc_calloc(n_task, sizeof *result);
    job.course_theta = mtc_calloc(f->n_theta * MTC_COURSE_N_PARAM, sizeof *job.course_theta);
    if (!result || !job.course_theta) {
        st = mtc_fail(err, MTC_ENOMEM, "no memory for the seeding of %s", f->model->name);
        goto out;
    }
    for (size_t k = 0; k < f->n_theta; k++) {
        if (!f->model->course ||
            !compare_course_theta(p, f->theta + k * n_param, job.course_theta + k * MTC_COURSE_N_PARAM)) {
            goto out; /* the sources do not tell when founders left */
        }
    }
    snprintf(name, sizeof name, "%s/seeding", f->model->name);
    const mtc_job list = {.name = name, .n_task = n_task, .self = &job, .run = run_block};
    MTC_TRY(mtc_exec_run(f->exec, &list, result, err));
    MTC_TRY(fill_seeding(f, result, err));
out:
    for (size_t t = 0; result && t < n_task; t++) {
        mtc_blob_fini(&result[t]);
    }
    mtc_free(result);
    mtc_free(job.course_theta);
    return st;
}
