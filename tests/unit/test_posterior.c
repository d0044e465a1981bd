/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Catches: parameters or sources whose order depends on the file's, a target that is not prior + Jacobian + likelihood,
 * a wrong chain rule, a NaN that passes or is reported without its source and row, per-observation terms in another
 * order than their sources, natural densities that carry a Jacobian, a prior of zero that hides the likelihood. */
#include "fake_posterior.h"

#include "mtc_rng.h"
#include "mtc_special.h"
#include "test_alloc.h"
#include "test_near.h"

#include <math.h>
#include <string.h>

enum { N = 5 }; /* level, share, shift, spread, tilt */

typedef struct {
    fake_posterior f;
    void *ws;
} fixture;

static int setup_with(void **state, const char *const text[5])
{
    static fixture x;
    memset(&x, 0, sizeof x);
    mtc_err err = MTC_ERR_INIT;
    const mtc_status st = fake_posterior_init(&x.f, text, &err);
    if (st != MTC_OK) {
        print_error("%s\n", err.message);
        return -1;
    }
    const mtc_target *t = mtc_posterior_target(x.f.posterior);
    *state = &x;
    return t->ws_create(t->self, &x.ws, NULL) == MTC_OK ? 0 : -1;
}

static int setup(void **state)
{
    return setup_with(state, NULL);
}

static int setup_fixed(void **state)
{
    static const char *const text[5] = {NULL, "{fixed: 0.35}", NULL, NULL, "{fixed: 0.2 d}"};
    return setup_with(state, text);
}

static int teardown(void **state)
{
    fixture *x = *state;
    mtc_posterior_target(x->f.posterior)->ws_destroy(x->ws);
    fake_posterior_fini(&x->f);
    return 0;
}

static double log_likelihood_at(fixture *x, const double *theta)
{
    mtc_natural_point point = {0};
    assert_int_equal(mtc_posterior_eval_natural(x->f.posterior, x->ws, theta, &point, NULL), MTC_OK);
    return point.log_likelihood;
}

static void order_is_canonical(void **state)
{
    static const char *const names[N] = {"level_mm", "share", "shift", "spread", "tilt_days"};
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    const mtc_target *t = mtc_posterior_target(p);
    /* `order` first, then by name; the sources name them otherwise */
    assert_int_equal(mtc_posterior_n_param(p), N);
    for (size_t i = 0; i < N; ++i) {
        assert_int_equal(mtc_posterior_find(p, names[i]), (long)i);
        assert_string_equal(mtc_posterior_param(p, i)->name, names[i]);
        assert_int_equal(mtc_posterior_coordinate(p, i), (long)i);
        assert_int_equal(mtc_posterior_free(p, i), i);
        assert_string_equal(t->param_name[i], names[i]);
    }
    assert_int_equal(mtc_posterior_find(p, "level"), -1);
    assert_int_equal(mtc_posterior_n_source(p), 2);
    assert_string_equal(mtc_posterior_source(p, 0)->src->name, "alpha");
    assert_string_equal(mtc_posterior_source(p, 1)->src->name, "zeta");
    size_t first = 99;
    assert_int_equal(mtc_posterior_source_obs(p, 1, &first), 5);
    assert_int_equal(first, 3);
    assert_true(mtc_posterior_n_obs(p) == 8 && t->n_obs == 8 && t->n_dim == N);
    assert_string_equal(t->name, "fake");
    double values[N];
    const double theta[N] = {11, 0.4, -0.2, 0.8, 0.1};
    assert_int_equal(mtc_posterior_source_theta(p, 1, theta, values), 2);
    assert_true(values[0] == 0.8 && values[1] == -0.2); /* spread, shift: the source's own order */
}

