#!/usr/bin/env bash
# Runs every fuzz target for a while: fuzz.sh [TIME], 5s each by default.
# An input that fails is kept under the package's testdata/fuzz: fix the code
# and commit the input with it.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-5s}
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
