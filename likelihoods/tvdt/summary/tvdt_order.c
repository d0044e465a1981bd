/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Order statistics: a median or quantile alone, or several of one sample. */
#include "mtc_special.h"
#include "tvdt_normal.h"
#include "tvdt_summary.h"

#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Beyond this many sds from the centre z^2 overflows; the density is zero in any arithmetic. */
static const double z_limit = 1e150;

/* ---- density ------------------------------------------------------------------------------------------------- */

/* Ranks including 0 below and n + 1 above: the exponent of gap j is gap_rank(j + 1) - gap_rank(j) - 1. */
static double gap_rank(const tvdt_row *row, size_t j)
{
    if (j == 0) {
        return 0.0;
    }
    return j <= row->order.k ? row->order.rank[j - 1] : row->n + 1.0;
}

static double gap_exponent(const tvdt_row *row, size_t j)
{
    return gap_rank(row, j + 1) - gap_rank(row, j) - 1.0;
}

/* Gamma(n + 1) / product of Gamma(gaps), in logarithms. */
static double log_constant(const tvdt_row *row)
{
    double sum = gsl_sf_lngamma(row->n + 1.0);
    for (size_t j = 0; j <= row->order.k; ++j) {
        sum -= gsl_sf_lngamma(gap_exponent(row, j) + 1.0);
    }
    return sum;
}

static double order_eval(const tvdt_row *row, double mean, double sd, double *d_mean, double *d_sd)
{
    const tvdt_order *o = &row->order;
    double value = o->log_constant - (double)o->k * log(sd);
    double z_below = -HUGE_VAL, d_below = 0.0;
    *d_mean = 0.0;
    *d_sd = -(double)o->k / sd;
    for (size_t j = 0; j <= o->k; ++j) {
        const double z = j < o->k ? (o->log_value[j] - mean) / sd : HUGE_VAL;
        if (j < o->k && !(fabs(z) < z_limit)) {
            return -HUGE_VAL;
        }
        const double exponent = gap_exponent(row, j);
        double d_lower = 0.0, d_upper = 0.0;
        if (exponent != 0.0) {
            value += exponent * mtc_tvdt_log_between(z_below, z, &d_lower, &d_upper);
        }
        if (j > 0) { /* the place below is done: its gaps on both sides and its density */
            d_below += exponent * d_lower - z_below;
            value += mtc_log_normal_pdf(z_below) - o->log_value[j - 1];
            *d_mean -= d_below / sd;
            *d_sd -= d_below * z_below / sd;
        }
        z_below = z;
        d_below = exponent * d_upper;
    }
    return value;
}

static double order_information(const tvdt_row *row, double sd)
{
    double sum = (double)row->order.k;
    for (size_t j = 0; j <= row->order.k; ++j) {
        sum += fmax(0.0, gap_exponent(row, j));
    }
    return sum / (sd * sd);
}

/* Powers below zero (ranks less than one apart) are the only parts that are not log-concave. */
static double order_convexity(const tvdt_row *row, double sd)
{
    double sum = 0.0;
    for (size_t j = 0; j <= row->order.k; ++j) {
        sum += fmax(0.0, -gap_exponent(row, j));
    }
    return sum / (sd * sd);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

/* "min", "median", "max", "q25", "q2.5": probability and rank; false for any other word. */
static bool parse_word(const char *word, double n, double *probability, double *rank)
{
    *probability = NAN;
    if (strcmp(word, "min") == 0) {
        *rank = 1.0;
        return true;
    }
    if (strcmp(word, "max") == 0) {
        *rank = n;
        return true;
    }
    if (strcmp(word, "median") == 0) {
        *probability = 0.5;
    } else if (word[0] == 'q') {
        double percent = 0.0;
        if (mtc_number_parse(word + 1, &percent, NULL) != MTC_OK || !(percent > 0.0 && percent < 100.0)) {
            return false;
        }
        *probability = percent / 100.0;
    } else {
        return false;
    }
    *rank = *probability * (n + 1.0);
    return true;
}

/* Insert by rank, so that the keys may stand in any order. */
static void insert(tvdt_order *o, const char *word, double probability, double rank, double log_value)
{
    size_t i = o->k++;
    for (; i > 0 && o->rank[i - 1] > rank; --i) {
        o->word[i] = o->word[i - 1];
        o->probability[i] = o->probability[i - 1];
        o->rank[i] = o->rank[i - 1];
        o->log_value[i] = o->log_value[i - 1];
    }
    o->word[i] = word;
    o->probability[i] = probability;
    o->rank[i] = rank;
    o->log_value[i] = log_value;
}

static void check_order(const tvdt_row *row, const mtc_spec *node, mtc_errlist *errors)
{
    const tvdt_order *o = &row->order;
    for (size_t i = 1; i < o->k; ++i) {
        if (!(o->rank[i] > o->rank[i - 1])) {
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL,
                                  "order: '%s' and '%s' are the same order statistic of %.0f tumours (rank %g)",
                                  o->word[i - 1], o->word[i], row->n, o->rank[i]);
        } else if (!(o->log_value[i] > o->log_value[i - 1])) {
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "order: '%s' must be below '%s'",
                                  o->word[i - 1], o->word[i]);
        }
    }
}

