#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# documents.sh PROGRAM ROOT: what the documents show works.
# - every example.yaml of a likelihood and every configuration under examples/ passes `check --quick`;
# - all that the program lists is named in README.md, every setting in docs/configuration.md, every result in
#   docs/results.md;
# - code blocks of the documents: `sh` is run in a folder that looks like the repository, `yaml` passes `check --quick`
#   (a fragment is completed with a small configuration), `python`, `r` and `json` are tried where the machine can;
# - links between the documents lead somewhere.
# Finding nothing to check is a failure.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$2" && pwd)
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
    echo "$*"
    failed=1
}
at_least() {
    [ "$2" -ge "$1" ] || fail "only $2 $3, at least $1 are expected"
}

mkdir "$work/bin" && ln -s "$program" "$work/bin/metachron"
PATH=$work/bin:$PATH

# ---- configurations that ship ----
check() {
    "$program" check --quick "$1" >"$work/check.txt" 2>&1 || { fail "$2 fails:"; cat "$work/check.txt"; }
}
cd "$root" || exit 1
find likelihoods -name example.yaml | sort >"$work/examples"
at_least 3 "$(wc -l <"$work/examples")" "examples of likelihoods"
find examples -name '*.yaml' | sort >"$work/configurations"
at_least 5 "$(wc -l <"$work/configurations")" "configurations under examples/"
cat "$work/examples" "$work/configurations" >"$work/all"
while IFS= read -r file; do
    check "$file" "$file"
done <"$work/all"

# ---- the program's lists against the documents ----
names() {
    "$program" list "$1" --json | sed -n 's/^ *"name": "\(.*\)".*/\1/p'
}
names likelihoods >"$work/likelihoods"
at_least 3 "$(wc -l <"$work/likelihoods")" likelihoods
while IFS= read -r name; do
    for file in README.md example.yaml; do
        [ -s "likelihoods/$name/$file" ] || fail "likelihoods/$name has no $file"
    done
    grep -qF "\`$name\`" README.md || fail "README.md does not name the likelihood $name"
done <"$work/likelihoods"
for list in priors models estimators samplers; do
    names $list >"$work/names"
    at_least 1 "$(wc -l <"$work/names")" $list
    while IFS= read -r name; do
        grep -qF "\`$name\`" README.md || fail "README.md does not name $name of '$list'"
    done <"$work/names"
done
# the resolved configuration holds every setting with its default, the summary every result
cat >"$work/small.yaml" <<'END'
metachron: 1
title: small
data: {pairs: {likelihood: tvdt/individual, rows: [{primary_tvdt: 160 d, metastasis_tvdt: 75 d}]}}
models: {linear: {preset: linear}, parallel: {preset: parallel}}
prior_odds: {linear: 1, parallel: 1}
check_unrestricted: false
END
(cd "$work" && "$program" compare small.yaml -o compared -q >/dev/null) || fail "a small comparison fails"
awk '/^[a-z]/ { section = $1 } /^  [a-z_]+:/ && section ~ /^(settings|evidence|sampler):$/ { sub(":", "", $1)
    print $1 } /^[a-z_]+:/ { sub(":.*", ""); print }' "$work/compared/config.resolved.yaml" >"$work/keys"
at_least 20 "$(wc -l <"$work/keys")" settings
while IFS= read -r key; do
    grep -qF "\`$key\`" docs/configuration.md || fail "docs/configuration.md does not name the key $key"
done <"$work/keys"
sed -n 's/^\(  \|    \)"\([a-z_]*\)":.*/\2/p' "$work/compared/summary.json" | grep -vxE 'linear|parallel|pairs' |
    sort -u >"$work/results"
at_least 25 "$(wc -l <"$work/results")" "keys of summary.json"
while IFS= read -r key; do
    grep -qF "\`$key\`" docs/results.md || fail "docs/results.md does not name the key $key"
done <"$work/results"

# ---- code blocks ----
base_metachron='metachron: 1'
base_data='data: {pairs: {likelihood: tvdt/individual, rows: [{primary_tvdt: 160 d, metastasis_tvdt: 75 d}]}}'
base_models='models: {linear: {preset: linear}, parallel: {preset: parallel}}'

# one file per block: NUMBER.LANGUAGE; the languages of all blocks on stdout
blocks() {
    awk -v folder="$2" '
        /^```/ && open { close(file); open = 0; next }
        /^```/ { n++; language = substr($0, 4); open = 1; if (language == "") language = "none"; file = sprintf("%s/%03d.%s", folder, n, language)
                 printf "" >file; print language; next }
        open { print >file }' "$1"
}
complete() {
    for key in metachron data models; do
        grep -q "^$key:" "$1" || { eval "printf '%s\n' \"\$base_$key\"" >>"$1"; }
    done
}
run_block() {
    case $1 in
    *.sh) sh -eu "$1" ;;
    *.yaml) complete "$1" && cp "$1" block.yaml && metachron check --quick block.yaml ;;
    *.python) if command -v python3 >/dev/null; then python3 "$1"; fi ;;
    *.json) if command -v python3 >/dev/null; then python3 -m json.tool "$1"; fi ;;
    *.r) if command -v Rscript >/dev/null; then Rscript "$1"; fi ;;
    *) return 0 ;;
    esac
}
n_run=0
find README.md docs examples likelihoods -name '*.md' | sort >"$work/documents"
at_least 8 "$(wc -l <"$work/documents")" documents
while IFS= read -r document; do
    here=$work/run_$(printf '%s' "$document" | tr '/.' '__')
    mkdir "$here" "$here/blocks"
    for part in datasets docs examples likelihoods priors; do
        ln -s "$root/$part" "$here/$part"
    done
    for language in $(blocks "$document" "$here/blocks"); do
        case $language in
        sh | yaml | python | json | r | c | cmake | text | console) ;;
        *) fail "$document: a code block in '$language', which this test does not know" ;;
        esac
    done
    for block in "$here"/blocks/*; do
        [ -f "$block" ] || continue
        n_run=$((n_run + 1))
        (cd "$here" && run_block "$block") >"$work/block.txt" 2>&1 </dev/null || {
            fail "$document: this block fails:"
            cat "$block" "$work/block.txt"
        }
    done
    # relative links
    folder=$(dirname "$document")
    grep -o '](\([^)]*\))' "$document" | sed 's/^](//; s/)$//; s/#.*//' >"$work/links"
    while IFS= read -r link; do
        case $link in
        '' | http*) ;;
        *) [ -e "$folder/$link" ] || fail "$document: the link to $link leads nowhere" ;;
        esac
    done <"$work/links"
done <"$work/documents"
at_least 10 "$n_run" "code blocks"
exit $failed
