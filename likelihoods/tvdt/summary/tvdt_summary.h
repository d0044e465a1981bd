/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_TVDT_SUMMARY_INTERNAL_H
#define MTC_TVDT_SUMMARY_INTERNAL_H

#include "mtc_likelihood.h"
#include "tvdt_shift.h"
#include "tvdt_show.h"

/* Order statistics a row can give at most: more would be the sample itself. */
#define MAX_ORDER 32
/* Room of one cell of a simulated row. */
#define CELL_SIZE 1024

/* Columns of a simulated row: the keys of all kinds of rows. */
typedef enum {
    CELL_SITE,
    CELL_N,
    CELL_STUDY,
    CELL_SAMPLE,
    CELL_STATISTIC,
    CELL_PROBABILITY,
    CELL_VALUE,
    CELL_ORDER,
    CELL_GEOMETRIC_MEAN,
    CELL_LOG_SD,
    CELL_MEAN,
    CELL_SD,
    N_CELL
} tvdt_cell;

typedef struct tvdt_row_kind tvdt_row_kind;

/* Order statistics of one sample, by rising rank. */
typedef struct {
    size_t k;
    const char *word[MAX_ORDER];   /* "min", "median", "q25" */
    double probability[MAX_ORDER]; /* of a quantile; NAN for min and max */
    double rank[MAX_ORDER];
    double log_value[MAX_ORDER]; /* years */
    double log_constant;         /* of the multinomial factor */
} tvdt_order;

/* One reported summary. */
typedef struct {
    const tvdt_row_kind *kind;
    mtc_pos pos;
    mtc_tvdt_site site;
    double n;           /* tumours */
    const char *study;  /* NULL: its own */
    const char *sample; /* NULL: not named */
    const char *source; /* NULL: none */
    size_t group;
    tvdt_order order;
    double log_centre; /* log geometric mean, log arithmetic mean (years) */
    double log_sd;     /* sd of logarithms, NAN if not given; log of the arithmetic sd (years) */
} tvdt_row;

/*
 * One form in which a paper summarises a sample: what its keys are, how it is read, and its density. To add a form,
 * write such a table and name it in tvdt_row_kinds.
 */
struct tvdt_row_kind {
    const char *name;         /* for messages: "order statistics" */
    const mtc_key *keys;      /* its own keys; the first one selects the kind */
    const char *const *needs; /* keys without which it is incomplete, NULL-terminated */
    double n_min;             /* smallest sample */
    /* Fill the row from its map; mistakes to errors (values that are no numbers are reported already). */
    void (*read)(tvdt_row *row, const mtc_spec *map, mtc_errlist *errors);
    /* Log density of the summary of n tumours whose log doubling time is Normal(mean, sd^2); every reported time counts
     * per year, a log-mean per log year, a log-sd per unit. Derivatives by mean and sd; -INFINITY on underflow. */
    double (*eval)(const tvdt_row *row, double mean, double sd, double *d_mean, double *d_sd);
    /* Bounds of the second derivative by the mean near the mode (sign reversed) and anywhere: see mtc_tvdt_group. */
    double (*information)(const tvdt_row *row, double sd);
    double (*convexity)(const tvdt_row *row, double sd);
    /* The same summary of a new sample: x are the n logarithms of doubling times (years), in any order (may be
     * sorted). Writes the cells of its own keys. */
    void (*summarise)(const tvdt_row *row, double *x, char (*cell)[CELL_SIZE]);
    /* Observed points of the distribution function: at most MAX_ORDER; returns how many. */
    size_t (*points)(const tvdt_row *row, double *log_years, double *probability, const char **word);
};

extern const tvdt_row_kind tvdt_kind_statistic;
extern const tvdt_row_kind tvdt_kind_order;
extern const tvdt_row_kind tvdt_kind_geometric_mean;
extern const tvdt_row_kind tvdt_kind_mean_sd;
/* All kinds, NULL-terminated. */
extern const tvdt_row_kind *const tvdt_row_kinds[];

extern const mtc_key tvdt_row_keys[];

typedef enum { COUNT_ROW, COUNT_STUDY, COUNT_PRIMARY, COUNT_METASTASIS, N_COUNT } tvdt_count;

typedef struct {
    const mtc_source *src;
    mtc_tvdt_params params;
    bool between_study;
    size_t n;
    tvdt_row *row;
    size_t n_group;
    size_t *by_group;    /* n row numbers, group after group */
    size_t *group_start; /* n_group + 1 places in by_group */
    double count[N_COUNT];
    mtc_tvdt_show show;
} tvdt_summary;

/* `rows` of the source -> rows and groups. */
mtc_status tvdt_summary_read(tvdt_summary *self, const mtc_source *src, mtc_arena *arena, mtc_errlist *errors,
                             mtc_err *err);
/* Reported quantiles as points. */
mtc_status tvdt_summary_show(tvdt_summary *self, mtc_arena *arena, mtc_err *err);
/* The same summaries of new samples. */
mtc_status tvdt_summary_simulate(const void *self, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err);

/* Time of a key, as log years: must be > 0. False where absent or wrong; a wrong unit is reported elsewhere. */
bool tvdt_row_log_time(const mtc_spec *map, const char *key, double *log_years, mtc_errlist *errors);

#endif
