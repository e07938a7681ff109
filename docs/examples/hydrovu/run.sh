#!/bin/sh
set -eu
cd "$(dirname "$0")"

# Without an account: a server that behaves like HydroVu's. With one, set HYDRO_KEY_ID and HYDRO_KEY_VALUE.
if [ -z "${HYDRO_KEY_ID:-}" ]; then
  address=$(mktemp)
  node fake-hydrovu.mjs > "$address" &
  server=$!
  trap 'kill $server; rm -f "$address"' EXIT
  until [ -s "$address" ]; do sleep 0.1; done
  HYDRO_URL=$(cat "$address") HYDRO_KEY_ID=me HYDRO_KEY_VALUE=open
  export HYDRO_URL HYDRO_KEY_ID HYDRO_KEY_VALUE
fi

pond init
pond mknod hydrovu /etc/hydrovu.d/noyo --config-path hydrovu.yaml
pond mknod temporal-reduce /means/pier --config-path means.yaml

pond run /etc/hydrovu.d/noyo locations --json
pond run /etc/hydrovu.d/noyo collect
pond run /etc/hydrovu.d/noyo collect # nothing is new: no commit
pond run /etc/hydrovu.d/noyo archive

pond list '/hydrovu/**/*.series'
pond sql "SELECT * FROM '/means/pier/1h.parquet' ORDER BY timestamp LIMIT 3" --format csv