static void unknown_word(const mtc_spec *node, size_t i, mtc_errlist *errors)
{
    static const char *const words[] = {"min", "median", "max"};
    char hint[96];
    const char *near = mtc_nearest_name(node->key[i], words, sizeof words / sizeof *words);
    (void)snprintf(hint, sizeof hint,
                   near != NULL ? "did you mean '%s'?" : "min, median, max, or q and the percentage: %s",
                   near != NULL ? near : "q25, q97.5");
    const mtc_pos *pos = node->key_pos != NULL ? &node->key_pos[i] : &node->item[i]->pos;
    (void)mtc_errlist_add(errors, MTC_ECONFIG, pos, hint, "order: unknown order statistic '%.80s'", node->key[i]);
}

static void order_read(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, "order");
    const size_t n_before = errors->n_all;
    if (node->kind != MTC_SPEC_MAP) {
        return;
    }
    if (node->n == 0 || node->n > MAX_ORDER) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, NULL, "order: needs 1 to %d order statistics, got %zu",
                              MAX_ORDER, node->n);
        return;
    }
    for (size_t i = 0; i < node->n; ++i) {
        double probability, rank, log_value;
        mtc_err local = MTC_ERR_INIT;
        double years;
        if (!parse_word(node->key[i], row->n, &probability, &rank)) {
            unknown_word(node, i, errors);
        } else if (mtc_spec_quantity(node->item[i], MTC_DIM_TIME, &years, &local) != MTC_OK) {
            mtc_err_prefix(&local, "order: %s", node->key[i]);
            (void)mtc_errlist_push(errors, &local);
        } else if (tvdt_row_log_time(node, node->key[i], &log_value, errors)) {
            insert(&row->order, node->key[i], probability, rank, log_value);
        }
    }
    check_order(row, node, errors);
    if (errors->n_all == n_before && row->n >= row->kind->n_min) {
        row->order.log_constant = log_constant(row);
    }
}

/* Words of `statistic` that other keys are for. */
static const char *statistic_hint(const char *word)
{
    if (strcmp(word, "mean") == 0 || strcmp(word, "sd") == 0) {
        return "an arithmetic mean is taken with its sd: {mean: 193 d, sd: 141 d, n: 66}";
    }
    if (strcmp(word, "geometric_mean") == 0 || strcmp(word, "log_mean") == 0 || strcmp(word, "log_sd") == 0) {
        return "a geometric mean has its own key: {geometric_mean: 139 d, log_sd: 0.65, n: 66}";
    }
    return "median, quantile (with probability:), min or max";
}

static void statistic_read(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors)
{
    const mtc_spec *node = mtc_spec_find(map, "statistic"), *p_node = mtc_spec_find(map, "probability");
    double probability = NAN, rank = NAN, log_value;
    const char *word = NULL;
    bool good = mtc_spec_text(node, &word, NULL) == MTC_OK;
    if (good && strcmp(word, "quantile") == 0) {
        good = p_node != NULL && mtc_spec_number(p_node, &probability, NULL) == MTC_OK;
        if (p_node == NULL) {
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &map->pos, "for example probability: 0.25",
                                  "key 'probability' is missing: which quantile?");
        } else if (good && !(probability > 0.0 && probability < 1.0)) {
            good = false;
            (void)mtc_errlist_add(errors, MTC_ECONFIG, &p_node->pos, NULL,
                                  "probability: must be above 0 and below 1, got %g", probability);
        }
        rank = probability * (row->n + 1.0);
    } else if (good && (word[0] == 'q' || !parse_word(word, row->n, &probability, &rank))) {
        good = false;
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &node->pos, statistic_hint(word), "statistic: unknown '%.80s'",
                              word);
    } else if (good && p_node != NULL) {
        (void)mtc_errlist_add(errors, MTC_ECONFIG, &p_node->pos, NULL,
                              "probability: belongs to 'statistic: quantile', not to '%.80s'", word);
    }
    if (tvdt_row_log_time(map, "value", &log_value, errors) && good && row->n >= row->kind->n_min) {
        insert(&row->order, word, probability, rank, log_value);
        row->order.log_constant = log_constant(row);
    }
}

