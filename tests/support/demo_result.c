/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "demo_result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define HOSTILE "<script>alert('x')</script> & \"q\" `w` | $(touch /tmp/mtc_was_here) ]]> **b** _{i} @ ~ % \\ \n EOD"

typedef struct {
    mtc_result *r;
    unsigned flags;
    mtc_err *err;
} demo;

/** A parameter with a log-normal prior and, per model, a log-normal posterior. */
typedef struct {
    const char *name, *unit, *symbol, *text, *prior;
    double prior_median, prior_log_sd;
    double median[3], log_sd[3]; /* linear, parallel, unrestricted */
} demo_param;

static const demo_param params[] = {
    {"doubling_time_days",
     "days",
     "δ",
     "median doubling time of the primary",
     "LogNormal(median 150 d, log-sd 0.5)",
     150.0,
     0.5,
     {139.0, 148.0, 149.0},
     {0.045, 0.04, 0.042}},
    {"doubling_time_log_sd",
     "",
     "σ_D",
     "spread of doubling times between patients",
     "LogNormal(median 0.7, log-sd 0.4)",
     0.7,
     0.4,
     {0.71, 0.66, 0.66},
     {0.05, 0.05, 0.05}},
    {"growth_ratio",
     "",
     "r",
     "how much faster the metastasis grows",
     "LogNormal(median 1.5, log-sd 0.8)",
     1.5,
     0.8,
     {2.41, 1.78, 1.83},
     {0.09, 0.1, 0.11}},
    {"growth_ratio_log_sd",
     "",
     "σ_ρ",
     "spread of the growth ratio between patients",
     "LogNormal(median 0.4, log-sd 0.5)",
     0.4,
     0.5,
     {0.38, 0.41, 0.4},
     {0.25, 0.24, 0.25}},
    {"founders_at_reference",
     "",
     "Λ",
     "founders expected from a 30 mm primary",
     "LogNormal(median 1, log-sd 1.5)",
     1.0,
     1.5,
     {77.0, 2.3, 4.1},
     {0.5, 0.45, 0.9}},
    {"seeding_frailty_variance",
     "",
     "θ",
     "variance of the tendency to seed",
     "LogNormal(median 1.5, log-sd 0.8)",
     1.5,
     0.8,
     {5.2, 2.9, 3.2},
     {0.12, 0.18, 0.2}},
    {"seeding_diameter_mm",
     "mm",
     "ℓ_s",
     "diameter at which half of full competence is reached",
     "LogNormal(median 15 mm, log-sd 0.4), at least 10 mm",
     15.0,
     0.4,
     {11.3, 2.4, 3.1},
     {0.08, 0.33, 0.75}},
    {"seeding_width",
     "",
     "σ_ℓ",
     "log-sd of the onset in diameter",
     "LogNormal(median 0.2, log-sd 0.5), 0.05 to 0.5",
     0.2,
     0.5,
     {0.24, 0.19, 0.2},
     {0.4, 0.45, 0.45}},
    {"seeding_exponent",
     "",
     "α",
     "how dissemination grows with cell number",
     "Normal(mean 1, sd 0.5), at least 0",
     0.9,
     0.45,
     {0.62, 0.55, 0.68},
     {0.22, 0.25, 0.24}},
    {"outgrowth_delay_years",
     "years",
     "τ",
     "mean delay before a founder grows",
     "LogNormal(median 1 y, log-sd 1)",
     1.0,
     1.0,
     {0.21, 0.9, 0.7},
     {0.6, 0.55, 0.6}},
};
#define N_PARAM (sizeof params / sizeof params[0])

static const char *user_text(const demo *d, const char *text)
{
    return (d->flags & DEMO_HOSTILE) != 0 ? HOSTILE : text;
}

static double lognormal_density(double x, double median, double log_sd)
{
    const double z = (log(x) - log(median)) / log_sd;
    return exp(-0.5 * z * z) / (x * log_sd * sqrt(2.0 * 3.14159265358979324));
}

static mtc_result_interval around(double median, double log_sd)
{
    return (mtc_result_interval){median, median * exp(-1.645 * log_sd), median * exp(1.645 * log_sd)};
}

