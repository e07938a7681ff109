"""Runs the recipes of docs/your-data.md on a pond: python recipes.py PAGE POND-DIRECTORY. Compares what they find."""

import os
import re
import sys

page, directory = sys.argv[1:]
with open(page, encoding="utf-8") as file:
    blocks = re.findall(r"^```python\n(.*?)^```", file.read(), re.M | re.S)
assert len(blocks) >= 5, "the page has lost its recipes"
found = {"pond": directory, "feather": os.path.join(os.path.dirname(directory), "north.arrow")}
for block in blocks:
    exec(block, found)

failures = 0


def check(name, actual, wanted):
    global failures
    print(("ok   " if actual == wanted else "FAIL ") + name)
    if actual != wanted:
        failures += 1
        print(f"       found {actual}, expected {wanted}")


rows = [("2026-01-01 00:00:00", 1.0, None), ("2026-01-02 00:00:00", 2.5, "x"), ("2026-01-03 00:00:00", 3.0, None)]


def plain(records):
    return [
        (str(r["time"])[:19], float(r["value"]), None if r["note"] is None or r["note"] != r["note"] else r["note"])
        for r in records
    ]


check("pandas reads a series as one file", plain(found["north"].to_dict("records")), rows)
check("Polars reads a series as one file", plain(found["north_polars"].to_dicts()), rows)
check("Polars reads a series as a file of Arrow", plain(found["north_feather"].to_dicts()), rows)
check(
    "pyarrow reads the rows of a query as a stream of Arrow",
    [(str(r["time"])[:19], r["value"]) for r in found["north_arrow"].to_pylist()],
    [row[:2] for row in rows],
)
check("Polars reads the versions of a series from the Delta table", plain(found["north_again"].to_dicts()), rows)
check("delta-rs and pyarrow read a table", found["stations"].to_pylist(), [{"id": 1, "name": "hill"}])
check("DuckDB reads a blob where it is", found["large"], [(100000,)])
check("pandas has times without a zone", str(found["north"]["time"].dtype).startswith("datetime64["), True)
sys.exit(1 if failures else 0)