static void target_is_normal_prior_and_likelihood(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    const mtc_target *t = mtc_posterior_target(p);
    const double z[N] = {1.1, -0.4, 0.35, -0.2, 0.6};
    double theta[N];
    mtc_point point = {0};
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
    mtc_posterior_natural(p, z, theta);
    assert_near(theta[2], 0.3 + 1.2 * 0.35, 1e-14);
    assert_near(theta[3], 0.9 * exp(0.5 * -0.2), 1e-14);
    double want = 0.0;
    for (size_t i = 0; i < N; ++i) {
        assert_near(mtc_prior_cdf(mtc_posterior_prior(p, i), theta[i]), mtc_normal_cdf(z[i]), 1e-13);
        want += mtc_log_normal_pdf(z[i]);
    }
    assert_near(point.log_prior, want, 1e-13);
    assert_near(point.log_likelihood, log_likelihood_at(x, theta), 1e-13);
    assert_int_equal(point.reason, MTC_REASON_NONE);
    double back[N];
    mtc_posterior_unconstrain(p, theta, back);
    double natural[N];
    t->constrain(t->self, z, natural);
    for (size_t i = 0; i < N; ++i) {
        assert_near(back[i], z[i], 1e-12);
        assert_true(natural[i] == theta[i]);
    }
}

static double parts_at(const mtc_target *t, void *ws, const double *z, double *log_likelihood)
{
    mtc_point point = {0};
    assert_int_equal(t->eval(t->self, ws, z, &point, NULL), MTC_OK);
    *log_likelihood = point.log_likelihood;
    return point.log_prior;
}

static void gradients_match_differences(void **state)
{
    fixture *x = *state;
    const mtc_target *t = mtc_posterior_target(x->f.posterior);
    gsl_rng *rng = NULL;
    assert_int_equal(mtc_rng_stream(7, "test/posterior/gradients", &rng, NULL), MTC_OK);
    for (int draw = 0; draw < 50; ++draw) {
        double z[N];
        double grad_prior[N];
        double grad_likelihood[N];
        mtc_point point = {.grad_log_prior = grad_prior, .grad_log_likelihood = grad_likelihood};
        assert_int_equal(t->prior_draw(t->self, rng, z, NULL), MTC_OK);
        assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
        assert_true(isfinite(point.log_prior) && isfinite(point.log_likelihood));
        for (size_t i = 0; i < t->n_dim; ++i) {
            const double h = 1e-5;
            const double centre = z[i];
            double ll_up = 0.0;
            double ll_down = 0.0;
            z[i] = centre + h;
            const double lp_up = parts_at(t, x->ws, z, &ll_up);
            z[i] = centre - h;
            const double lp_down = parts_at(t, x->ws, z, &ll_down);
            z[i] = centre;
            const double tolerance = 1e-7 + 1e-10 * fabs(point.log_likelihood);
            assert_near((lp_up - lp_down) / (2.0 * h), grad_prior[i], tolerance * fmax(1.0, fabs(grad_prior[i])));
            assert_near((ll_up - ll_down) / (2.0 * h), grad_likelihood[i],
                        tolerance * fmax(1.0, fabs(grad_likelihood[i])));
        }
    }
    gsl_rng_free(rng);
}

/* u = e^(a + b/2), v = e^(b - a^2): nothing that the program uses, but curved and with a determinant */
static int fake_couple(double a, double b, mtc_coupled *out)
{
    const double u = exp(a + 0.5 * b), v = exp(b - a * a);
    *out = (mtc_coupled){u, v, u, 0.5 * u, -2.0 * a * v, v, a + 1.5 * b - a * a + log1p(a), 0.0, 1.5};
    out->dlog_det_da = 1.0 - 2.0 * a + 1.0 / (1.0 + a);
    return a > -0.5 && a < 20.0 && fabs(b) < 300.0;
}

static void fake_uncouple(double u, double v, double *a, double *b)
{
    const double c = log(u) - 0.5 * log(v); /* a + a^2 / 2 */
    *a = c > -0.4 ? sqrt(1.0 + 2.0 * c) - 1.0 : -0.4;
    *b = log(v) + *a * *a;
}

static const mtc_coupling fake_coupling = {"level_mm", "spread", fake_couple, fake_uncouple};
static const mtc_coupling no_coupling = {"share", "tilt_days", fake_couple, fake_uncouple};