static mtc_status fill_run(const demo *d)
{
    mtc_status st = MTC_OK;
    static const char *const setting[][2] = {{"detection diameter", "10 mm"},
                                             {"size at surgery", "log-normal, median 22 mm, log-sd 0.55, 1–120 mm"},
                                             {"target_se", "0.05"},
                                             {"route", "auto"}};
    mtc_result_run *run = &d->r->run;

    run->version = "0.1.0";
    run->kind = (d->flags & DEMO_FIT) != 0 ? "fit" : "compare";
    run->title = user_text(d, "Rotterdam breast cancer cohort, node-negative, no systemic therapy");
    run->seed = 20260722;
    run->config_hash = "9f1c0a77d2e4b653";
    run->data_hash = "41be6d0cf3a79812";
    run->command = user_text(d, "metachron compare examples/breast/untreated.yaml --seed 20260722");
    run->privacy = (d->flags & DEMO_INDIVIDUAL) != 0 ? "individual" : "aggregate";
    run->n_setting = sizeof setting / sizeof setting[0];
    MTC_TRY(mtc_result_list(d->r, run->n_setting, &run->setting, d->err));
    for (size_t i = 0; i < run->n_setting; i++) {
        run->setting[i] = (mtc_result_setting){setting[i][0], setting[i][1]};
    }
out:
    return st;
}

static mtc_status fill_sources(const demo *d)
{
    mtc_status st = MTC_OK;
    static const mtc_result_fact latency[] = {{"patients", 1436, "", true, false},
                                              {"metastases", 393, "", true, false},
                                              {"median follow-up", 9.3, "years", false, false},
                                              {"primary at most 20 mm", 828, "", true, false},
                                              {"primary 20–50 mm", 573, "", true, false},
                                              {"primary above 50 mm", 35, "", true, false},
                                              {"events on the day of exit", 3, "", true, false}};
    static const mtc_result_fact tvdt[] = {{"summary rows", 4, "", false, false}, {"tumours", 478, "", true, false}};
    mtc_result *r = d->r;

    r->n_source = (d->flags & DEMO_BARE) != 0 ? 1 : 2;
    MTC_TRY(mtc_result_list(r, r->n_source, &r->source, d->err));
    r->source[0] = (mtc_result_source){.name = user_text(d, "rotterdam"),
                                       .kind = "latency/individual",
                                       .description = "time from surgery to metastasis, patient by patient",
                                       .reference = user_text(d, "Foekens 2000; R package survival"),
                                       .n_obs = 1436,
                                       .n_filtered = 1546,
                                       .n_dropped = 0,
                                       .n_fact = 7};
    MTC_TRY(mtc_result_list(r, 7, &r->source[0].fact, d->err));
    memcpy(r->source[0].fact, latency, sizeof latency);
    if (r->n_source > 1) {
        r->source[1] = (mtc_result_source){.name = "tvdt",
                                           .kind = "tvdt/summary",
                                           .description = "published summaries of tumour volume doubling times",
                                           .reference = "Klein 2009, von Fournier 1980, Ryu 2014",
                                           .n_obs = 4,
                                           .n_fact = 2};
        MTC_TRY(mtc_result_list(r, 2, &r->source[1].fact, d->err));
        memcpy(r->source[1].fact, tvdt, sizeof tvdt);
    }
out:
    return st;
}

static mtc_status fill_grid(const demo *d, const demo_param *from, size_t column, mtc_result_param *p)
{
    mtc_status st = MTC_OK;
    const double lo = log(from->prior_median) - 3.0 * from->prior_log_sd;
    const double step = 6.0 * from->prior_log_sd / 80.0;

    p->n_grid = 81;
    p->is_log_scale = true;
    MTC_TRY(mtc_result_list(d->r, p->n_grid, &p->grid, d->err));
    MTC_TRY(mtc_result_list(d->r, p->n_grid, &p->prior_density, d->err));
    MTC_TRY(mtc_result_list(d->r, p->n_grid, &p->posterior_density, d->err));
    for (size_t i = 0; i < p->n_grid; i++) {
        const double x = exp(lo + step * (double)i);
        p->grid[i] = x;
        p->prior_density[i] = lognormal_density(x, from->prior_median, from->prior_log_sd);
        p->posterior_density[i] = lognormal_density(x, from->median[column], from->log_sd[column]);
    }
out:
    return st;
}

