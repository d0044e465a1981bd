/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws that every family of the registry obeys, truncated or not. Catches: a density that does not integrate to one, a
 * wrong derivative, a cdf that belongs to another density, tails that lose their digits, a quantile that does not
 * invert its cdf; a family in the registry that nobody has put to the test. */
#include "prior_specimens.h"
#include "prior_text.h"

#include "mtc_special.h"
#include "test_line.h"
#include "test_near.h"

#include <math.h>
#include <string.h>

typedef struct {
    mtc_arena *arena;
    mtc_prior prior[64];
    size_t n;
} fixture;

static int setup(void **state)
{
    static fixture f;
    mtc_errlist errors = MTC_ERRLIST_INIT;
    assert_int_equal(mtc_arena_create(&f.arena, NULL), MTC_OK);
    for (f.n = 0; f.n < N_PRIOR_SPECIMEN; f.n++) {
        const prior_specimen *s = &prior_specimens[f.n];
        if (prior_from_text(s->text, s->info, &f.prior[f.n], f.arena, &errors) != MTC_OK) {
            print_error("%s: %s\n", s->text, errors.item[0].message);
            return -1;
        }
    }
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    mtc_arena_destroy(((fixture *)*state)->arena);
    return 0;
}

static void every_family_is_complete_and_has_a_specimen(void **state)
{
    (void)state;
    const mtc_prior_ops *const *families = mtc_registry_priors();
    size_t n = 0;
    for (; families[n] != NULL; ++n) {
        const mtc_prior_ops *ops = families[n];
        size_t n_specimen = 0;
        assert_int_equal(ops->abi, MTC_PRIOR_ABI);
        assert_true(ops->name != NULL && ops->title != NULL && ops->formula != NULL && ops->source != NULL);
        assert_true(ops->init != NULL && ops->support != NULL && ops->logpdf != NULL && ops->cdf != NULL);
        assert_true(ops->quantile != NULL && ops->self_size > 0);
        for (const mtc_key *k = ops->keys; k != NULL && k->key != NULL; ++k) {
            assert_true(k->help != NULL && strlen(k->help) > 4);
        }
        for (size_t i = 0; i < N_PRIOR_SPECIMEN; ++i) {
            const size_t length = strlen(ops->name);
            n_specimen += strncmp(prior_specimens[i].text + 1, ops->name, length) == 0 &&
                          prior_specimens[i].text[1 + length] == ':';
        }
        if (n_specimen < (ops->keys != NULL ? 3u : 1u)) {
            print_error("family '%s' has %zu specimens\n", ops->name, n_specimen);
            fail();
        }
    }
    assert_true(n >= 8);
}

/* Trapezoidal rule on the unconstrained scale, where all these densities are smooth and fall at least exponentially. */
static double integral(const mtc_prior *p, double to)
{
    const test_line t = test_line_for(p->lower, to);
    const double step = 0.01;
    double sum = 0.0;
    for (int i = -15000; i <= 15000; ++i) {
        test_line_point at;
        if (test_line_eval(&t, i * step, &at)) {
            const double term = exp(mtc_prior_logpdf(p, at.x, NULL) + at.log_jacobian);
            sum += isfinite(term) ? term : 0.0;
        }
    }
    return sum * step;
}

static void densities_integrate_to_one_and_to_their_cdf(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        if (p->is_fixed) {
            continue;
        }
        print_message("%s\n", p->description);
        assert_near(integral(p, p->upper), 1.0, 2e-10);
        const double x = mtc_prior_quantile(p, 0.3);
        assert_near(integral(p, x), mtc_prior_cdf(p, x), 2e-10);
    }
}

static const double levels[] = {1e-12, 1e-6, 1e-3, 0.05, 0.31, 0.5, 0.77, 0.96, 0.999, 1.0 - 1e-6, 1.0 - 1e-11};
enum { N_LEVEL = sizeof levels / sizeof *levels };

/* How far a probability moves, relative to itself, when x has the relative error of a quantile (4e-15), and when the
 * level is rounded as a probability of the untruncated family, which starts at `base` instead of 0 at the edge of the
 * truncated one. */
static double slack(const mtc_prior *p, double x, double probability, double base)
{
    return 1e-9 + (4e-15 * fabs(x) * exp(mtc_prior_logpdf(p, x, NULL)) + 4e-15 * base / exp(p->log_mass)) / probability;
}

static void quantiles_invert_in_both_tails(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        double previous = -HUGE_VAL;
        const double base = fmin(p->cdf_lower, p->ccdf_upper + exp(p->log_mass));
        const double top = fmin(p->ccdf_upper, p->cdf_lower + exp(p->log_mass));
        for (size_t k = 0; k < N_LEVEL && !p->is_fixed; ++k) {
            const double u = levels[k];
            const double x = mtc_prior_quantile(p, u);
            assert_true(x >= p->lower && x <= p->upper && x >= previous);
            previous = x;
            if (x == p->lower || x == p->upper) {
                continue; /* the level lies within the last bit of a bound */
            }
            assert_near(mtc_prior_cdf(p, x) / u, 1.0, slack(p, x, u, base));
            assert_near(mtc_prior_ccdf(p, x) / (1.0 - u), 1.0, slack(p, x, 1.0 - u, top) + 2e-16 / (1.0 - u));
            assert_near(mtc_prior_cdf(p, x) + mtc_prior_ccdf(p, x), 1.0, 1e-9);
        }
    }
}

