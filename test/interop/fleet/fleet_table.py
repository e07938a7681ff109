"""Reads, or compacts, the table of a pond in a store: python fleet_table.py watch|compact|names. $POND says where it is.

Of one in a directory DuckDB reads the rows, too. Prints JSON.
"""

import json
import os
import sys
import threading

from deltalake import DeltaTable

URL = os.environ["POND"]
IS_DIRECTORY = URL.startswith("file://")
PLACE = URL.removeprefix("file://")
OPTIONS = (
    None
    if IS_DIRECTORY
    else {
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "AWS_ALLOW_HTTP": "true",
        "aws_conditional_put": "etag",
    }
)
COLUMNS = ["node_id", "version", "name", "deleted"]


def table():
    return DeltaTable(PLACE, storage_options=OPTIONS)


def of_delta_rs():
    return table().to_pyarrow_table(columns=COLUMNS).to_pylist()


def duckdb_reader():
    import duckdb
    import duckdb_extension_delta

    connection = duckdb.connect(config={"allow_unsigned_extensions": "true"})
    folder = os.path.join(duckdb_extension_delta.__path__[0], "extensions")
    (version,) = os.listdir(folder)
    connection.load_extension(os.path.join(folder, version, "delta.duckdb_extension"))

    def read():
        found = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM delta_scan('{PLACE}')").fetchall()
        return [dict(zip(COLUMNS, row)) for row in found]

    return read


def names(rows):
    """Names of the files f0.bin, f1.bin, ... that are there now."""
    newest = {}
    for row in rows:
        known = newest.get(row["node_id"])
        if known is None or row["version"] > known["version"]:
            newest[row["node_id"]] = row
    there = [row["name"] for row in newest.values() if not row["deleted"]]
    return sorted(name for name in there if name.startswith("f") and name.endswith(".bin"))


what = sys.argv[1]
readers = {"delta_rs": of_delta_rs, **({"duckdb": duckdb_reader()} if IS_DIRECTORY else {})}
if what == "compact":
    print(json.dumps(table().optimize.compact()["numFilesRemoved"]), flush=True)
elif what == "names":
    print(json.dumps({name: names(read()) for name, read in readers.items()}), flush=True)
else:
    stopped = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
    seen = {name: [] for name in readers}
    problems = []
    while not stopped.is_set():
        for name, read in readers.items():
            try:
                rows = len(read())
                if seen[name] and rows < seen[name][-1]:
                    problems.append(f"{name}: {rows} rows after {seen[name][-1]}")
                seen[name].append(rows)
            except Exception as problem:
                problems.append(f"{name}: {problem}")
    print(json.dumps({"problems": problems, "seen": {name: len(set(rows)) for name, rows in seen.items()}}), flush=True)
# Threads of the libraries may abort the interpreter while it tidies up.
os._exit(0)
