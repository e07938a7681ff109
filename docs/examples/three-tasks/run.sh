#!/bin/sh
set -eu
cd "$(dirname "$0")"
mkdir -p "$OUT"

pond init
for name in 10-check 20-count; do
  pond mknod command "/etc/system.d/$name" --config-path "$name.yaml"
done
pond mknod test-executor /etc/system.d/30-note --config-path 30-note.yaml

pond copy "host://$PWD/stations.csv" /in/
pond show-post-commit
cat "$OUT/stations.txt"