static void a_coupled_target_is_the_same_posterior(void **state)
{
    static const char *const text[N] = {"{lognormal: {median: 4 mm, log_sd: 0.3}}", NULL, NULL, NULL, NULL};
    static const mtc_coupling *const list[] = {&no_coupling, &fake_coupling, NULL};
    fake_posterior f;
    void *ws = NULL;
    (void)state;
    assert_int_equal(fake_posterior_init(&f, text, NULL), MTC_OK);
    assert_int_equal(mtc_posterior_couple(f.posterior, list, f.arena, NULL), MTC_OK);
    const mtc_target *t = mtc_posterior_target(f.posterior);
    assert_int_equal(t->ws_create(t->self, &ws, NULL), MTC_OK);
    const double x[N] = {0.4, -0.4, 0.35, -0.3, 0.6};
    double theta[N], back[N], grad[N], grad_likelihood[N], natural_grad[N];
    mtc_posterior_natural(f.posterior, x, theta);
    assert_near(theta[0], exp(0.4 - 0.15), 1e-14);
    assert_near(theta[3], exp(-0.3 - 0.16), 1e-14);
    mtc_posterior_unconstrain(f.posterior, theta, back);
    mtc_point point = {.grad_log_prior = grad, .grad_log_likelihood = grad_likelihood};
    assert_int_equal(t->eval(t->self, ws, x, &point, NULL), MTC_OK);
    mtc_natural_point natural = {0};
    assert_int_equal(mtc_posterior_eval_natural(f.posterior, ws, theta, &natural, NULL), MTC_OK);
    assert_near(point.log_likelihood, natural.log_likelihood, 1e-12);
    /* the densities of the coupled two, the scores of the others, the determinant of the coupling */
    double want = 0.4 - 0.45 - 0.16 + log1p(0.4), slope = 0.0, natural_prior = 0.0;
    for (size_t i = 0; i < N; i++) {
        const bool is_coupled = i == 0 || i == 3;
        assert_near(back[i], x[i], 1e-12);
        want += is_coupled ? mtc_prior_logpdf(&f.prior[i], theta[i], &slope) : mtc_log_normal_pdf(x[i]);
    }
    assert_near(point.log_prior, want, 1e-12);
    assert_true(mtc_posterior_natural_prior(f.posterior, ws, x, &natural_prior, natural_grad));
    assert_near(natural_prior, natural.log_prior, 1e-12);
    for (size_t i = 0; i < N; i++) {
        double up[N], down[N], ll_up = 0.0, ll_down = 0.0, n_up = 0.0, n_down = 0.0;
        const double h = 1e-5;
        memcpy(up, x, sizeof x);
        memcpy(down, x, sizeof x);
        up[i] += h;
        down[i] -= h;
        const double lp_up = parts_at(t, ws, up, &ll_up), lp_down = parts_at(t, ws, down, &ll_down);
        assert_near((lp_up - lp_down) / (2.0 * h), grad[i], 1e-7 * fmax(1.0, fabs(grad[i])));
        assert_near((ll_up - ll_down) / (2.0 * h), grad_likelihood[i], 1e-7 * fmax(1.0, fabs(grad_likelihood[i])));
        assert_true(mtc_posterior_natural_prior(f.posterior, ws, up, &n_up, NULL));
        assert_true(mtc_posterior_natural_prior(f.posterior, ws, down, &n_down, NULL));
        assert_near((n_up - n_down) / (2.0 * h), natural_grad[i], 1e-7 * fmax(1.0, fabs(natural_grad[i])));
    }
    const double outside[N] = {-0.9, 0.0, 0.0, 0.0, 0.0};
    assert_int_equal(t->eval(t->self, ws, outside, &point, NULL), MTC_OK);
    assert_true(point.log_prior == -HUGE_VAL && point.reason == MTC_REASON_PRIOR_SUPPORT);
    t->ws_destroy(ws);
    fake_posterior_fini(&f);
}

static void fixed_parameters_are_constants(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    const mtc_target *t = mtc_posterior_target(p);
    assert_int_equal(t->n_dim, 3);
    assert_string_equal(t->param_name[1], "shift");
    assert_int_equal(mtc_posterior_coordinate(p, 1), -1);
    assert_int_equal(mtc_posterior_free(p, 2), 3);
    const double z[3] = {0.4, -0.7, 0.2};
    double theta[N];
    mtc_posterior_natural(p, z, theta);
    assert_true(theta[1] == 0.35 && theta[4] == 0.2);
    mtc_point point = {0};
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
    assert_near(point.log_likelihood, log_likelihood_at(x, theta), 1e-13);
}

