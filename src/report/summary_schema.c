/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "summary_internal.h"

#define COUNT_OF(table) (sizeof(table) / sizeof(table)[0])

/* One row each; S is the struct type, m a member, n the member with the length. */
#define TEXT(S, key, m)                                                                                                \
    {                                                                                                                  \
        key, FIELD_TEXT, offsetof(S, m), 0, 0, NULL                                                                    \
    }
#define TEXT_OPT(S, key, m)                                                                                            \
    {                                                                                                                  \
        key, FIELD_TEXT, offsetof(S, m), 0, FIELD_OPTIONAL, NULL                                                       \
    }
#define NUMBER(S, key, m)                                                                                              \
    {                                                                                                                  \
        key, FIELD_NUMBER, offsetof(S, m), 0, 0, NULL                                                                  \
    }
#define NUMBER_OPT(S, key, m)                                                                                          \
    {                                                                                                                  \
        key, FIELD_NUMBER, offsetof(S, m), 0, FIELD_OPTIONAL, NULL                                                     \
    }
#define CALLS(S, key, m)                                                                                               \
    {                                                                                                                  \
        key, FIELD_CALLS, offsetof(S, m), 0, 0, NULL                                                                   \
    }
#define COUNT(S, key, m)                                                                                               \
    {                                                                                                                  \
        key, FIELD_COUNT, offsetof(S, m), 0, 0, NULL                                                                   \
    }
#define BOOL(S, key, m)                                                                                                \
    {                                                                                                                  \
        key, FIELD_BOOL, offsetof(S, m), 0, 0, NULL                                                                    \
    }
#define VECTOR(S, key, m, n, flags)                                                                                    \
    {                                                                                                                  \
        key, FIELD_VECTOR, offsetof(S, m), offsetof(S, n), flags, NULL                                                 \
    }
#define TEXTS(S, key, m, n, flags)                                                                                     \
    {                                                                                                                  \
        key, FIELD_TEXTS, offsetof(S, m), offsetof(S, n), flags, NULL                                                  \
    }
#define NUMBERS(S, key, m, n, flags)                                                                                   \
    {                                                                                                                  \
        key, FIELD_NUMBERS, offsetof(S, m), offsetof(S, n), flags, NULL                                                \
    }
#define OBJECT(S, key, m, type)                                                                                        \
    {                                                                                                                  \
        key, FIELD_OBJECT, offsetof(S, m), 0, 0, type                                                                  \
    }
#define LIST(S, key, m, n, type)                                                                                       \
    {                                                                                                                  \
        key, FIELD_LIST, offsetof(S, m), offsetof(S, n), FIELD_SETS_LENGTH, type                                       \
    }
#define MAP(S, key, m, n, type)                                                                                        \
    {                                                                                                                  \
        key, FIELD_MAP, offsetof(S, m), offsetof(S, n), FIELD_SETS_LENGTH, type                                        \
    }
#define TYPE(S, key_offset, fields)                                                                                    \
    {                                                                                                                  \
        sizeof(S), key_offset, COUNT_OF(fields), fields                                                                \
    }

static const summary_field setting_fields[] = {
    TEXT(mtc_result_setting, "name", name),
    TEXT(mtc_result_setting, "value", value),
};
static const summary_type setting_type = TYPE(mtc_result_setting, 0, setting_fields);

static const summary_field fact_fields[] = {
    TEXT(mtc_result_fact, "label", label),         NUMBER(mtc_result_fact, "value", value),
    TEXT(mtc_result_fact, "unit", unit),           BOOL(mtc_result_fact, "is_count", is_count),
    BOOL(mtc_result_fact, "is_hidden", is_hidden),
};
static const summary_type fact_type = TYPE(mtc_result_fact, 0, fact_fields);

static const summary_field source_fields[] = {
    TEXT(mtc_result_source, "likelihood", kind),
    TEXT_OPT(mtc_result_source, "description", description),
    TEXT_OPT(mtc_result_source, "reference", reference),
    COUNT(mtc_result_source, "n_obs", n_obs),
    COUNT(mtc_result_source, "n_filtered", n_filtered),
    COUNT(mtc_result_source, "n_dropped", n_dropped),
    LIST(mtc_result_source, "facts", fact, n_fact, &fact_type),
};
static const summary_type source_type = TYPE(mtc_result_source, offsetof(mtc_result_source, name), source_fields);

