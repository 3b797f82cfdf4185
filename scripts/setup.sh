#!/usr/bin/env bash
# Installs from the distribution what strukturbild needs and the machine lacks:
#   setup.sh          to build and run it
#   setup.sh --test   and to run its tests
# Run it as often as you like: with everything there it does nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

for_tests=no
case "${1:-}" in
'') ;;
--test) for_tests=yes ;;
*) stop "unknown argument '$1'; usage: scripts/setup.sh [--test]" ;;
esac

# --- the Go toolchain, which the script does not install ---------------------

go_wanted=$(awk '$1 == "go" { print $2 }' go.mod)

# at_least A B: version A is B or later.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort --version-sort | head -n 1)" = "$2" ]; }

check_go() {
	local advice="the Go toolchain >= $go_wanted must be on the machine and its bin directory in PATH: take it from the Go project's download page or from your distribution"
	command -v go >/dev/null || stop "there is no 'go' command: $advice"
	local found
	found=$(cd / && go env GOVERSION) && found=${found#go}
	at_least "${found%% *}" "$go_wanted" && return
	# From 1.21 on Go fetches by itself the toolchain that go.mod asks for, unless told not to.
	if at_least "${found:-0}" 1.21 && [ "$(go env GOTOOLCHAIN)" != local ]; then
		say "Go $found will fetch the toolchain $go_wanted by itself"
		return
	fi
	stop "Go ${found:-before 1.21} is too old: $advice"
}

# --- what is missing ----------------------------------------------------------

missing=() # packages

# need PACKAGE COMMAND...: the package is missing when the command fails.
need() {
	local package=$1
	shift
	"$@" >/dev/null 2>&1 || missing+=("$package")
}

has_server() { # of PostgreSQL with PostGIS, where the service looks for it
	local bin share
	for bin in ${STRUKTURBILD_PG_BIN:-/usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /none/postgres)")"}; do
		[ -x "$bin/postgres" ] && share=$("$bin/pg_config" --sharedir) && [ -e "$share/extension/postgis.control" ] && return
	done
	return 1
}

# The distribution's own Python: QGIS is built for no other.
has_module() { /usr/bin/python3 -c "import importlib.util, sys; sys.exit(importlib.util.find_spec('$1') is None)"; }

list_missing() {
	need gcc command -v gcc
	need g++ command -v g++
	need make command -v make
	need curl command -v curl
	need ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
	need pkg-config command -v pkg-config
	need libgeos-dev pkg-config --exists geos
	need libproj-dev pkg-config --exists proj
	need libgdal-dev pkg-config --exists gdal
	need gdal-bin command -v ogr2ogr
	if [ -z "${DATABASE_URL:-}" ] || [ $for_tests = yes ]; then
		need postgresql-postgis has_server
	fi
	if [ $for_tests = yes ]; then
		need python3-qgis has_module qgis
		need python3-gdal has_module osgeo
		need python3-owslib has_module owslib
		need libxml2-utils command -v xmllint
		need python3-tuspy has_module tusclient
		need python3-rdflib has_module rdflib
		need cgi-mapserver command -v mapserv
		need procps command -v pgrep
		need poppler-utils command -v pdftotext
	fi
}

# --- installing ----------------------------------------------------------------

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

check_means() {
	command -v apt-get >/dev/null ||
		stop "missing: ${missing[*]} (names of Debian packages); there is no apt-get here, so install them with the machine's own means and run this again"
	[ "$(id -u)" = 0 ] && return
	command -v sudo >/dev/null ||
		stop "missing: ${missing[*]}; installing them needs root, and there is no sudo: run scripts/setup.sh once as root"
	say "installing needs root; sudo may ask for your password"
	sudo true || stop "missing: ${missing[*]}; sudo was refused: run scripts/setup.sh once as root"
}

# server_packages names PostGIS for the newest server that is installed, or for
# the distribution's own (Debian 12: 15, Ubuntu 24.04: 16), and that server.
server_packages() {
	local major offered
	offered=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | sed -E 's/^postgresql-([0-9]+)-.*/\1/' | sort -rn)
	[ -n "$offered" ] || stop "the package sources of this machine offer no PostGIS (postgresql-N-postgis-3): add the distribution's main (Ubuntu: universe) source"
	for major in $offered; do
		[ -x "/usr/lib/postgresql/$major/bin/postgres" ] && break
		major=
	done
	major=${major:-$(head -n 1 <<<"$offered")}
	echo "postgresql-$major postgresql-$major-postgis-3"
}

drop_in=/etc/postgresql-common/createcluster.d/strukturbild.conf

# The distribution starts a server of its own when PostgreSQL is first installed.
# strukturbild has a private one; a machine without PostgreSQL is spared the other.
spare_system_cluster() {
	compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return
	say "no system-wide PostgreSQL cluster is made: strukturbild runs a private one"
	as_root mkdir -p "${drop_in%/*}"
	echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
	trap 'as_root rm -f "$drop_in"' EXIT
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 -o Dpkg::Use-Pty=0 "$@" </dev/null; }

install_missing() {
	check_means
	say "missing: ${missing[*]}"
	say "apt-get update"
	apt update || stop "apt-get update failed: see above; check the network and the package sources"
	local packages=() package
	for package in "${missing[@]}"; do
		# shellcheck disable=SC2207 # two plain package names
		if [ "$package" = postgresql-postgis ]; then packages+=($(server_packages)); else packages+=("$package"); fi
	done
	[[ " ${missing[*]} " != *' postgresql-postgis '* ]] || spare_system_cluster
	say "apt-get install ${packages[*]} (and what they need)"
	apt install --no-install-recommends --yes "${packages[@]}" >/dev/null ||
		stop "apt-get install failed: see above; nothing of strukturbild itself was changed"
	missing=()
	list_missing
	[ ${#missing[@]} = 0 ] || stop "still missing after the installation: ${missing[*]}"
	say "installed"
}

check_go
list_missing
if [ ${#missing[@]} = 0 ]; then
	say "everything is there"
else
	install_missing
fi