static void natural_values_have_no_jacobian(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    const double theta[N] = {17.0, 0.3, 0.2, 1.1, 0.5};
    double by_source[2];
    double grad_prior[N];
    double grad_likelihood[N];
    double per_obs[8];
    mtc_natural_point point = {.by_source = by_source,
                               .grad_log_prior = grad_prior,
                               .grad_log_likelihood = grad_likelihood,
                               .per_obs = per_obs};
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, theta, &point, NULL), MTC_OK);
    double want = 0.0;
    for (size_t i = 0; i < N; ++i) {
        double slope = 0.0;
        want += mtc_prior_logpdf(mtc_posterior_prior(p, i), theta[i], &slope);
        assert_true(grad_prior[i] == slope);
    }
    assert_near(point.log_prior, want, 1e-14);
    assert_string_equal(point.log_prior_reason, "");
    assert_near(by_source[0] + by_source[1], point.log_likelihood, 1e-13);
    double sum_first = 0.0;
    double sum_second = 0.0;
    for (size_t i = 0; i < 8; ++i) {
        *(i < 3 ? &sum_first : &sum_second) += per_obs[i];
    }
    assert_near(sum_first, by_source[0], 1e-13);
    assert_near(sum_second, by_source[1], 1e-13);
    for (size_t i = 0; i < N; ++i) {
        double up[N];
        double down[N];
        memcpy(up, theta, sizeof up);
        memcpy(down, theta, sizeof down);
        up[i] += 1e-5;
        down[i] -= 1e-5;
        assert_near((log_likelihood_at(x, up) - log_likelihood_at(x, down)) / 2e-5, grad_likelihood[i],
                    1e-7 * fmax(1.0, fabs(grad_likelihood[i])));
    }
}

static void a_zero_prior_does_not_hide_the_likelihood(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    mtc_natural_point point = {0};
    double grad[N];
    point.grad_log_prior = grad;
    const double below[N] = {9.0, 0.3, 0.2, 1.1, 0.5}; /* the prior of level begins at 10 */
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, below, &point, NULL), MTC_OK);
    assert_true(point.log_prior == -HUGE_VAL && isfinite(point.log_likelihood) && grad[3] == 0.0);
    assert_string_equal(point.log_prior_reason, "the prior of level_mm is zero at 9");
    const double outside[N] = {12.0, 0.3, 0.2, 1.1, -0.5}; /* the parameter itself has no such value */
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, outside, &point, NULL), MTC_OK);
    assert_true(point.log_likelihood == -HUGE_VAL);
    assert_int_equal(point.reason, MTC_REASON_MODEL_DOMAIN);
    const double nan[N] = {12.0, 0.3, 0.2, 1.1, (double)NAN};
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, nan, &point, &err), MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "tilt_days"));
}

static void off_a_fixed_value_the_prior_is_zero(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    mtc_natural_point point = {0};
    const double at[N] = {12.0, 0.35, 0.2, 1.1, 0.2 * (1.0 + 1e-14)};
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, at, &point, NULL), MTC_OK);
    assert_true(isfinite(point.log_prior));
    const double off[N] = {12.0, 0.36, 0.2, 1.1, 0.2};
    assert_int_equal(mtc_posterior_eval_natural(p, x->ws, off, &point, NULL), MTC_OK);
    assert_true(point.log_prior == -HUGE_VAL && isfinite(point.log_likelihood));
    assert_string_equal(point.log_prior_reason, "share is fixed at 0.35, not 0.36");
}

static void defects_name_source_row_and_values(void **state)
{
    static const struct {
        fake_fault fault;
        const char *words;
    } cases[] = {{FAKE_NAN_VALUE, "source 'zeta' (fake/normal), row 2: the log likelihood"},
                 {FAKE_NAN_GRADIENT, "source 'zeta' (fake/normal): the gradient"}};
    fixture *x = *state;
    const mtc_target *t = mtc_posterior_target(x->f.posterior);
    const double z[N] = {0.0, 0.0, 0.25, 0.0, 0.0};
    double grad[N];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        mtc_err err = MTC_ERR_INIT;
        mtc_point point = {.grad_log_likelihood = grad};
        x->f.normal.fault = cases[i].fault;
        assert_int_equal(t->eval(t->self, x->ws, z, &point, &err), MTC_ENAN);
        assert_non_null(strstr(err.message, cases[i].words));
        assert_non_null(strstr(err.message, "spread = 0.9"));
        assert_non_null(strstr(err.message, ", shift = 0."));
    }
    x->f.normal.fault = FAKE_ERROR;
    mtc_point point = {0};
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_ENUMERIC);
}

