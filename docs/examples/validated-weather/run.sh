#!/bin/sh
set -eu
cd "$(dirname "$0")"

pond init
pond mknod validate /etc/gate.d/10-weather --config-path weather.yaml

# Three of six days cannot be: they are moved, the others land, in one commit.
pond copy "host://$PWD/january.csv" /in/
pond cat /in/january.csv
quarantined=$(pond list '/quarantine/in/january.csv/*' --json | sed -n 's/.*"path": "\(.*\)".*/\1/p')
pond sql "SELECT date, temp_max, rule FROM '$quarantined'"
pond trace

# A rule about the whole file refuses it: exit code 8, and nothing is committed.
code=0
pond copy "host://$PWD/february.csv" /in/ || code=$?
test "$code" = 8
pond list '/in/**'

# What would be refused can be found out before.
pond --no-gates copy "host://$PWD/february.csv" /tried/
code=0
pond validate '/tried/*.csv' --rules weather.yaml || code=$?
test "$code" = 1