/* Distance to the nearer bound, at most the size of x or 1: the scale on which the density may change. */
static double scale_at(const mtc_prior *p, double x)
{
    return fmin(fmin(x - p->lower, p->upper - x), fmax(fabs(x), 1.0));
}

static void derivatives_match_differences(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        for (size_t k = 2; k < N_LEVEL - 2 && !p->is_fixed; ++k) {
            double slope = 0.0;
            const double x = mtc_prior_quantile(p, levels[k]);
            const double h = 1e-5 * scale_at(p, x);
            const double right = x + h;
            const double left = x - h;
            const double lp = mtc_prior_logpdf(p, x, &slope);
            const double difference = mtc_prior_logpdf(p, right, NULL) - mtc_prior_logpdf(p, left, NULL);
            const double noise =
                2e-13 / h; /* epsilon times the largest terms that make up a log density here, near 700 */
            assert_true(isfinite(lp));
            assert_near(difference / (right - left), slope, 1e-7 * fmax(1.0, fabs(slope)) + noise);
        }
    }
}

static void the_density_is_the_slope_of_the_cdf(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        for (size_t k = 2; k < N_LEVEL - 2 && !p->is_fixed; ++k) {
            const double x = mtc_prior_quantile(p, levels[k]);
            const double h = 1e-4 * scale_at(p, x);
            const double right = x + h;
            const double left = x - h;
            const double mass = levels[k] < 0.5 ? mtc_prior_cdf(p, right) - mtc_prior_cdf(p, left)
                                                : mtc_prior_ccdf(p, left) - mtc_prior_ccdf(p, right);
            const double density = exp(mtc_prior_logpdf(p, x, NULL));
            assert_near(mass / (right - left), density, 1e-5 * density);
        }
    }
}

static void outside_is_zero_without_slope(void **state)
{
    const fixture *f = *state;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        double slope = 3.0;
        if (!isinf(p->lower)) {
            assert_true(mtc_prior_logpdf(p, nextafter(p->lower, -HUGE_VAL), &slope) == -HUGE_VAL && slope == 0.0);
        }
        slope = 3.0;
        if (!isinf(p->upper)) {
            assert_true(mtc_prior_logpdf(p, nextafter(p->upper, HUGE_VAL), &slope) == -HUGE_VAL && slope == 0.0);
        }
        assert_true(!isnan(mtc_prior_logpdf(p, 1e300, NULL)));
        assert_true(!isnan(mtc_prior_logpdf(p, -1e300, NULL)));
        assert_true(!isnan(mtc_prior_logpdf(p, 1e-300, NULL)));
    }
}

static void scores_are_normal_invert_and_have_their_slope(void **state)
{
    const fixture *f = *state;
    const double h = 1e-5;
    for (size_t i = 0; i < f->n; ++i) {
        const mtc_prior *p = &f->prior[i];
        double before = p->lower, dx = 0.0;
        const double spread = mtc_prior_quantile(p, 0.9) - mtc_prior_quantile(p, 0.1);
        if (p->is_fixed) {
            assert_true(mtc_prior_at_score(p, 1.3, &dx) == p->fixed_value && dx == 0.0);
            continue;
        }
        for (double z = -MTC_SCORE_MAX; z <= MTC_SCORE_MAX; z += 0.5) {
            const double x = mtc_prior_at_score(p, z, &dx);
            assert_true(x >= before && x <= p->upper && dx >= 0.0 && isfinite(dx));
            before = x;
        }
        for (double z = -5.0; z <= 5.0; z += 0.31) {
            const double x = mtc_prior_at_score(p, z, &dx);
            const double difference =
                (mtc_prior_at_score(p, z + h, NULL) - mtc_prior_at_score(p, z - h, NULL)) / 2.0 / h;
            /* x is rounded, which moves its score by eps |x| / (dx/dz) */
            const double slack = 1e-9 * (1.0 + fabs(z)) + 4e-14 * fabs(x) / dx;
            assert_near(mtc_prior_score(p, x), z, slack);
            assert_near(difference, dx, 1e-7 * dx + (2e-14 * fabs(x) + 2e-15 * spread) / h);
            assert_near(mtc_prior_cdf(p, x), mtc_normal_cdf(z), 1e-12 + 4e-14 * fabs(x) / dx);
        }
        assert_true(mtc_prior_at_score(p, 1e300, NULL) == mtc_prior_at_score(p, MTC_SCORE_MAX, NULL));
        assert_true(!isnan(mtc_prior_at_score(p, (double)NAN, &dx)) && !isnan(dx));
        assert_true(fabs(mtc_prior_score(p, p->lower)) <= MTC_SCORE_MAX);
        assert_true(fabs(mtc_prior_score(p, p->upper)) <= MTC_SCORE_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_family_is_complete_and_has_a_specimen),
        cmocka_unit_test(densities_integrate_to_one_and_to_their_cdf),
        cmocka_unit_test(quantiles_invert_in_both_tails),
        cmocka_unit_test(derivatives_match_differences),
        cmocka_unit_test(the_density_is_the_slope_of_the_cdf),
        cmocka_unit_test(outside_is_zero_without_slope),
        cmocka_unit_test(scores_are_normal_invert_and_have_their_slope),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
