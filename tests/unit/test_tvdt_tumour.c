/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One patient's tumours: probabilities add up, pairs fall apart where they must, derivatives by each entry of the law,
 * and the law's own chain rule. Values against another program: tests/golden/test_tvdt_golden.c. */
#include "tvdt_tumour.h"

#include "test_near.h"

#include <math.h>
#include <string.h>

static const double open = HUGE_VAL;

static mtc_tvdt_tumour exact(double y)
{
    return (mtc_tvdt_tumour){MTC_TVDT_EXACT, y, y};
}

static mtc_tvdt_tumour between(double a, double b)
{
    return (mtc_tvdt_tumour){MTC_TVDT_CENSORED, a, b};
}

static mtc_tvdt_law law_of(double v0, double v1, double c)
{
    mtc_tvdt_law law;
    memset(&law, 0, sizeof law);
    law.mean[0] = -0.93;
    law.mean[1] = -1.41;
    law.variance[0] = v0;
    law.variance[1] = v1;
    law.sd[0] = sqrt(v0);
    law.sd[1] = sqrt(v1);
    law.covariance = c;
    law.determinant = v0 * v1 - c * c;
    return law;
}

static double log_of(const mtc_tvdt_law *law, mtc_tvdt_tumour primary, mtc_tvdt_tumour metastasis)
{
    const mtc_tvdt_patient patient = {{primary, metastasis}};
    mtc_tvdt_partials p;
    memset(&p, 0, sizeof p);
    return mtc_tvdt_patient_log(law, &patient, &p);
}

/* The nine rectangles of two cuts each way. */
static void rectangles_add_up(void **state)
{
    (void)state;
    const double law_entry[][3] = {
        {0.36, 0.52, 0.36},  {0.49, 0.4925, 0.49}, {0.4, 0.6, 0.0},
        {2.3, 2.2, 2.1},     {2.25, 2.2504, 2.25}, /* sigma_rho 0.02: steps of a hundredth of the range */
        {1.0, 1.000001, 1.0}};                     /* and of a ten-thousandth */
    const double cut0[] = {-open, -1.2, 0.1, open}, cut1[] = {-open, -1.7, -1.3, open};
    for (size_t k = 0; k < sizeof law_entry / sizeof *law_entry; ++k) {
        const mtc_tvdt_law law = law_of(law_entry[k][0], law_entry[k][1], law_entry[k][2]);
        double sum = 0.0;
        for (int i = 0; i < 3; ++i) {
            double row = 0.0;
            for (int j = 0; j < 3; ++j) {
                row += exp(log_of(&law, between(cut0[i], cut0[i + 1]), between(cut1[j], cut1[j + 1])));
            }
            const mtc_tvdt_tumour absent = {MTC_TVDT_ABSENT, 0.0, 0.0};
            assert_near(row, exp(log_of(&law, between(cut0[i], cut0[i + 1]), absent)), 1e-12);
            sum += row;
        }
        assert_near(sum, 1.0, 1e-12);
    }
}

/* A narrow interval holds its width times the density. */
static void censored_tends_to_exact(void **state)
{
    (void)state;
    const mtc_tvdt_law law = law_of(0.36, 0.52, 0.36);
    const double a = -0.7, b = -1.1, w = 1e-4;
    const double pair = log_of(&law, exact(a), exact(b)) + a + b; /* per logarithm */
    assert_near(log_of(&law, exact(a), between(b - w, b + w)) + a - log(2.0 * w), pair, 1e-6);
    assert_near(log_of(&law, between(a - w, a + w), exact(b)) + b - log(2.0 * w), pair, 1e-6);
    assert_near(log_of(&law, between(a - w, a + w), between(b - w, b + w)) - 2.0 * log(2.0 * w), pair, 1e-6);
}

static void uncorrelated_pair_is_two_patients(void **state)
{
    (void)state;
    const mtc_tvdt_law law = law_of(0.36, 0.52, 0.0);
    const mtc_tvdt_tumour absent = {MTC_TVDT_ABSENT, 0.0, 0.0};
    const mtc_tvdt_tumour kind[] = {exact(-0.4), between(-1.0, open), between(-open, -2.0), between(-1.1, -0.2)};
    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < 4; ++j) {
            assert_near(log_of(&law, kind[i], kind[j]), log_of(&law, kind[i], absent) + log_of(&law, absent, kind[j]),
                        1e-12);
        }
    }
}

/* ---- derivatives --------------------------------------------------------------------------------------------- */

static double entry_get(const mtc_tvdt_law *law, int k)
{
    const double value[] = {law->mean[0], law->mean[1], law->variance[0], law->variance[1], law->covariance};
    return value[k];
}

