#!/bin/sh
set -eu
cd "$(dirname "$0")"

pond init
sed "s|@SITE@|$SITE|" pond.yaml | pond apply -

pond copy "host://$PWD/good.csv" /in/weather.csv

# Three of four rows break a rule: one lands, which is not enough. The commit is there, its check has failed: exit code 3.
code=0
pond copy "host://$PWD/bad.csv" /in/weather.csv || code=$?
test "$code" = 3

pond copy "host://$PWD/good.csv" /in/weather.csv
pond show-post-commit
pond list '/quarantine/**'
cat "$SITE/weather.csv"
