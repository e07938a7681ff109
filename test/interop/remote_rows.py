"""Reads a table as somebody would who knows nothing of ponds: python remote_rows.py JSON.

`JSON` has `places`, each { url, endpoint }: of one that has an endpoint delta-rs reads the rows, of each other one DuckDB does, too. Or it has
`follow`, directories with what one table was, one after another: a reader of delta-rs is kept open while it becomes each of them.
Prints JSON.
"""

import json
import os
import shutil
import sys
import tempfile

from deltalake import DeltaTable

COLUMNS = ["node_id", "version", "txn_seq", "name", "storage_format", "sha256"]


def ordered(rows):
    return sorted(([row[column] for column in COLUMNS] for row in rows), key=str)


def options(endpoint):
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_ALLOW_HTTP": "true"} if endpoint else None


def delta_rs(table):
    rows = ordered(table.to_pyarrow_table(columns=COLUMNS).to_pylist())
    return {"version": table.version(), "rows": rows}


def duckdb_rows(url):
    import duckdb
    import duckdb_extension_delta

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    folder = os.path.join(duckdb_extension_delta.__path__[0], "extensions")
    (version,) = os.listdir(folder)
    connection.load_extension(os.path.join(folder, version, "delta.duckdb_extension"))
    found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM delta_scan('{url}')").fetchall()
    return {"rows": ordered(dict(zip(COLUMNS, row)) for row in found)}


request = json.loads(sys.argv[1])
if "follow" in request:
    first, *later = request["follow"]
    seen = []
    with tempfile.TemporaryDirectory() as place:
        shutil.copytree(first, place, dirs_exist_ok=True)
        held = DeltaTable(place)
        for moment in later:
            shutil.copytree(moment, place, dirs_exist_ok=True)
            held.update_incremental()
            seen.append(delta_rs(held))
    print(json.dumps(seen), flush=True)
else:
    seen = []
    for place in request["places"]:
        endpoint = place.get("endpoint")
        one = {"delta_rs": delta_rs(DeltaTable(place["url"], storage_options=options(endpoint)))}
        if not endpoint:
            one["duckdb"] = duckdb_rows(place["url"])
        seen.append(one)
    print(json.dumps(seen), flush=True)
# Threads of the libraries may abort the interpreter while it tidies up.
os._exit(0)
