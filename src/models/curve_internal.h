/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CURVE_INTERNAL_H
#define CURVE_INTERNAL_H

#include "mtc_curve.h"

enum {
    PANEL_NODES = 16, /* Gauss-Legendre nodes of a panel in u and x */
    EDGE_NODES = 12,  /* of the part of a panel cut by a class edge */
    STEP_NODES = 10,  /* of a panel in growth time after surgery */
    LANES = 8,        /* of every reduction */
    MAX_STEPS = 160,  /* panels in growth time */
    MAX_ORDER = 60,   /* Chebyshev order in time since surgery */
    N_ORDER = 8,      /* orders to choose from */
    PART_CLASSES = 8  /* at most, of a part */
};

typedef struct {
    double lower_u, upper_u; /* doublings */
    int exact;
    double mass; /* of the size law inside the class */
} class_range;

/** What an accuracy asks of the rules; the numbers stand in curve_rules.c. */
typedef struct {
    double panel;           /* widths of panels in u and x, over the certified ones */
    double reach_nats;      /* growth rates and growth times count down to exp(-this) */
    double onset_nats;      /* the onset's tail counts down to exp(-this) of the largest rate */
    double rate_step;       /* of growth rates, in sds of log D given G */
    double rate_step_cap;   /* in log D */
    double rate_negligible; /* part of the sum so far of a growth rate that ends the walk outwards */
    double step_panel;      /* widths of panels in growth time after surgery, over the certified ones */
    double step_negligible; /* part of the mass so far of a panel that ends the march */
    size_t order;           /* index of the least Chebyshev order in time since surgery */
    double rare_nats;       /* values under exp(-this) are summed again with the far tail of the onset ... */
    double deepest_nats;    /* ... down to exp(-this) */
} curve_rules;

const curve_rules *curve_rules_of(mtc_accuracy accuracy);

/** Size classes that share their grids. Splitting a plan bounds its cost: each edge asks for nodes of every class. */
typedef struct {
    mtc_course course;
    const curve_rules *rules;
    size_t n_class;
    class_range *cls;
    size_t n_edge;
    double *edge;                    /* distinct class bounds and exact sizes, doublings */
    size_t *lower_edge, *upper_edge; /* per class: index into edge */
    size_t n_t;
    double *t_years;
    double u_max;                                                               /* largest size of any class */
    double size_mean_u, size_sd_u;                                              /* of the size law in doublings */
    double gauss_x[PANEL_NODES], gauss_w[PANEL_NODES], gauss_bary[PANEL_NODES]; /* on (-1, 1) */
    double edge_x[EDGE_NODES], edge_w[EDGE_NODES];
    double step_x[STEP_NODES], step_w[STEP_NODES];
    double cosine[N_ORDER][2 * MAX_ORDER]; /* cos(pi i / order) for each order of the Chebyshev tables */
    unsigned char *wanted;                 /* n_class x n_t: of mtc_curve_want */
    unsigned char *wanted_at;              /* n_t: of any class */
} curve_part;

struct mtc_curve_plan {
    size_t n_class, n_t;
    size_t n_part;
    curve_part **part; /* PART_CLASSES classes each, in order; the last may have less */
};

/** Founders at z = 1 for one primary growth rate, on the size grid u. */
typedef struct {
    double log_d, d_years, kappa, rate_d;    /* rate_d = mu D */
    double *p1, *p1_c, *p1_onset, *p1_width; /* P(c0 + kappa; u); tau = 0: Phi(y) in its place */
    double *n, *nu;                          /* N, nu per doubling, before surgery */
    double *s0, *e1;                         /* (1 + theta N)^(-1/theta), and to the power 1 + theta */
    double *f0;                              /* nu e1 */
} founder_row;

/** Chebyshev tables in time since surgery: survival and density of the first founder, class averages. */
typedef struct {
    size_t order;               /* nodes 0..order */
    const double *cosine;       /* cos(pi i / order), i < 2 order */
    double stretch;             /* X */
    double log_stretch;         /* log(1 + X) */
    double left[MAX_ORDER + 1]; /* exp(-s/tau) at the nodes: 1 at surgery, 0 at infinity */
    double *s0, *f0;            /* values, n_class x (order + 1) */
    double *s0_cheb, *f0_cheb;  /* coefficients */
} after_table;

