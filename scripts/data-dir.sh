#!/usr/bin/env bash
# Prints the data directory that `make run` uses: data/ in the clone, except
# for root in a clone that the user postgres cannot reach (such as one in /root).
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(id -u)" = 0 ] && [ -z "${DATABASE_URL:-}" ] && ! runuser -u postgres -- test -x "$PWD" 2>/dev/null; then
	echo "run: the user postgres cannot reach $PWD; the data directory is /var/lib/strukturbild" >&2
	echo /var/lib/strukturbild
else
	echo data
fi