/** The prior of the seeding diameter is what the hypotheses differ in. */
static demo_param own_prior(const demo_param *p, size_t column)
{
    demo_param own = *p;
    if (strcmp(p->name, "seeding_diameter_mm") == 0 && column == 1) {
        own.prior = "LogNormal(median 2 mm, log-sd 0.4), at most 5 mm";
        own.prior_median = 2.0;
    } else if (strcmp(p->name, "seeding_diameter_mm") == 0 && column == 2) {
        own.prior = "LogUniform(0.5 mm, 80 mm)";
        own.prior_median = 6.3;
        own.prior_log_sd = 1.0;
    } else if (strcmp(p->name, "seeding_exponent") == 0 && column == 1) {
        own.prior = "Normal(mean 0.25, sd 0.5), at least 0";
        own.prior_median = 0.4;
    }
    return own;
}

static mtc_status fill_params(const demo *d, size_t column, mtc_result_model *m)
{
    mtc_status st = MTC_OK;

    m->n_param = N_PARAM + 1;
    m->n_posterior = m->map.n_parameter = N_PARAM;
    MTC_TRY(mtc_result_list(d->r, m->n_param, &m->param, d->err));
    MTC_TRY(mtc_result_list(d->r, m->n_posterior, &m->posterior, d->err));
    MTC_TRY(mtc_result_list(d->r, m->map.n_parameter, &m->map.parameter, d->err));
    for (size_t i = 0; i < N_PARAM; i++) {
        const demo_param p = own_prior(&params[i], column);
        const mtc_result_interval post = around(p.median[column], p.log_sd[column]);
        mtc_result_param *out = &m->param[i];
        *out = (mtc_result_param){.name = p.name,
                                  .unit = p.unit,
                                  .symbol = p.symbol,
                                  .text = p.text,
                                  .prior = p.prior,
                                  .fixed_value = NAN,
                                  .prior_interval = around(p.prior_median, p.prior_log_sd),
                                  .conflict_z = (log(p.median[column]) - log(p.prior_median)) / p.prior_log_sd};
        if ((d->flags & DEMO_BARE) == 0) {
            MTC_TRY(fill_grid(d, &p, column, out));
        }
        const double sd = p.median[column] * p.log_sd[column];
        m->posterior[i] = (mtc_result_posterior){
            p.name,   p.unit,      p.text,   post.median * 1.01,          sd,
            post.q05, post.median, post.q95, 1.0012 + 0.0003 * (double)i, 3871.2 - 97.0 * (double)i,
            3010.7,   sd / 62.0};
        m->map.parameter[i] = (mtc_result_number){p.name, post.median * 0.98};
    }
    m->param[N_PARAM] = (mtc_result_param){.name = "plateau_log2_cells",
                                           .unit = "",
                                           .symbol = "u_K",
                                           .text = "plateau of growth, held fixed",
                                           .prior = "fixed at 41.5",
                                           .is_fixed = true,
                                           .fixed_value = 41.5,
                                           .prior_interval = {41.5, 41.5, 41.5},
                                           .conflict_z = NAN};
    MTC_TRY(mtc_result_list(d->r, 1, &m->derived, d->err));
    m->n_derived = 1;
    m->derived[0] = (mtc_result_posterior){"seeding_rate_per_year",
                                           "per year",
                                           "founders per year from a 1 cm³ primary at full competence",
                                           1.93,
                                           0.52,
                                           1.2,
                                           1.87,
                                           2.86,
                                           1.001,
                                           3500.0,
                                           2900.0,
                                           0.009};
    m->map.log_prior = -11.4 - (double)column;
    m->map.log_likelihood = -2031.6 + 3.1 * (double)column;
    m->map.log_posterior = m->map.log_prior + m->map.log_likelihood;
out:
    return st;
}

