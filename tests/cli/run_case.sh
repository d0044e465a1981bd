#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run_case.sh PROGRAM FOLDER: run the program as FOLDER/expect says and compare exit code and messages.
#   expect: "exit CODE", "args ARGUMENTS", then text that stderr must contain, one fragment a line.
# Where the code is not 0, nothing may stand on stdout and stderr must say "error"; where it is 0, stderr must not.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
folder=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cp -R "$folder/." "$work/" && cd "$work" || exit 1

code=$(sed -n 's/^exit //p' expect)
arguments=$(sed -n 's/^args //p' expect)
# no argument of a case holds blanks, so that word splitting is right
# shellcheck disable=SC2086
timeout "${CASE_SECONDS:-240}" "$program" $arguments >stdout.txt 2>stderr.txt
got=$?

failed=0
if [ "$got" != "$code" ]; then
    echo "exit code $got, expected $code"
    failed=1
fi
sed '1,2d' expect >fragments.txt
while IFS= read -r fragment; do
    if ! grep -qF -e "$fragment" stderr.txt; then
        echo "stderr lacks: $fragment"
        failed=1
    fi
done <fragments.txt
if [ "$code" = 0 ]; then
    if grep -q 'error' stderr.txt; then
        echo "an error is reported"
        failed=1
    fi
    [ -s stdout.txt ] || { echo "nothing is printed"; failed=1; }
else
    grep -q 'error: ' stderr.txt || { echo "no error is reported"; failed=1; }
    [ -s stdout.txt ] && { echo "something is printed on stdout"; failed=1; }
fi
leftover=$(find . -name '*.part-*')
[ -z "$leftover" ] || { echo "left behind: $leftover"; failed=1; }
if [ "$failed" = 1 ]; then
    echo "--- $program $arguments"
    cat stderr.txt
fi
exit $failed
