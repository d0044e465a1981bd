#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# flow.sh PROGRAM: a small run from end to end: same bytes for any number of threads and from the resolved
# configuration, output that appears whole or not at all, simulation that can be compared, help of every command.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

# expect CODE WORDS...: run the program quietly and compare its exit code
expect() {
    code=$1
    shift
    "$program" "$@" >stdout.txt 2>stderr.txt
    got=$?
    if [ "$got" != "$code" ]; then
        echo "exit code $got instead of $code: metachron $*"
        cat stderr.txt
        failed=1
    fi
}
same() {
    for file in summary.json report.md report.html config.resolved.yaml draws/linear_chain1.csv; do
        cmp "$1/$file" "$2/$file" || failed=1
    done
}
says() {
    grep -qF -e "$2" "$1" || { echo "$1 lacks: $2"; cat "$1"; failed=1; }
}

mkdir data
cat >data/pairs.csv <<'END'
patient,site,tvdt_days
1,primary,120
1,metastasis,70
2,primary,260
2,metastasis,95
3,primary,180
END
cat >fit.yaml <<'END'
metachron: 1
data:
  pairs:
    likelihood: tvdt/individual
    table: data/pairs.csv
    columns: {patient: patient, site: site, tvdt: tvdt_days}
models: {linear: {preset: linear}, parallel: {preset: parallel}}
check_unrestricted: false
evidence: {independence_draws: 400}
END

# the same bytes by one thread, by two, and from the resolved configuration
expect 0 compare fit.yaml -o one --threads 1 -q
expect 0 compare fit.yaml -o two --threads 2
says stdout.txt "Bayes factor"
says stderr.txt "wrote two/report.html"
same one two
(cd one && "$program" compare config.resolved.yaml -o ../three -q >/dev/null) || { echo "the resolved one fails"; failed=1; }
same one three
expect 0 compare fit.yaml -o four --seed 5 -q
cmp -s one/summary.json four/summary.json && { echo "the seed changes nothing"; failed=1; }
expect 0 compare fit.yaml -o five -q --json
cmp stdout.txt one/summary.json || failed=1
for file in run.log timing.json report.html config.resolved.yaml; do
    [ -s "one/$file" ] || { echo "no $file"; failed=1; }
done

# small counts are hidden unless asked for
expect 0 check fit.yaml --quick
says stdout.txt "< 5"
expect 0 check fit.yaml --quick --set privacy=individual
grep -q "< 5" stdout.txt && { echo "a count is hidden though it was asked for"; failed=1; }

# existing output
expect 2 compare fit.yaml -o one -q
says stderr.txt "output 'one' exists"
expect 0 compare fit.yaml -o one -q --force
same one two
mkdir empty
expect 0 fit fit.yaml --model linear -o empty/ -q
[ -e empty/draws/linear_chain1.csv ] && [ ! -e empty/draws/parallel_chain1.csv ] || { echo "fit --model"; failed=1; }
expect 0 compare fit.yaml --dry-run
says stdout.txt "nothing was run"
if [ "$(id -u)" != 0 ]; then
    mkdir locked && chmod 500 locked
    expect 7 compare fit.yaml -o locked/out -q
fi

# the report is made again from summary.json alone
cp one/report.md before.md
rm one/report.md one/report.html
expect 0 report one -q
cmp before.md one/report.md || failed=1
expect 7 report nowhere

# simulate, then use what was simulated
expect 0 simulate fit.yaml --model parallel --seed 7 -o cohort -q
expect 0 simulate fit.yaml --model parallel --seed 7 -o again -q
cmp cohort/pairs.csv again/pairs.csv || failed=1
expect 0 simulate fit.yaml --model parallel --seed 8 -o other -q
cmp -s cohort/pairs.csv other/pairs.csv && { echo "the seed does not change what is simulated"; failed=1; }
expect 0 simulate fit.yaml --model parallel --seed 7 --at cohort/truth.json -o third -q
cmp cohort/pairs.csv third/pairs.csv || failed=1
expect 0 evaluate cohort/fit.yaml --model linear --at cohort/truth.json --gradient --per-observation
says stdout.txt '"log_likelihood": '
says stdout.txt '"gradient": '
expect 0 compare cohort/fit.yaml -o cohort_out -q

# an interrupted run leaves nothing behind and says so by its exit code
"$program" compare fit.yaml -o broken -q --set evidence.target_se=0.001 --set evidence.max_escalations=4 \
    --set evidence.independence_draws=100000 >/dev/null 2>stderr.txt &
process=$!
sleep 1
kill -TERM $process
wait $process
got=$?
[ $got = 130 ] || { echo "interrupted: exit code $got"; cat stderr.txt; failed=1; }
says stderr.txt "interrupted"
[ ! -e broken ] || { echo "half a result"; failed=1; }

# the engine on a problem whose evidence is known
expect 0 selftest conjugate_normal --seeds 2 --json -q
says stdout.txt '"pass": true'
expect 2 selftest conjugate_norma
says stderr.txt "did you mean 'conjugate_normal'?"
expect 2 selftest --seeds 0

# help and lists
for command in check fit compare evaluate simulate report list selftest; do
    expect 0 $command --help
    says stdout.txt "Examples"
    says stdout.txt "130  interrupted"
done
expect 0 --help
expect 0 --version
says stdout.txt libyaml
expect 2
for list in priors likelihoods models samplers estimators; do
    expect 0 list $list --json
    says stdout.txt '"name": '
done
expect 2 list prior
says stderr.txt "did you mean 'priors'?"
leftover=$(find . -name '*.part-*')
[ -z "$leftover" ] || { echo "left behind: $leftover"; failed=1; }
exit $failed