static mtc_status fill_evidence(const demo *d, double value, mtc_result_model *m)
{
    mtc_status st = MTC_OK;
    const bool bad = (d->flags & DEMO_UNRELIABLE) != 0;
    mtc_result_evidence *e = &m->evidence;

    e->value = value;
    e->se = bad ? 0.31 : 0.018;
    e->route = "fast";
    e->reliable = !bad;
    e->smc_alarm = "not run";
    e->n_estimator = 3;
    MTC_TRY(mtc_result_list(d->r, 3, &e->estimator, d->err));
    e->estimator[0] = (mtc_result_estimator){"warp3_bridge", "primary", value, e->se, NAN, 48000, 0, NULL};
    e->estimator[1] = (mtc_result_estimator){
        "importance_sampling", "second", value + 0.021, 0.011, bad ? 0.83 : 0.31, 60000, 0, NULL};
    e->estimator[2] = (mtc_result_estimator){"laplace", "rough", value - 0.61, NAN, NAN, 0, 312, "no error is known"};
    if (bad) {
        e->estimator[1].value = value + 1.9;
        MTC_TRY(mtc_result_sentence(d->r, &e->reason, &e->n_reason, d->err,
                                    "bridge and importance sampling differ by %.1f, more than 3 standard errors", 1.9));
        MTC_TRY(mtc_result_sentence(d->r, &e->reason, &e->n_reason, d->err, "Pareto k is %.2f, above 0.5", 0.83));
    }
    e->n_attempt = 1;
    MTC_TRY(mtc_result_list(d->r, 1, &e->attempt, d->err));
    e->attempt[0] = (mtc_result_attempt){.route = "fast",
                                         .reliable = e->reliable,
                                         .text = "first attempt",
                                         .draft_shift = 0.0042,
                                         .draft_se = 0.0004,
                                         .draft_spread = 0.019,
                                         .n_estimator = 3,
                                         .estimator = e->estimator};
out:
    return st;
}

static mtc_status fill_diagnostics(const demo *d, mtc_result_model *m)
{
    mtc_status st = MTC_OK;
    const bool bad = (d->flags & DEMO_UNRELIABLE) != 0;

    m->diagnostics.converged = !bad;
    m->diagnostics.n_check = 4;
    MTC_TRY(mtc_result_list(d->r, 4, &m->diagnostics.check, d->err));
    m->diagnostics.check[0] = (mtc_result_check){"rhat_max", bad ? 1.07 : 1.0039, 1.01, !bad,
                                                 bad ? "The four chains disagree about the growth ratio."
                                                     : "The four chains agree about every parameter."};
    m->diagnostics.check[1] =
        (mtc_result_check){"ess_bulk_min", 2998.2, 400, true, "Enough independent draws for means and medians."};
    m->diagnostics.check[2] =
        (mtc_result_check){"ess_tail_min", 2441.0, 400, true, "Enough independent draws for the 5% and 95% quantiles."};
    m->diagnostics.check[3] = (mtc_result_check){"divergences", 0, 0, true, "No divergent transition."};
out:
    return st;
}

static mtc_status fill_distribution(const demo *d, mtc_result_distribution *out, const char *id, const char *label,
                                    const char *unit, size_t n_bin, double width, double median, double log_sd)
{
    mtc_status st = MTC_OK;
    const mtc_result_interval i90 = around(median, log_sd);

    *out = (mtc_result_distribution){
        id,      label,     unit, i90.q05, median * exp(-0.674 * log_sd), median, median * exp(0.674 * log_sd),
        i90.q95, n_bin + 1, NULL, NULL};
    MTC_TRY(mtc_result_list(d->r, n_bin + 1, &out->edge, d->err));
    MTC_TRY(mtc_result_list(d->r, n_bin, &out->share, d->err));
    for (size_t i = 0; i <= n_bin; i++) {
        out->edge[i] = width * (double)i;
    }
    for (size_t i = 0; i < n_bin; i++) {
        out->share[i] = width * lognormal_density(out->edge[i] + 0.5 * width, median, log_sd);
    }
out:
    return st;
}