static void zero_likelihood_has_its_reason(void **state)
{
    fixture *x = *state;
    const mtc_target *t = mtc_posterior_target(x->f.posterior);
    const double z[N] = {0};
    double grad[N];
    mtc_point point = {.grad_log_likelihood = grad};
    x->f.decay.fault = FAKE_ZERO;
    x->f.normal.fault = FAKE_ERROR; /* comes later and is not reached */
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
    assert_true(point.log_likelihood == -HUGE_VAL && isfinite(point.log_prior));
    assert_int_equal(point.reason, MTC_REASON_MODEL_DOMAIN);
    for (size_t i = 0; i < N; ++i) {
        assert_true(grad[i] == 0.0);
    }
    x->f.normal.fault = FAKE_SOUND;
    x->f.decay.fault = FAKE_INFINITE_GRADIENT;
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
    assert_true(point.log_likelihood == -HUGE_VAL);
}

static void extreme_points_are_outside_and_never_nan(void **state)
{
    static const double extreme[] = {-1e308, -1e4, -700, -660, -300, -40, 40, 300, 660, 700, 1e4, 1e308};
    fixture *x = *state;
    const mtc_target *t = mtc_posterior_target(x->f.posterior);
    double grad[2][N];
    for (size_t i = 0; i < N; ++i) {
        for (size_t k = 0; k < sizeof extreme / sizeof *extreme; ++k) {
            double z[N] = {0};
            double theta[N];
            z[i] = extreme[k];
            mtc_point point = {.grad_log_prior = grad[0], .grad_log_likelihood = grad[1]};
            assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
            assert_false(isnan(point.log_prior) || isnan(point.log_likelihood));
            assert_true(isfinite(point.log_prior) || point.reason == MTC_REASON_PRIOR_SUPPORT);
            for (size_t j = 0; j < N; ++j) {
                assert_true(isfinite(grad[0][j]) && isfinite(grad[1][j]));
            }
            mtc_posterior_natural(x->f.posterior, z, theta);
            assert_true(theta[i] >= mtc_posterior_prior(x->f.posterior, i)->lower &&
                        theta[i] <= mtc_posterior_prior(x->f.posterior, i)->upper);
        }
    }
    const double z[N] = {0, 0, (double)NAN, 0, 0};
    mtc_point point = {0};
    assert_int_equal(t->eval(t->self, x->ws, z, &point, NULL), MTC_OK);
    assert_true(point.log_prior == -HUGE_VAL);
}

static void quantiles_and_observations_of_the_target(void **state)
{
    fixture *x = *state;
    const mtc_posterior *p = x->f.posterior;
    const mtc_target *t = mtc_posterior_target(p);
    const double u[N] = {0.5, 0.2, 0.9, 0.31, 0.77};
    const double bad[N] = {0.5, 0.0, 0.9, 0.31, 0.77};
    double z[N];
    double theta[N];
    double per_obs[8];
    assert_int_equal(t->prior_quantile(t->self, u, z, NULL), MTC_OK);
    mtc_posterior_natural(p, z, theta);
    for (size_t i = 0; i < N; ++i) {
        assert_near(mtc_prior_cdf(mtc_posterior_prior(p, i), theta[i]), u[i], 1e-12);
    }
    assert_int_equal(t->prior_quantile(t->self, bad, z, NULL), MTC_EDOMAIN);
    assert_int_equal(t->per_obs(t->self, x->ws, z, per_obs, NULL), MTC_OK);
    double sum = 0.0;
    for (size_t i = 0; i < 8; ++i) {
        sum += per_obs[i];
    }
    assert_near(sum, log_likelihood_at(x, theta), 1e-12);
}

