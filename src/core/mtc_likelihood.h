/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MTC_LIKELIHOOD_H
#define MTC_LIKELIHOOD_H

#include "mtc_arena.h"
#include "mtc_param.h"
#include "mtc_spec.h"
#include "mtc_table.h"

#include <gsl/gsl_rng.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MTC_LIKELIHOOD_ABI 1u

/** A meaning that a column of a table (or a key of an inline row) can have for a likelihood kind. */
typedef struct {
    const char *role; /* "time"; NULL ends the list */
    mtc_dim dim; /* with a dimension, the unit comes from the column's suffix (_years, _mm), from `units:`, or the row's
                    value */
    bool is_text;        /* words, not numbers */
    bool required;       /* must be mapped */
    bool may_be_missing; /* an empty cell is allowed and handled by the kind */
    const char *help;    /* one line, with unit */
} mtc_role;

struct mtc_course; /* course of disease (models/mtc_course.h): settings such as detection diameter, size law, growth law
                    */

/** One data source as a likelihood sees it: settings, and rows as columns in inside units. A plain view, filled by
 * data. */
typedef struct {
    const char *name; /* the user's name of the source */
    mtc_pos pos;
    const mtc_spec *spec; /* the source's map in the configuration */
    const struct mtc_course *course;
    size_t n_row; /* after `where` and `missing: drop` */
    size_t n_role;
    const double *const
        *number; /* [role][row], inside unit, NaN where empty; NULL where the role is not mapped or text */
    const char *const *const *text; /* [role][row]; NULL where not mapped or not text */
    const mtc_pos *row_pos;         /* [row] where the row stands */
    const char *const *column_name; /* [role] name for messages; NULL where not mapped */
    const long *column_index;       /* [role] column of the file from 1; 0 where inline */
    bool drop_missing;              /* `missing: drop` */
    size_t n_filtered;              /* rows that `where` left out */
    size_t n_dropped;               /* rows that `missing: drop` left out so far */
} mtc_source;

/** A number that describes the data or that a parameter point predicts: "metastasis by 10 years, 20-50 mm". */
typedef struct {
    const char *id;    /* stable key: "metastasis_by_10_years.le20" */
    const char *label; /* for people */
    mtc_unit unit;
    bool is_count; /* counts below 5 are hidden under `privacy: aggregate` */
} mtc_quantity;

/** A picture of data against model: observed step curve or points, and the grid on which the model is drawn. */
typedef struct {
    const char *id;    /* "km.le20" */
    const char *title; /* "Free of metastasis, primary at most 20 mm" */
    const char *kind;  /* "kaplan_meier", "cdf" */
    const char *x_label, *y_label;
    bool x_log;
    size_t n_x;
    const double *x; /* grid of the prediction */
    size_t n_obs;
    const double *obs_x, *obs_y, *obs_lower,
        *obs_upper;               /* 95% limits; NULL where none; for "cdf" points may carry x-limits instead */
    const double *obs_n_at_risk;  /* NULL where none */
    const char *const *obs_label; /* per point: study; NULL where none */
} mtc_display;

/** Rows a simulator makes: named columns of text cells, ready to be written as CSV or as inline rows. */
typedef struct mtc_rows mtc_rows;
MTC_API mtc_status mtc_rows_create(const char *const *column, size_t n_col, mtc_rows **out, mtc_err *err);
MTC_API void mtc_rows_destroy(mtc_rows *rows);
/** Append a row of n_col cells (copied). */
MTC_API mtc_status mtc_rows_add(mtc_rows *rows, const char *const *cell, mtc_err *err);
MTC_API size_t mtc_rows_count(const mtc_rows *rows);
MTC_API size_t mtc_rows_columns(const mtc_rows *rows);
MTC_API const char *mtc_rows_column(const mtc_rows *rows, size_t col);
MTC_API const char *mtc_rows_cell(const mtc_rows *rows, size_t row, size_t col);