static mtc_status fill_seeding(const demo *d, size_t column, mtc_result_model *m)
{
    mtc_status st = MTC_OK;
    static const double years[3] = {0.9, 2.8, 2.4}, first[3] = {15.5, 8.1, 9.0}, all[3] = {19.0, 15.0, 17.0};
    static const double share[3][4] = {{0.002, 0.06, 0.001, 0.02}, {0.24, 0.61, 0.05, 0.22}, {0.19, 0.55, 0.04, 0.18}};
    static const char *const id[4] = {"first_below_5_mm", "first_below_10_mm", "all_below_5_mm", "all_below_10_mm"};
    static const char *const label[4] = {
        "first metastasis left a primary below 5 mm", "first metastasis left a primary below 10 mm",
        "of all founders, left a primary below 5 mm", "of all founders, left a primary below 10 mm"};

    m->seeding.n_distribution = 3;
    MTC_TRY(mtc_result_list(d->r, 3, &m->seeding.distribution, d->err));
    MTC_TRY(fill_distribution(d, &m->seeding.distribution[0], "first_years_before_surgery",
                              "years before surgery when the founder of the first metastasis left", "years", 40, 0.2,
                              years[column], 0.7));
    MTC_TRY(fill_distribution(d, &m->seeding.distribution[1], "first_diameter_mm",
                              "diameter of the primary when the founder of the first metastasis left", "mm", 30, 2.0,
                              first[column], 0.55));
    MTC_TRY(fill_distribution(d, &m->seeding.distribution[2], "all_diameter_mm",
                              "diameter of the primary when founders left", "mm", 35, 2.0, all[column], 0.5));
    m->seeding.n_share = 4;
    MTC_TRY(mtc_result_list(d->r, 4, &m->seeding.share, d->err));
    for (size_t i = 0; i < 4; i++) {
        m->seeding.share[i] = (mtc_result_share){id[i], label[i], around(share[column][i], 0.18)};
    }
out:
    return st;
}

static mtc_status fill_quantities(const demo *d, size_t column, mtc_result_model *m)
{
    mtc_status st = MTC_OK;
    static const char *const label[3] = {"metastasis by 10 years, primary at most 20 mm",
                                         "metastasis by 10 years, primary 20–50 mm", "median latency of metastases"};
    static const double median[3] = {0.22, 0.36, 3.4};

    m->n_quantity = 3;
    MTC_TRY(mtc_result_list(d->r, 3, &m->quantity, d->err));
    for (size_t i = 0; i < 3; i++) {
        m->quantity[i] = (mtc_result_quantity){.source = user_text(d, "rotterdam"),
                                               .id = label[i],
                                               .label = label[i],
                                               .unit = i == 2 ? "years" : "",
                                               .observed = i == 2 ? (double)NAN : median[i],
                                               .prior = around(median[i] * 0.8, 0.7),
                                               .posterior = around(median[i] * (1.0 + 0.02 * (double)column), 0.05)};
    }
out:
    return st;
}

static mtc_status fill_model(const demo *d, size_t i, size_t column, bool in_comparison, const char *name,
                             const char *label, double log_evidence)
{
    mtc_status st = MTC_OK;
    mtc_result_model *m = &d->r->model[i];

    mtc_result_model_init(m);
    m->name = name;
    m->label = i == 0 ? user_text(d, label) : label;
    m->preset = column == 2 && in_comparison ? NULL : name;
    m->in_comparison = in_comparison;
    MTC_TRY(fill_params(d, column, m));
    MTC_TRY(fill_diagnostics(d, m));
    if ((d->flags & DEMO_FIT) == 0) {
        MTC_TRY(fill_evidence(d, log_evidence, m));
    }
    if ((d->flags & DEMO_BARE) == 0) {
        MTC_TRY(fill_seeding(d, column, m));
        MTC_TRY(fill_quantities(d, column, m));
    }
    if ((d->flags & (DEMO_BARE | DEMO_FIT)) == 0) {
        const double shift = 3.0 * (double)column;
        m->predictive = (mtc_result_predictive){.is_present = true,
                                                .n_unit = 1440,
                                                .n_draw = 500,
                                                .elpd_loo = -2040.2 + shift,
                                                .elpd_loo_se = 41.7,
                                                .p_loo = 9.8,
                                                .elpd_waic = -2039.9 + shift,
                                                .elpd_waic_se = 41.6,
                                                .p_waic = 9.4,
                                                .k_hat_max = 0.83,
                                                .n_k_hat_high = 2,
                                                .worst_unit = user_text(d, "rotterdam, row 1507")};
    }
    if (column == 2) {
        m->seeding_diameter_mass = (mtc_result_mass){0.74, 0.17, 0.09};
    }
out:
    return st;
}

