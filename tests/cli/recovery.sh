#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# recovery.sh PROGRAM ROOT [SEEDS]: cohorts of 500 patients and 100 paired doubling times are simulated from each hypothesis
# at its prior medians, with fixed seeds; the hypothesis they came from must have the larger evidence in every one.
# It would find a simulator and a likelihood that disagree, hypotheses that are swapped, an evidence with a wrong normaliser.
# Takes minutes a cohort: label `long`.
set -eu
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
seeds=${3:-"1 2 3 4 5"}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Design: the sizes and follow-up of the cohort's first 500 patients; what happened to them is drawn anew.
head -n 501 "$root/datasets/rotterdam/rotterdam.csv" >design.csv
{
    echo primary_tvdt_days,metastasis_tvdt_days
    i=0
    while [ "$i" -lt 100 ]; do
        echo 150,100
        i=$((i + 1))
    done
} >pairs.csv
cat >design.yaml <<'END'
metachron: 1
title: design of the recovery test
check_unrestricted: false
data:
  cohort:
    likelihood: latency/individual
    table: design.csv
    columns: {time: distant_metastasis_years, event: distant_metastasis_event, size_lower: size_lower_mm, size_upper: size_upper_mm}
    condition_on: m0
  pairs:
    likelihood: tvdt/individual
    table: pairs.csv
    columns: {primary_tvdt: primary_tvdt_days, metastasis_tvdt: metastasis_tvdt_days}
models:
  linear: {preset: linear}
  parallel: {preset: parallel}
END

wrong=0
n=0
for truth in linear parallel; do
    for seed in $seeds; do
        "$program" simulate design.yaml --model "$truth" --seed "$seed" -o "cohort_${truth}_$seed" >simulate.txt 2>&1 ||
            { cat simulate.txt; exit 1; }
        status=0
        "$program" compare "cohort_${truth}_$seed/fit.yaml" -o "out_${truth}_$seed" --quiet >compare.txt 2>&1 || status=$?
        # 4 and 5 (not converged, unreliable) still give a number, and are reported here
        [ "$status" -eq 0 ] || [ "$status" -eq 4 ] || [ "$status" -eq 5 ] || { cat compare.txt; exit 1; }
        factor=$(sed -n 's/^ *"log_bayes_factor": *\(-\{0,1\}[0-9.e+-]*\),\{0,1\}$/\1/p' "out_${truth}_$seed/summary.json" | head -n 1)
        se=$(sed -n 's/^ *"log_bayes_factor_se": *\([0-9.e+-]*\),\{0,1\}$/\1/p' "out_${truth}_$seed/summary.json" | head -n 1)
        echo "truth $truth, seed $seed: log Bayes factor of parallel over linear $factor +- $se (exit code $status)"
        n=$((n + 1))
        case $truth in
        linear) awk -v x="$factor" 'BEGIN { exit !(x < 0) }' || wrong=$((wrong + 1)) ;;
        parallel) awk -v x="$factor" 'BEGIN { exit !(x > 0) }' || wrong=$((wrong + 1)) ;;
        esac
    done
done
echo "$n cohorts, $wrong with the larger evidence for the wrong hypothesis"
[ "$n" -gt 0 ] && [ "$wrong" -eq 0 ]