/** Why a log-likelihood is -infinity; 0: it is finite. */
typedef enum {
    MTC_REASON_NONE = 0,
    MTC_REASON_PRIOR_SUPPORT, /* outside the prior's support */
    MTC_REASON_MODEL_DOMAIN,  /* the model is not defined here */
    MTC_REASON_UNDERFLOW,     /* an observation has probability below the smallest number */
    MTC_REASON_COUNT
} mtc_reason;
/** Plain words for a reason; static storage. */
MTC_API const char *mtc_reason_text(mtc_reason reason);

/**
 * One kind of data. theta holds the natural-unit values of the parameters that params() names, in that order.
 * self is constant after init; a workspace belongs to one thread.
 */
typedef struct {
    uint32_t abi;          /* MTC_LIKELIHOOD_ABI */
    const char *name;      /* "latency/individual" */
    const char *summary;   /* one line */
    const char *formula;   /* for `explain` */
    const char *source;    /* reference */
    const mtc_key *keys;   /* settings beside likelihood, table, rows, columns, units, where, missing, source */
    const mtc_role *roles; /* columns; NULL: the kind reads `rows` from src->spec itself */
    bool has_draft;        /* cheaper with src->course->accuracy at MTC_ACCURACY_DRAFT */
    bool rows_inline;      /* simulated rows are written into the configuration, not as CSV */
    size_t self_size;
    /* required. Reads rows and settings; every mistake in them goes to errors (and MTC_EDATA or MTC_ECONFIG comes
     * back). src and its arena outlive self. */
    mtc_status (*init)(void *self, mtc_source *src, mtc_arena *arena, mtc_errlist *errors, mtc_err *err);
    /* NULL: nothing held outside the arena. Releases what init took; also after an init that failed. */
    void (*fini)(void *self);
    /* required. Parameters it uses. The list lives as long as self. */
    void (*params)(const void *self, const mtc_param_info *const **list, size_t *n);
    /* required. Scratch for eval, predict, quantities of one thread; release with ws_destroy. */
    mtc_status (*ws_create)(const void *self, void **ws, mtc_err *err);
    void (*ws_destroy)(void *ws);
    /* required. Log-likelihood of all rows; -INFINITY with *reason where the point has probability zero; never NaN.
     * grad: NULL or d value / d theta (natural units), length n params (unspecified where value is -INFINITY)
     * per_obs: NULL or log contributions, length n_obs(); their sum is the value up to rounding */
    mtc_status (*eval)(const void *self, void *ws, const double *theta, double *value, double *grad, double *per_obs,
                       mtc_reason *reason, mtc_err *err);
    /* required. Number of units for leave-one-out: patients, rows, counts. */
    size_t (*n_obs)(const void *self);
    /* required. Name of unit i for messages, "row 1507". */
    void (*obs_label)(const void *self, size_t i, char *buf, size_t size);
    /* required. Facts about the data: n, events, median follow-up, counts by class. value: n_facts numbers. */
    size_t (*n_facts)(const void *self);
    void (*fact)(const void *self, size_t i, mtc_quantity *info, double *value);
    /* NULL: none. Numbers that a parameter point predicts (for `check` and the report). */
    size_t (*n_quantities)(const void *self);
    void (*quantity)(const void *self, size_t i, mtc_quantity *info);
    mtc_status (*quantities)(const void *self, void *ws, const double *theta, double *value, mtc_err *err);
    /* NULL: none. Pictures of data against model. predict: y on display i's grid. */
    size_t (*n_displays)(const void *self);
    const mtc_display *(*display)(const void *self, size_t i);
    mtc_status (*predict)(const void *self, void *ws, size_t i, const double *theta, double *y, mtc_err *err);
    /* NULL: cannot. New rows of the same design (sizes, follow-up, n), drawn patient by patient. *out: caller destroys.
     */
    mtc_status (*simulate)(const void *self, const double *theta, gsl_rng *rng, mtc_rows **out, mtc_err *err);
    /* NULL: no patients with a primary. Diameter (mm) of a patient drawn from those in the data. */
    double (*draw_size_mm)(const void *self, gsl_rng *rng);
} mtc_likelihood_ops;

/** A kind with its data. */
typedef struct {
    const mtc_likelihood_ops *ops;
    void *self;
    const mtc_source *src;
} mtc_likelihood;

#ifdef __cplusplus
}
#endif
#endif