static mtc_status fill_models(const demo *d)
{
    mtc_status st = MTC_OK;
    const bool three = (d->flags & DEMO_THREE) != 0;
    const bool bare = (d->flags & DEMO_BARE) != 0;
    mtc_result *r = d->r;

    r->n_model = (three ? 3u : 2u) + (bare ? 0u : 1u);
    MTC_TRY(mtc_result_list(r, r->n_model, &r->model, d->err));
    MTC_TRY(fill_model(d, 0, 0, true, "linear", "Linear progression", -2047.31));
    MTC_TRY(fill_model(d, 1, 1, true, "parallel", "Parallel progression", -2043.68));
    if (three) {
        MTC_TRY(fill_model(d, 2, 2, true, "middle", "In between", -2045.02));
    }
    if (!bare) {
        MTC_TRY(fill_model(d, r->n_model - 1, 2, false, "unrestricted", "Unrestricted", -2044.4));
    }
out:
    return st;
}

/** A survival curve with a cured fraction, so that it looks like the cohort's. */
static double survival(double t, double cured, double median, double log_sd)
{
    return t <= 0.0 ? 1.0 : cured + (1.0 - cured) * 0.5 * erfc((log(t) - log(median)) / (log_sd * sqrt(2.0)));
}

static mtc_status fill_predictions(const demo *d, mtc_result_display *out, bool is_survival, double a, double median,
                                   double log_sd)
{
    mtc_status st = MTC_OK;

    out->n_prediction = d->r->n_model;
    MTC_TRY(mtc_result_list(d->r, out->n_prediction, &out->prediction, d->err));
    for (size_t m = 0; m < out->n_prediction; m++) {
        mtc_result_prediction *p = &out->prediction[m];
        p->model = d->r->model[m].name;
        p->n_x = out->n_x;
        MTC_TRY(mtc_result_list(d->r, p->n_x, &p->median, d->err));
        MTC_TRY(mtc_result_list(d->r, p->n_x, &p->q05, d->err));
        MTC_TRY(mtc_result_list(d->r, p->n_x, &p->q95, d->err));
        for (size_t i = 0; i < p->n_x; i++) {
            const double shift = 1.0 + 0.07 * ((double)m - 1.0);
            const double cured = a > 0.0 ? a + 0.012 * ((double)m - 0.5) : 0.0;
            const double s = survival(out->x[i], cured, median * shift, log_sd);
            const double y = is_survival ? s : 1.0 - s;
            const double half = 0.03 * sqrt(y * (1.0 - y) * 4.0);
            p->median[i] = y;
            p->q05[i] = fmax(0.0, y - half);
            p->q95[i] = fmin(1.0, y + half);
        }
    }
out:
    return st;
}

static mtc_status fill_km(const demo *d, mtc_result_display *out, const char *id, const char *title, double cured,
                          double at_risk, size_t n_obs)
{
    mtc_status st = MTC_OK;

    *out = (mtc_result_display){.source = user_text(d, "rotterdam"),
                                .id = id,
                                .title = user_text(d, title),
                                .kind = "kaplan_meier",
                                .x_label = "years since surgery",
                                .y_label = "free of metastasis",
                                .n_x = 61,
                                .n_obs = n_obs};
    MTC_TRY(mtc_result_list(d->r, out->n_x, &out->x, d->err));
    for (size_t i = 0; i < out->n_x; i++) {
        out->x[i] = 0.25 * (double)i;
    }
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_x, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_y, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_lower, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_upper, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_n_at_risk, d->err));
    for (size_t i = 0; i < n_obs; i++) {
        const double t = 14.2 * (double)(i + 1) / (double)n_obs;
        out->obs_x[i] = t;
        out->obs_y[i] = survival(t, cured, 3.3, 0.85) - 0.006 * sin(2.1 * t);
        out->obs_n_at_risk[i] = floor(at_risk * (1.0 - t / 14.5));
        const double se = sqrt(out->obs_y[i] * (1.0 - out->obs_y[i]) / (out->obs_n_at_risk[i] + 5.0));
        out->obs_lower[i] = fmax(0.0, out->obs_y[i] - 1.96 * se);
        out->obs_upper[i] = fmin(1.0, out->obs_y[i] + 1.96 * se);
    }
    MTC_TRY(fill_predictions(d, out, true, cured, 3.3, 0.85));