static const summary_field interval_fields[] = {
    NUMBER(mtc_result_interval, "median", median),
    NUMBER(mtc_result_interval, "q05", q05),
    NUMBER(mtc_result_interval, "q95", q95),
};
static const summary_type interval_type = TYPE(mtc_result_interval, 0, interval_fields);

static const summary_field param_fields[] = {
    TEXT(mtc_result_param, "unit", unit),
    TEXT_OPT(mtc_result_param, "symbol", symbol),
    TEXT_OPT(mtc_result_param, "text", text),
    TEXT(mtc_result_param, "prior", prior),
    BOOL(mtc_result_param, "fixed", is_fixed),
    NUMBER_OPT(mtc_result_param, "fixed_value", fixed_value),
    OBJECT(mtc_result_param, "prior_interval", prior_interval, &interval_type),
    NUMBER_OPT(mtc_result_param, "conflict_z", conflict_z),
    BOOL(mtc_result_param, "log_scale", is_log_scale),
    VECTOR(mtc_result_param, "grid", grid, n_grid, FIELD_SETS_LENGTH),
    VECTOR(mtc_result_param, "prior_density", prior_density, n_grid, 0),
    VECTOR(mtc_result_param, "posterior_density", posterior_density, n_grid, 0),
};
static const summary_type param_type = TYPE(mtc_result_param, offsetof(mtc_result_param, name), param_fields);

static const summary_field posterior_fields[] = {
    TEXT(mtc_result_posterior, "unit", unit),
    TEXT_OPT(mtc_result_posterior, "label", label),
    NUMBER(mtc_result_posterior, "mean", mean),
    NUMBER(mtc_result_posterior, "sd", sd),
    NUMBER(mtc_result_posterior, "q05", q05),
    NUMBER(mtc_result_posterior, "q50", q50),
    NUMBER(mtc_result_posterior, "q95", q95),
    NUMBER(mtc_result_posterior, "rhat", rhat),
    NUMBER(mtc_result_posterior, "ess_bulk", ess_bulk),
    NUMBER(mtc_result_posterior, "ess_tail", ess_tail),
    NUMBER(mtc_result_posterior, "mcse_mean", mcse_mean),
};
static const summary_type posterior_type =
    TYPE(mtc_result_posterior, offsetof(mtc_result_posterior, name), posterior_fields);

static const summary_field map_fields[] = {
    NUMBER(mtc_result_map, "log_posterior", log_posterior),
    NUMBER(mtc_result_map, "log_prior", log_prior),
    NUMBER(mtc_result_map, "log_likelihood", log_likelihood),
    NUMBERS(mtc_result_map, "parameters", parameter, n_parameter, FIELD_SETS_LENGTH),
};
static const summary_type map_type = TYPE(mtc_result_map, 0, map_fields);

static const summary_field estimator_fields[] = {
    TEXT(mtc_result_estimator, "name", name),
    TEXT_OPT(mtc_result_estimator, "role", role),
    NUMBER(mtc_result_estimator, "value", value),
    NUMBER(mtc_result_estimator, "se", se),
    NUMBER_OPT(mtc_result_estimator, "k_hat", k_hat),
    CALLS(mtc_result_estimator, "likelihood_calls", likelihood_calls),
    CALLS(mtc_result_estimator, "gradient_calls", gradient_calls),
    TEXT_OPT(mtc_result_estimator, "note", note),
};
static const summary_type estimator_type = TYPE(mtc_result_estimator, 0, estimator_fields);

static const summary_field attempt_fields[] = {
    TEXT(mtc_result_attempt, "route", route),
    BOOL(mtc_result_attempt, "reliable", reliable),
    TEXT_OPT(mtc_result_attempt, "text", text),
    NUMBER_OPT(mtc_result_attempt, "draft_shift", draft_shift),
    NUMBER_OPT(mtc_result_attempt, "draft_se", draft_se),
    NUMBER_OPT(mtc_result_attempt, "draft_spread", draft_spread),
    LIST(mtc_result_attempt, "estimators", estimator, n_estimator, &estimator_type),
};
static const summary_type attempt_type = TYPE(mtc_result_attempt, 0, attempt_fields);