static mtc_tvdt_law entry_moved(const mtc_tvdt_law *law, int k, double by)
{
    double v[5];
    for (int i = 0; i < 5; ++i) {
        v[i] = entry_get(law, i) + (i == k ? by : 0.0);
    }
    mtc_tvdt_law moved = law_of(v[2], v[3], v[4]);
    moved.mean[0] = v[0];
    moved.mean[1] = v[1];
    return moved;
}

static double slope_of(const mtc_tvdt_law *law, int k, mtc_tvdt_tumour primary, mtc_tvdt_tumour metastasis)
{
    double slope[2];
    for (int i = 0; i < 2; ++i) {
        const double h = 2e-4 / (i + 1);
        const mtc_tvdt_law up = entry_moved(law, k, h), down = entry_moved(law, k, -h);
        slope[i] = (log_of(&up, primary, metastasis) - log_of(&down, primary, metastasis)) / (2.0 * h);
    }
    return (4.0 * slope[1] - slope[0]) / 3.0;
}

static void derivatives(void **state)
{
    (void)state;
    const mtc_tvdt_tumour kind[] = {
        exact(-0.4),        between(-1.0, open),  between(-open, -2.0),       between(-1.1, -0.2),
        between(1.5, open), between(-1.0, -0.99), {MTC_TVDT_ABSENT, 0.0, 0.0}};
    const double law_entry[][3] = {{0.36, 0.52, 0.36}, {0.49, 0.53, 0.49}, {2.3, 2.2, 2.1}};
    for (size_t l = 0; l < sizeof law_entry / sizeof *law_entry; ++l) {
        const mtc_tvdt_law law = law_of(law_entry[l][0], law_entry[l][1], law_entry[l][2]);
        for (int i = 0; i < 7; ++i) {
            for (int j = i == 6 ? 5 : 6; j >= 0; --j) {
                const mtc_tvdt_patient patient = {{kind[i], kind[j]}};
                mtc_tvdt_partials p;
                memset(&p, 0, sizeof p);
                (void)mtc_tvdt_patient_log(&law, &patient, &p);
                const double got[] = {p.mean[0], p.mean[1], p.variance[0], p.variance[1], p.covariance};
                for (int k = 0; k < 5; ++k) {
                    const double want = slope_of(&law, k, kind[i], kind[j]);
                    assert_near(got[k], want, 1e-6 * fmax(1.0, fabs(want)));
                }
            }
        }
    }
}

/* Natural parameters: the law's entries are functions of them. */
static void chain_rule(void **state)
{
    (void)state;
    const double all[MTC_TVDT_N_PARAM] = {143.0, 0.62, 1.37, 0.41, 0.2};
    const mtc_tvdt_partials p = {{1.3, -0.7}, {0.4, 2.1}, -1.9};
    double grad[MTC_TVDT_N_PARAM] = {0.0};
    mtc_tvdt_law law;
    assert_true(mtc_tvdt_law_init(&law, all, 0.17));
    assert_near(law.determinant, law.variance[0] * law.variance[1] - law.covariance * law.covariance, 1e-15);
    mtc_tvdt_law_gradient(&law, &p, grad);
    for (int k = 0; k < 4; ++k) {
        double at[MTC_TVDT_N_PARAM], sum[2];
        for (int s = 0; s < 2; ++s) {
            memcpy(at, all, sizeof at);
            at[k] *= s == 0 ? 1.0 + 1e-6 : 1.0 - 1e-6;
            mtc_tvdt_law moved;
            assert_true(mtc_tvdt_law_init(&moved, at, 0.17));
            sum[s] = p.covariance * moved.covariance;
            for (int i = 0; i < 2; ++i) {
                sum[s] += p.mean[i] * moved.mean[i] + p.variance[i] * moved.variance[i];
            }
        }
        assert_near(grad[k], (sum[0] - sum[1]) / (2e-6 * all[k]), 1e-8);
    }
    assert_true(grad[MTC_TVDT_OMEGA] == 0.0);
}

static void impossible(void **state)
{
    (void)state;
    mtc_tvdt_law law = law_of(0.36, 0.36, 0.36);
    law.determinant = 0.0;
    assert_true(log_of(&law, exact(-0.4), exact(-0.9)) == -HUGE_VAL);
    law = law_of(0.36, 0.52, 0.36);
    assert_true(log_of(&law, between(1e200, open), between(-open, open)) == -HUGE_VAL);
    assert_true(isfinite(log_of(&law, between(40.0, open), between(-open, -40.0))));
    assert_near(log_of(&law, between(-open, open), between(-open, open)), 0.0, 1e-13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rectangles_add_up),
        cmocka_unit_test(censored_tends_to_exact),
        cmocka_unit_test(uncorrelated_pair_is_two_patients),
        cmocka_unit_test(derivatives),
        cmocka_unit_test(chain_rule),
        cmocka_unit_test(impossible),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