/** Scratch for one part at a time. */
typedef struct {
    size_t n_class;
    long rate_low, rate_high; /* rates of growth that counted in the last evaluation */
    /* grids of this point */
    size_t n_panel_u, n_u, n_x, n_real; /* n_real: nodes of the rule in x; then one at surgery and idle ones */
    double depth;                       /* nats below 1 to which values are wanted */
    double reach;                       /* standard deviations of growth times that count for the present rate */
    double u_low;
    double *panel_u;      /* n_panel_u + 1 borders */
    double *u, *u_weight; /* n_u */
    double *x, *x_weight; /* n_x, multiple of LANES; doublings before surgery, <= 0 */
    double *edge_part;    /* n_edge x n_x x PANEL_NODES: weights of the part of a panel left of the edge */
    size_t *edge_panel;   /* n_edge x n_x */
    double *law;          /* n_u x n_x: u_weight times size density at u - x */
    double *average;      /* n_class x n_u x n_x */
    double *at_surgery;   /* n_class x n_u: average at x = 0 */
    double *below;        /* n_class: mass of sizes under u_low */
    /* functions of u that do not depend on D */
    double *scale; /* 2^(alpha (u - u_ref)) */
    double *p0, *p0_c, *p0_onset, *p0_width;
    founder_row row;
    after_table after;
    double *weight; /* n_class x n_x: f0 averaged times x_weight */
    double *weight_bar;
    double *mixed_s, *mixed_f;                      /* n_x */
    double *ccdf, *cdf, *dens, *z, *growth;         /* n_x: kernel at one time */
    double slower, faster, dens_surgery, z_surgery; /* P(G > t), P(G <= t), density and z at G = t */
    double *later_n, *later_s0, *later_e1;          /* n_u: at one time since surgery */
    double *s0_bar, *f0_bar;                        /* n_class x (order + 1) */
    double *s0_cheb_bar, *f0_cheb_bar;
    double *sum_p0, *sum_p1;     /* n_u: adjoint of P(c0; u), P(c0 + kappa; u) */
    double *s0_u_bar, *f0_u_bar; /* n_u */
    /* growth-time nodes of one (t, D) */
    double step_weight[MAX_STEPS * STEP_NODES + LANES], step_z[MAX_STEPS * STEP_NODES + LANES],
        step_arg[MAX_STEPS * STEP_NODES + LANES];
    double step_slope[MAX_STEPS * STEP_NODES + LANES]; /* d arg / d log tau */
    size_t n_step;
    double moment[MAX_ORDER + 1], moment_mu[MAX_ORDER + 1], moment_sigma[MAX_ORDER + 1], moment_delay[MAX_ORDER + 1];
    double *block; /* one allocation behind all arrays */
    size_t block_size;
    size_t *index_block;
    size_t index_size;
} curve_ws;

/** What the reverse pass must know of the last evaluation of a part. */
typedef struct {
    double depth;
    long rate_low, rate_high;
} part_trace;

struct mtc_curve_ws {
    curve_ws at;
    size_t n_part;
    part_trace *trace; /* n_part */
};

/** Grid of the rates of growth: log D = M + sigma_D zeta. */
typedef struct {
    double step; /* of zeta */
    long reach;  /* nodes -reach..reach, of which the outer ones are left out where they add nothing */
} rate_grid;

extern const size_t curve_orders[N_ORDER];

rate_grid curve_rate_grid(const curve_rules *rules, const mtc_course_point *p, double depth);
double curve_rate_weight(const rate_grid *g, long l, double *zeta);

/* curve_part.c */
mtc_status curve_part_create(const mtc_course *course, const mtc_size_class *cls, size_t n_class, const double *t_years,
                             size_t n_t, curve_part **out, mtc_err *err);
void curve_part_destroy(curve_part *part);

/* curve_grid.c, curve_average.c */
/* depth: nats by which the rarest value wanted lies below 1; the onset's tail is followed as far */
/* *domain: outside where the point needs more nodes than a value is worth; the scratch is then left as it was */
mtc_status curve_grids(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double depth,
                       mtc_domain *domain, mtc_err *err);
void curve_averages(const curve_part *part, curve_ws *ws);

/* curve_founders.c: functions of size and time since surgery */
void curve_common(curve_ws *ws, const mtc_course_point *p);
void curve_row(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double zeta, int gradient);
void curve_weights(curve_ws *ws);
void curve_after(const curve_part *part, curve_ws *ws, const mtc_course_point *p);
void curve_later(curve_ws *ws, const mtc_course_point *p, double left);

/* curve_kernel.c: growth-time law */
double curve_dot(const double *a, const double *b, size_t n);
void curve_kernel(curve_ws *ws, double t_years, double d_years, double mu, double sigma);
void curve_steps(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double t_years, double mu);
void curve_moments(curve_ws *ws, int gradient);
void curve_at_time(const curve_part *part, curve_ws *ws, const mtc_course_point *p, double t_years, double mu,
                   int gradient);

/* curve_adjoint.c: adds to d_point, at the grids that the scratch holds */
void curve_part_adjoint(const curve_part *part, curve_ws *ws, const mtc_course_point *p, const mtc_curve_values *bar,
                        const part_trace *trace, double *d_point);

#endif