static const summary_field evidence_fields[] = {
    NUMBER(mtc_result_evidence, "value", value),
    NUMBER(mtc_result_evidence, "se", se),
    TEXT_OPT(mtc_result_evidence, "route", route),
    BOOL(mtc_result_evidence, "reliable", reliable),
    TEXTS(mtc_result_evidence, "reasons", reason, n_reason, FIELD_SETS_LENGTH),
    TEXT_OPT(mtc_result_evidence, "smc_alarm", smc_alarm),
    LIST(mtc_result_evidence, "estimators", estimator, n_estimator, &estimator_type),
    LIST(mtc_result_evidence, "attempts", attempt, n_attempt, &attempt_type),
};
static const summary_type evidence_type = TYPE(mtc_result_evidence, 0, evidence_fields);

static const summary_field check_fields[] = {
    TEXT(mtc_result_check, "name", name),
    NUMBER(mtc_result_check, "value", value),
    NUMBER(mtc_result_check, "threshold", threshold),
    BOOL(mtc_result_check, "pass", pass),
    TEXT(mtc_result_check, "sentence", sentence),
};
static const summary_type check_type = TYPE(mtc_result_check, 0, check_fields);

static const summary_field diagnostics_fields[] = {
    BOOL(mtc_result_diagnostics, "converged", converged),
    LIST(mtc_result_diagnostics, "checks", check, n_check, &check_type),
};
static const summary_type diagnostics_type = TYPE(mtc_result_diagnostics, 0, diagnostics_fields);

static const summary_field distribution_fields[] = {
    TEXT(mtc_result_distribution, "label", label),
    TEXT(mtc_result_distribution, "unit", unit),
    NUMBER(mtc_result_distribution, "q05", q05),
    NUMBER(mtc_result_distribution, "q25", q25),
    NUMBER(mtc_result_distribution, "q50", q50),
    NUMBER(mtc_result_distribution, "q75", q75),
    NUMBER(mtc_result_distribution, "q95", q95),
    VECTOR(mtc_result_distribution, "edges", edge, n_edge, FIELD_SETS_LENGTH),
    VECTOR(mtc_result_distribution, "shares", share, n_edge, FIELD_SHORTER),
};
static const summary_type distribution_type =
    TYPE(mtc_result_distribution, offsetof(mtc_result_distribution, id), distribution_fields);

static const summary_field share_fields[] = {
    TEXT(mtc_result_share, "label", label),
    NUMBER(mtc_result_share, "median", share.median),
    NUMBER(mtc_result_share, "q05", share.q05),
    NUMBER(mtc_result_share, "q95", share.q95),
};
static const summary_type share_type = TYPE(mtc_result_share, offsetof(mtc_result_share, id), share_fields);

static const summary_field seeding_fields[] = {
    MAP(mtc_result_seeding, "distributions", distribution, n_distribution, &distribution_type),
    MAP(mtc_result_seeding, "shares", share, n_share, &share_type),
};
static const summary_type seeding_type = TYPE(mtc_result_seeding, 0, seeding_fields);

static const summary_field mass_fields[] = {
    NUMBER_OPT(mtc_result_mass, "below_5_mm", below_5_mm),
    NUMBER_OPT(mtc_result_mass, "from_5_to_10_mm", from_5_to_10_mm),
    NUMBER_OPT(mtc_result_mass, "above_10_mm", above_10_mm),
};
static const summary_type mass_type = TYPE(mtc_result_mass, 0, mass_fields);

static const summary_field quantity_fields[] = {
    TEXT(mtc_result_quantity, "source", source),
    TEXT(mtc_result_quantity, "id", id),
    TEXT(mtc_result_quantity, "label", label),
    TEXT(mtc_result_quantity, "unit", unit),
    BOOL(mtc_result_quantity, "is_count", is_count),
    BOOL(mtc_result_quantity, "is_hidden", is_hidden),
    NUMBER_OPT(mtc_result_quantity, "observed", observed),
    OBJECT(mtc_result_quantity, "prior", prior, &interval_type),
    OBJECT(mtc_result_quantity, "posterior", posterior, &interval_type),
};
static const summary_type quantity_type = TYPE(mtc_result_quantity, 0, quantity_fields);