out:
    return st;
}

static mtc_status fill_cdf(const demo *d, mtc_result_display *out, const char *id, const char *title, double median,
                           double log_sd, size_t n_obs)
{
    mtc_status st = MTC_OK;
    static const char *const study[5] = {"Klein 2009, median", "von Fournier 1980, min", "von Fournier 1980, max",
                                         "Ryu 2014, median", "Ryu 2014, max"};
    static const double p[5] = {0.5, 0.0068, 0.993, 0.5, 0.985}, shift[5] = {1.0, 0.95, 1.3, 0.94, 0.8};

    *out = (mtc_result_display){.source = "tvdt",
                                .id = id,
                                .title = title,
                                .kind = "cdf",
                                .x_label = "volume doubling time (days)",
                                .y_label = "share of tumours below",
                                .x_log = true,
                                .n_x = 45,
                                .n_obs = n_obs};
    MTC_TRY(mtc_result_list(d->r, out->n_x, &out->x, d->err));
    for (size_t i = 0; i < out->n_x; i++) {
        out->x[i] = 10.0 * pow(300.0, (double)i / (double)(out->n_x - 1));
    }
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_x, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_y, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_lower, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_upper, d->err));
    MTC_TRY(mtc_result_list(d->r, n_obs, &out->obs_label, d->err));
    for (size_t i = 0; i < n_obs; i++) {
        out->obs_y[i] = p[i];
        out->obs_x[i] = shift[i] * median * exp(log_sd * (p[i] == 0.5 ? 0.0 : p[i] < 0.5 ? -2.4 : 2.3));
        out->obs_lower[i] = out->obs_x[i] * 0.85;
        out->obs_upper[i] = out->obs_x[i] * 1.2;
        out->obs_label[i] = i == 0 ? user_text(d, study[i]) : study[i];
    }
    MTC_TRY(fill_predictions(d, out, false, 0.0, median, log_sd));
out:
    return st;
}

static mtc_status fill_displays(const demo *d)
{
    mtc_status st = MTC_OK;
    mtc_result *r = d->r;

    if ((d->flags & DEMO_BARE) != 0) {
        return MTC_OK;
    }
    r->n_display = 5;
    MTC_TRY(mtc_result_list(r, r->n_display, &r->display, d->err));
    MTC_TRY(fill_km(d, &r->display[0], "km.le20", "Free of metastasis, primary at most 20 mm", 0.72, 828, 171));
    MTC_TRY(fill_km(d, &r->display[1], "km.20to50", "Free of metastasis, primary 20–50 mm", 0.55, 573, 190));
    MTC_TRY(fill_km(d, &r->display[2], "km.gt50", "Free of metastasis, primary above 50 mm", 0.4, 35, 16));
    MTC_TRY(fill_cdf(d, &r->display[3], "primary", "Doubling times of primaries", 147.0, 0.68, 5));
    MTC_TRY(fill_cdf(d, &r->display[4], "metastasis", "Doubling times of metastases", 82.0, 0.78, 1));
out:
    return st;
}

