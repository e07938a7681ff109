#!/bin/sh
set -eu
cd "$(dirname "$0")"

mkdir -p "$SITE/v1"
echo '<h1>Version 1</h1>' > "$SITE/v1/index.html"
echo '<svg/>' > "$SITE/logo.svg"
ln -s v1 "$SITE/current"

# Paths in a plan are absolute.
sed "s|SITE|$SITE|g" publish.yaml > "$SITE/publish.yaml"
pond host apply "$SITE/publish.yaml" --dry-run
pond host apply "$SITE/publish.yaml"
cat "$SITE/current/index.html"