static const summary_field predictive_fields[] = {
    COUNT(mtc_result_predictive, "n_units", n_unit),
    COUNT(mtc_result_predictive, "n_draws", n_draw),
    NUMBER(mtc_result_predictive, "elpd_loo", elpd_loo),
    NUMBER(mtc_result_predictive, "elpd_loo_se", elpd_loo_se),
    NUMBER(mtc_result_predictive, "p_loo", p_loo),
    NUMBER(mtc_result_predictive, "elpd_waic", elpd_waic),
    NUMBER(mtc_result_predictive, "elpd_waic_se", elpd_waic_se),
    NUMBER(mtc_result_predictive, "p_waic", p_waic),
    NUMBER(mtc_result_predictive, "k_hat_max", k_hat_max),
    COUNT(mtc_result_predictive, "n_k_hat_high", n_k_hat_high),
    TEXT_OPT(mtc_result_predictive, "worst_unit", worst_unit),
};
static const summary_type predictive_type = TYPE(mtc_result_predictive, 0, predictive_fields);

static const summary_field model_fields[] = {
    TEXT_OPT(mtc_result_model, "preset", preset),
    TEXT(mtc_result_model, "label", label),
    BOOL(mtc_result_model, "in_comparison", in_comparison),
    OBJECT(mtc_result_model, "log_evidence", evidence, &evidence_type),
    OBJECT(mtc_result_model, "map", map, &map_type),
    MAP(mtc_result_model, "posterior", posterior, n_posterior, &posterior_type),
    MAP(mtc_result_model, "derived", derived, n_derived, &posterior_type),
    OBJECT(mtc_result_model, "diagnostics", diagnostics, &diagnostics_type),
    OBJECT(mtc_result_model, "seeding", seeding, &seeding_type),
    OBJECT(mtc_result_model, "seeding_diameter_mass", seeding_diameter_mass, &mass_type),
    {"predictive", FIELD_OBJECT, offsetof(mtc_result_model, predictive),
     offsetof(mtc_result_model, predictive.is_present), FIELD_IF_PRESENT, &predictive_type},
    LIST(mtc_result_model, "quantities", quantity, n_quantity, &quantity_type),
    MAP(mtc_result_model, "parameters", param, n_param, &param_type),
};
static const summary_type model_type = TYPE(mtc_result_model, offsetof(mtc_result_model, name), model_fields);

static const summary_field prediction_fields[] = {
    TEXT(mtc_result_prediction, "model", model),
    VECTOR(mtc_result_prediction, "median", median, n_x, FIELD_SETS_LENGTH),
    VECTOR(mtc_result_prediction, "q05", q05, n_x, 0),
    VECTOR(mtc_result_prediction, "q95", q95, n_x, 0),
};
static const summary_type prediction_type = TYPE(mtc_result_prediction, 0, prediction_fields);

static const summary_field display_fields[] = {
    TEXT(mtc_result_display, "source", source),
    TEXT(mtc_result_display, "id", id),
    TEXT(mtc_result_display, "title", title),
    TEXT(mtc_result_display, "kind", kind),
    TEXT(mtc_result_display, "x_label", x_label),
    TEXT(mtc_result_display, "y_label", y_label),
    BOOL(mtc_result_display, "x_log", x_log),
    VECTOR(mtc_result_display, "x", x, n_x, FIELD_SETS_LENGTH),
    VECTOR(mtc_result_display, "observed_x", obs_x, n_obs, FIELD_SETS_LENGTH),
    VECTOR(mtc_result_display, "observed_y", obs_y, n_obs, 0),
    VECTOR(mtc_result_display, "observed_lower", obs_lower, n_obs, FIELD_OPTIONAL),
    VECTOR(mtc_result_display, "observed_upper", obs_upper, n_obs, FIELD_OPTIONAL),
    VECTOR(mtc_result_display, "observed_at_risk", obs_n_at_risk, n_obs, FIELD_OPTIONAL),
    TEXTS(mtc_result_display, "observed_label", obs_label, n_obs, FIELD_OPTIONAL),
    LIST(mtc_result_display, "predictions", prediction, n_prediction, &prediction_type),
};
static const summary_type display_type = TYPE(mtc_result_display, 0, display_fields);

