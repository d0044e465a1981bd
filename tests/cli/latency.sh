#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# latency.sh PROGRAM ROOT: the kinds of latency data from end to end, without sampling: the configuration that ships, and
# one with intervals and late entry, are checked, evaluated at a point (at the lower bounds of delay and frailty too),
# simulated, and what was simulated is read and evaluated again.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

# run WORDS...: it must succeed
run() {
    if ! "$program" "$@" >stdout.txt 2>stderr.txt; then
        echo "fails: metachron $*"
        cat stderr.txt
        failed=1
    fi
}
# says PATTERN: the last run printed a line like it
says() {
    grep -q -e "$1" stdout.txt || { echo "not printed: $1"; cat stdout.txt; failed=1; }
}
number='-\{0,1\}[0-9]'

cat >point.json <<'END'
{"doubling_time_days": 150, "doubling_time_log_sd": 0.7, "growth_ratio": 1.5, "growth_ratio_log_sd": 0.4,
 "founders_at_reference": 1, "seeding_frailty_variance": 1.5, "seeding_diameter_mm": 2, "seeding_width": 0.2,
 "seeding_exponent": 0.25, "outgrowth_delay_years": 1}
END
sed 's/"outgrowth_delay_years": 1/"outgrowth_delay_years": 0/; s/"seeding_frailty_variance": 1.5/"seeding_frailty_variance": 0/' \
    point.json >bounds.json

cat >visits.csv <<'END'
free_months,found_months,seen_from_days,diameter_cm
12,18,0,2.1
60,,200,1.4
30,36,365,3.3
,6,,4.0
84,,,0.9
END
cat >visits.yaml <<'END'
metachron: 1
data:
  visits:
    likelihood: latency/individual
    table: visits.csv
    columns: {time_lower: free_months, time_upper: found_months, entry: seen_from_days, size: diameter_cm}
models: {linear: {preset: linear}, parallel: {preset: parallel}}
END

# tried CONFIGURATION SOURCE N
tried() {
    run check --quick "$1" --set privacy=individual
    says "$3"
    for at in point bounds; do
        run evaluate "$1" --model parallel --at $at.json --gradient
        says "\"log_likelihood\": $number"
        says "\"outgrowth_delay_years\": $number.*[1-9]"
        grep -q 'null' stdout.txt && [ $at = point ] && { echo "no number"; cat stdout.txt; failed=1; }
    done
    run simulate "$1" --model parallel --at point.json --seed 3 -o "cohort_$2" -q
    [ "$(wc -l <"cohort_$2/$2.csv")" = $(($3 + 1)) ] || { echo "cohort_$2 has not $3 patients"; failed=1; }
    configuration=$(find "cohort_$2" -name '*.yaml')
    run evaluate "$configuration" --model linear --at point.json --gradient
    says "\"log_likelihood\": $number"
}
tried "$root/likelihoods/latency/individual/example.yaml" rotterdam 1436
tried visits.yaml visits 5
exit $failed