/* ---- new samples and pictures -------------------------------------------------------------------------------- */

static int by_size(const void *p, const void *q)
{
    const double x = *(const double *)p, y = *(const double *)q;
    return (x > y) - (x < y);
}

/* Value at a rank of a sorted sample: between two of them in proportion (definition 6 of Hyndman & Fan 1996). */
static double at_rank(const double *x, size_t n, double rank)
{
    if (rank <= 1.0) {
        return x[0];
    }
    if (rank >= (double)n) {
        return x[n - 1];
    }
    const size_t i = (size_t)rank;
    const double low = exp(x[i - 1]);
    return rank == (double)i ? x[i - 1] : log(low + (rank - (double)i) * (exp(x[i]) - low));
}

static void statistic_summarise(const tvdt_row *row, double *x, char (*cell)[CELL_SIZE])
{
    const tvdt_order *o = &row->order;
    qsort(x, (size_t)row->n, sizeof *x, by_size);
    (void)snprintf(cell[CELL_STATISTIC], CELL_SIZE, "%s", o->word[0]);
    if (strcmp(o->word[0], "quantile") == 0) {
        (void)snprintf(cell[CELL_PROBABILITY], CELL_SIZE, "%.10g", o->probability[0]);
    }
    (void)mtc_tvdt_days_text(at_rank(x, (size_t)row->n, o->rank[0]), true, cell[CELL_VALUE], CELL_SIZE);
}

static void order_summarise(const tvdt_row *row, double *x, char (*cell)[CELL_SIZE])
{
    const tvdt_order *o = &row->order;
    size_t used = 0;
    qsort(x, (size_t)row->n, sizeof *x, by_size);
    for (size_t j = 0; j < o->k && used + 64 < CELL_SIZE; ++j) {
        char days[32];
        (void)mtc_tvdt_days_text(at_rank(x, (size_t)row->n, o->rank[j]), true, days, sizeof days);
        used += (size_t)snprintf(cell[CELL_ORDER] + used, CELL_SIZE - used, "%s%.16s: %s", j == 0 ? "{" : ", ",
                                 o->word[j], days);
    }
    (void)snprintf(cell[CELL_ORDER] + used, CELL_SIZE - used, "}");
}

static size_t order_points(const tvdt_row *row, double *log_years, double *probability, const char **word)
{
    const tvdt_order *o = &row->order;
    for (size_t j = 0; j < o->k; ++j) {
        log_years[j] = o->log_value[j];
        probability[j] = o->rank[j] / (row->n + 1.0);
        word[j] = o->word[j];
    }
    return o->k;
}

#define KEY_END                                                                                                        \
    {                                                                                                                  \
        NULL, MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL, NULL                           \
    }

static const mtc_key statistic_keys[] = {
    {"statistic", MTC_KEY_TEXT, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL,
     "which order statistic is reported: median, quantile, min or max"},
    {"probability", MTC_KEY_NUMBER, MTC_DIM_NONE, MTC_UNIT_NONE, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "of a quantile, between 0 and 1"},
    {"value", MTC_KEY_QUANTITY, MTC_DIM_TIME, MTC_UNIT_DAYS, -HUGE_VAL, HUGE_VAL, NULL, false, NULL,
     "its value: 150 d"},
    KEY_END,
};
static const mtc_key order_keys[] = {
    {"order", MTC_KEY_MAP, MTC_DIM_NONE, MTC_UNIT_NONE, 0.0, 0.0, NULL, false, NULL,
     "several order statistics of one sample: {min: 46 d, q25: 90 d, median: 141 d, max: 825 d}"},
    KEY_END,
};

const tvdt_row_kind tvdt_kind_statistic = {
    .name = "one order statistic",
    .keys = statistic_keys,
    .needs = (const char *const[]){"value", NULL},
    .n_min = 2.0,
    .read = statistic_read,
    .eval = order_eval,
    .information = order_information,
    .convexity = order_convexity,
    .summarise = statistic_summarise,
    .points = order_points,
};
const tvdt_row_kind tvdt_kind_order = {
    .name = "several order statistics",
    .keys = order_keys,
    .needs = (const char *const[]){NULL},
    .n_min = 2.0,
    .read = order_read,
    .eval = order_eval,
    .information = order_information,
    .convexity = order_convexity,
    .summarise = order_summarise,
    .points = order_points,
};