static const summary_field factor_fields[] = {
    NUMBER(mtc_result_source_factor, "log_bayes_factor", log_bayes_factor),
    NUMBER(mtc_result_source_factor, "log_bayes_factor_se", log_bayes_factor_se),
};
static const summary_type factor_type =
    TYPE(mtc_result_source_factor, offsetof(mtc_result_source_factor, source), factor_fields);

static const summary_field pair_fields[] = {
    TEXT(mtc_result_pair, "numerator", numerator),
    TEXT(mtc_result_pair, "denominator", denominator),
    NUMBER(mtc_result_pair, "log_bayes_factor", log_bayes_factor),
    NUMBER(mtc_result_pair, "log_bayes_factor_se", log_bayes_factor_se),
    BOOL(mtc_result_pair, "reliable", reliable),
};
static const summary_type pair_type = TYPE(mtc_result_pair, 0, pair_fields);

static const summary_field comparison_fields[] = {
    TEXT(mtc_result_comparison, "numerator", numerator),
    TEXT(mtc_result_comparison, "denominator", denominator),
    NUMBER(mtc_result_comparison, "log_bayes_factor", log_bayes_factor),
    NUMBER(mtc_result_comparison, "log_bayes_factor_se", log_bayes_factor_se),
    NUMBER(mtc_result_comparison, "log10_bayes_factor", log10_bayes_factor),
    TEXT_OPT(mtc_result_comparison, "words", words),
    TEXT_OPT(mtc_result_comparison, "border", border),
    BOOL(mtc_result_comparison, "reliable", reliable),
    TEXTS(mtc_result_comparison, "reasons", reason, n_reason, FIELD_SETS_LENGTH),
    NUMBER(mtc_result_comparison, "prior_odds", prior_odds),
    NUMBER(mtc_result_comparison, "turning_odds", turning_odds),
    NUMBERS(mtc_result_comparison, "prior_probability", prior_probability, n_probability, FIELD_SETS_LENGTH),
    NUMBERS(mtc_result_comparison, "posterior_probability", posterior_probability, n_probability, 0),
    LIST(mtc_result_comparison, "pairs", pair, n_pair, &pair_type),
    NUMBER_OPT(mtc_result_comparison, "elpd_loo_difference", elpd_loo_difference),
    NUMBER_OPT(mtc_result_comparison, "elpd_loo_difference_se", elpd_loo_difference_se),
    MAP(mtc_result_comparison, "by_source", by_source, n_by_source, &factor_type),
};
static const summary_type comparison_type = TYPE(mtc_result_comparison, 0, comparison_fields);

static const summary_field cost_fields[] = {
    CALLS(mtc_result_cost, "likelihood_calls", likelihood_calls),
    CALLS(mtc_result_cost, "gradient_calls", gradient_calls),
};
static const summary_type cost_type = TYPE(mtc_result_cost, 0, cost_fields);

static const summary_field root_fields[] = {
    TEXT(mtc_result, "kind", run.kind),
    TEXT_OPT(mtc_result, "title", run.title),
    CALLS(mtc_result, "seed", run.seed),
    TEXT(mtc_result, "config_hash", run.config_hash),
    TEXT(mtc_result, "data_hash", run.data_hash),
    TEXT_OPT(mtc_result, "command", run.command),
    TEXT(mtc_result, "privacy", run.privacy),
    LIST(mtc_result, "settings", run.setting, run.n_setting, &setting_type),
    {"comparison", FIELD_OBJECT, offsetof(mtc_result, comparison), offsetof(mtc_result, comparison.is_present),
     FIELD_IF_PRESENT, &comparison_type},
    BOOL(mtc_result, "all_misfit", all_misfit),
    TEXTS(mtc_result, "misfit", misfit, n_misfit, FIELD_SETS_LENGTH),
    TEXTS(mtc_result, "warnings", warning, n_warning, FIELD_SETS_LENGTH),
    OBJECT(mtc_result, "cost", cost, &cost_type),
    MAP(mtc_result, "sources", source, n_source, &source_type),
    MAP(mtc_result, "models", model, n_model, &model_type),
    LIST(mtc_result, "displays", display, n_display, &display_type),
};
const summary_type summary_root = TYPE(mtc_result, 0, root_fields);
