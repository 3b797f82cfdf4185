#!/usr/bin/env bash
# Runs every fuzz target for a while: fuzz.sh [TIME], 30000 inputs each by
# default. A number of inputs and not of seconds, because go test now and then
# reports the end of its own time as a failure.
# An input that fails is kept under the package's testdata/fuzz: fix the code
# and commit the input with it.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30000x}
ran=0
for package in $(grep -rl --include='*_test.go' '^func Fuzz' cmd internal | xargs -r -n 1 dirname | sort -u); do
	for target in $(go test -list '^Fuzz' "./$package" | grep '^Fuzz'); do
		printf '%s %s\n' "$package" "$target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "./$package"
		ran=$((ran + 1))
	done
done
[ $ran -gt 0 ] || { echo 'fuzz: no targets found' >&2; exit 1; }
printf 'fuzz: %d targets, %s each\n' "$ran" "$time"