static void conflict_is_a_normal_score(void **state)
{
    fixture *x = *state;
    const mtc_prior *shift = mtc_posterior_prior(x->f.posterior, 2); /* Normal(0.3, 1.2) */
    assert_near(mtc_prior_conflict(shift, 0.3 + 1.2 * 2.9), 2.9, 1e-12);
    assert_near(mtc_prior_conflict(shift, 0.3 - 1.2 * 11.0), -11.0, 1e-11);
    assert_near(mtc_prior_conflict(shift, 0.3 + 1.2 * 11.0), 11.0, 1e-11);
    const mtc_prior *level = mtc_posterior_prior(x->f.posterior, 0);
    assert_near(mtc_prior_conflict(level, mtc_prior_quantile(level, 0.975)), 1.959963984540054, 1e-12);
    const mtc_prior fixed = {.is_fixed = true, .fixed_value = 2.0};
    assert_true(mtc_prior_conflict(&fixed, 2.0) == 0.0);
}

static void bad_models_are_refused(void **state)
{
    fixture *x = *state;
    fake_posterior *f = &x->f;
    mtc_posterior *out = NULL;
    mtc_err err = MTC_ERR_INIT;
    assert_int_equal(
        mtc_posterior_create("m", f->likelihood, 2, f->param, f->prior, f->n_param - 1, f->arena, &out, &err),
        MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "tilt_days"));
    f->source[0].name = "alpha";
    assert_int_equal(mtc_posterior_create("m", f->likelihood, 2, f->param, f->prior, f->n_param, f->arena, &out, &err),
                     MTC_EDOMAIN);
    assert_non_null(strstr(err.message, "two sources are named 'alpha'"));
    assert_int_equal(mtc_posterior_create(NULL, NULL, 0, NULL, NULL, 0, f->arena, &out, NULL), MTC_EDOMAIN);
    const mtc_prior none = {0};
    assert_int_equal(mtc_posterior_create("m", NULL, 0, f->param, &none, 1, f->arena, &out, NULL), MTC_EDOMAIN);
    /* the prior alone is a model too */
    assert_int_equal(mtc_posterior_create("m", NULL, 0, f->param, f->prior, 2, f->arena, &out, NULL), MTC_OK);
    assert_null(mtc_posterior_target(out)->per_obs);
}

static void scratch_is_given_back_when_memory_runs_out(void **state)
{
    fixture *x = *state;
    const mtc_target *t = mtc_posterior_target(x->f.posterior);
    size_t fail_at = 1;
    for (mtc_status st = MTC_ENOMEM; st != MTC_OK && fail_at < 50; ++fail_at) {
        void *ws = NULL;
        test_alloc_start(fail_at);
        st = t->ws_create(t->self, &ws, NULL);
        assert_true(st == MTC_OK || (st == MTC_ENOMEM && ws == NULL));
        if (st == MTC_OK) {
            const size_t before = test_alloc_requests();
            const double z[N] = {0};
            mtc_point point = {0};
            assert_int_equal(t->eval(t->self, ws, z, &point, NULL), MTC_OK);
            assert_int_equal(test_alloc_requests(), before);
            t->ws_destroy(ws);
        }
        assert_int_equal(test_alloc_stop(), 0);
    }
    assert_true(fail_at > 6 && fail_at < 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(order_is_canonical, setup, teardown),
        cmocka_unit_test_setup_teardown(target_is_normal_prior_and_likelihood, setup, teardown),
        cmocka_unit_test_setup_teardown(gradients_match_differences, setup, teardown),
        cmocka_unit_test_setup_teardown(gradients_match_differences, setup_fixed, teardown),
        cmocka_unit_test(a_coupled_target_is_the_same_posterior),
        cmocka_unit_test_setup_teardown(fixed_parameters_are_constants, setup_fixed, teardown),
        cmocka_unit_test_setup_teardown(natural_values_have_no_jacobian, setup, teardown),
        cmocka_unit_test_setup_teardown(a_zero_prior_does_not_hide_the_likelihood, setup, teardown),
        cmocka_unit_test_setup_teardown(off_a_fixed_value_the_prior_is_zero, setup_fixed, teardown),
        cmocka_unit_test_setup_teardown(defects_name_source_row_and_values, setup, teardown),
        cmocka_unit_test_setup_teardown(zero_likelihood_has_its_reason, setup, teardown),
        cmocka_unit_test_setup_teardown(extreme_points_are_outside_and_never_nan, setup, teardown),
        cmocka_unit_test_setup_teardown(quantiles_and_observations_of_the_target, setup, teardown),
        cmocka_unit_test_setup_teardown(conflict_is_a_normal_score, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_models_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(scratch_is_given_back_when_memory_runs_out, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
