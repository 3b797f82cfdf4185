#!/usr/bin/env bash
# Runs OGC's executable test suite for WFS 2.0 (org.opengis.cite:ets-wfs20)
# against a service, and prints the path of its testng-results.xml:
#   run.sh CAPABILITIES-URL FEATURE-ID OUTPUT-DIRECTORY
# Ends with 3 when the suite can't be had here: no Java 17 or later, no Maven,
# or no way to Maven's central repository. What is fetched is kept, and checked.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# = 3 ] || { echo 'usage: run.sh CAPABILITIES-URL FEATURE-ID OUTPUT-DIRECTORY' >&2; exit 2; }
capabilities=$1 feature=$2 output=$3

cannot() { printf 'ets: %s\n' "$*" >&2; exit 3; }
for command in java mvn; do
	command -v $command >/dev/null || cannot "there is no '$command' command; on Debian it is in default-jdk-headless or maven"
done

cache=${XDG_CACHE_HOME:-$HOME/.cache}/strukturbild/ets
mkdir -p "$cache" "$output"
output=$(cd "$output" && pwd)

# fetch SHA-256 COORDINATES FILE: sees to it that the file is in the cache.
fetch() {
	local file=$cache/$3
	check() { echo "$1  $file" | sha256sum --check --status 2>/dev/null; }
	check "$1" && return
	mvn --quiet --batch-mode org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact="$2" -DoutputDirectory="$cache" >&2 ||
		cannot "$2 can't be fetched"
	check "$1" || { printf 'ets: %s is not the file that the suite was tried with\n' "$file" >&2; exit 1; }
}

fetch 89276330d1bcf49bc90615bf70f493684f0df8ee1c342c34be71d0387aa5e7bf org.opengis.cite:ets-wfs20:1.25:jar:aio ets-wfs20-1.25-aio.jar
# What Java 8, for which the suite was built, still had.
fetch 88b955a0df57880a26a74708bc34f74dcaf8ebf4e78843a28b50eae945732b06 javax.xml.bind:jaxb-api:2.3.1 jaxb-api-2.3.1.jar
fetch 3ba42e1fe670bc9d04409f2493f5482dc96cac21caa11adb27b897e57386fef6 com.sun.xml.bind:jaxb-impl:2.3.9 jaxb-impl-2.3.9.jar
fetch 02156773e4ae9d048d14a56ad35d644bee9f1052a791d072df3ded3c656e6e1a com.sun.activation:jakarta.activation:1.2.2 jakarta.activation-1.2.2.jar
fetch eba37290994b5e4868f3af98ff113f6244a6b099385d9ad46881307d3cb01aaf org.javassist:javassist:3.30.2-GA javassist-3.30.2-GA.jar

java -cp "$cache/javassist-3.30.2-GA.jar" "$here/ServiceRegistryPatch.java" "$output/patched"

xml() { sed -e 's/&/\&amp;/g; s/</\&lt;/g' <<<"$1"; }
cat >"$output/run.xml" <<END
<?xml version="1.0" encoding="UTF-8"?>
<properties version="1.0"><entry key="wfs">$(xml "$capabilities")</entry><entry key="fid">$(xml "$feature")</entry></properties>
END

java --patch-module java.desktop="$output/patched" -Djava.awt.headless=true -Duser.home="$output" \
	-cp "$cache/ets-wfs20-1.25-aio.jar:$cache/jaxb-api-2.3.1.jar:$cache/jaxb-impl-2.3.9.jar:$cache/jakarta.activation-1.2.2.jar" \
	"$here/Suite.java" "$output/run.xml" >"$output/log" 2>&1 ||
	{ tail -n 20 "$output/log" >&2; exit 1; }
find "$output/testng" -name testng-results.xml