static mtc_status fill_probabilities(const demo *d, mtc_result_comparison *c)
{
    mtc_status st = MTC_OK;
    size_t n = 0;

    c->n_probability = (d->flags & DEMO_THREE) != 0 ? 3 : 2;
    MTC_TRY(mtc_result_list(d->r, c->n_probability, &c->prior_probability, d->err));
    MTC_TRY(mtc_result_list(d->r, c->n_probability, &c->posterior_probability, d->err));
    double total = 0.0;
    for (size_t i = 0; i < c->n_probability; i++) {
        total += exp(d->r->model[i].evidence.value - d->r->model[0].evidence.value);
    }
    for (; n < c->n_probability; n++) {
        const mtc_result_model *m = &d->r->model[n];
        c->prior_probability[n] = (mtc_result_number){m->name, 1.0 / (double)c->n_probability};
        c->posterior_probability[n] =
            (mtc_result_number){m->name, exp(m->evidence.value - d->r->model[0].evidence.value) / total};
    }
out:
    return st;
}

static mtc_status fill_comparison(const demo *d)
{
    mtc_status st = MTC_OK;
    const bool bad = (d->flags & DEMO_UNRELIABLE) != 0;
    mtc_result_comparison *c = &d->r->comparison;

    if ((d->flags & DEMO_FIT) != 0) {
        return MTC_OK;
    }
    c->is_present = true;
    c->numerator = "parallel";
    c->denominator = "linear";
    c->log_bayes_factor = 3.63;
    c->log_bayes_factor_se = bad ? 0.44 : 0.025;
    c->log10_bayes_factor = 3.63 / log(10.0);
    c->n_pair = (d->flags & DEMO_THREE) != 0 ? 3 : 1;
    MTC_TRY(mtc_result_list(d->r, 3, &c->pair, d->err));
    c->pair[0] = (mtc_result_pair){"parallel", "linear", c->log_bayes_factor, c->log_bayes_factor_se, !bad};
    c->pair[1] = (mtc_result_pair){"middle", "linear", 2.29, 0.026, !bad};
    c->pair[2] = (mtc_result_pair){"middle", "parallel", -1.34, 0.027, !bad};
    c->words = "strong evidence for parallel";
    c->reliable = !bad;
    if (bad) {
        c->border = "Within its error the factor could also be called positive evidence.";
        MTC_TRY(
            mtc_result_sentence(d->r, &c->reason, &c->n_reason, d->err, "the evidence of %s is unreliable", "linear"));
    }
    c->prior_odds = 1.0;
    c->turning_odds = exp(-3.63);
    MTC_TRY(fill_probabilities(d, c));
    if ((d->flags & DEMO_THREE) == 0 && d->r->n_source > 1) {
        c->n_by_source = 2;
        c->elpd_loo_difference = 3.0;
        c->elpd_loo_difference_se = 1.3;
        MTC_TRY(mtc_result_list(d->r, 2, &c->by_source, d->err));
        c->by_source[0] = (mtc_result_source_factor){d->r->source[0].name, 1.1, 0.03};
        c->by_source[1] = (mtc_result_source_factor){d->r->source[1].name, 0.0, 0.02};
    }
out:
    return st;
}

static mtc_status fill_sentences(const demo *d)
{
    mtc_status st = MTC_OK;
    mtc_result *r = d->r;

    if ((d->flags & DEMO_MISFIT) != 0) {
        r->all_misfit = true;
        MTC_TRY(
            mtc_result_sentence(r, &r->misfit, &r->n_misfit, d->err,
                                "%s: both hypotheses expect fewer metastases in the first 18 months than were seen.",
                                user_text(d, "rotterdam")));
    }
    MTC_TRY(mtc_result_sentence(r, &r->warning, &r->n_warning, d->err,
                                "tvdt: the statistic of a row of Klein 2009 is assumed (%d rows).", 2));
    r->cost = (mtc_result_cost){324117, 5120};
out:
    return st;
}

mtc_status demo_result(unsigned flags, mtc_result **out, mtc_err *err)
{
    mtc_status st = MTC_OK;
    demo d = {NULL, flags, err};

    *out = NULL;
    MTC_TRY(mtc_result_create(&d.r, err));
    MTC_TRY(fill_run(&d));
    MTC_TRY(fill_sources(&d));
    MTC_TRY(fill_models(&d));
    MTC_TRY(fill_displays(&d));
    MTC_TRY(fill_comparison(&d));
    MTC_TRY(fill_sentences(&d));
    *out = d.r;
    d.r = NULL;
out:
    mtc_result_destroy(d.r);
    return st;
}
