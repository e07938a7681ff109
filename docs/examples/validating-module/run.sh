#!/bin/sh
set -eu
cd "$(dirname "$0")"

pond init
pond config set factories "[$PWD/csv-columns.mjs]"
pond mknod csv-columns /etc/system.d/10-columns --config-path columns.yaml

pond copy "host://$PWD/good.csv" /in/

# The commit lands, its task fails: exit code 3.
code=0
pond copy "host://$PWD/bad.csv" /in/ || code=$?
test "$code" = 3
pond show-post-commit
