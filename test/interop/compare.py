"""Opens a pond's table with delta-rs and compares it with what our own reader said (expected.json)."""

import glob
import json
import os
import sys

import pyarrow as pa
from deltalake import DeltaTable

directory = sys.argv[1]
data = os.path.join(directory, "data")
with open(os.path.join(directory, "expected.json"), encoding="utf-8") as file:
    expected = json.load(file)

results = []


def check(name, actual, wanted):
    same = actual == wanted
    results.append(same)
    print(("ok   " if same else "FAIL ") + name)
    if not same:
        print(f"       delta-rs: {str(actual)[:400]}\n       pond:     {str(wanted)[:400]}")


COLUMNS = {
    "part_id": "partId",
    "node_id": "nodeId",
    "name": "name",
    "file_type": "fileType",
    "version": "version",
    "timestamp": "timestamp",
    "txn_seq": "txnSeq",
    "deleted": "deleted",
    "storage_format": "storageFormat",
    "size": "size",
    "sha256": "sha256",
    "factory": "factory",
    "min_event_time": "minEventTime",
    "max_event_time": "maxEventTime",
    "attributes": "attributes",
}


def rows_of(table):
    arrow = pa.table(table.to_pyarrow_table() if hasattr(table, "to_pyarrow_table") else table)
    arrow = arrow.set_column(
        arrow.schema.get_field_index("timestamp"), "timestamp", arrow["timestamp"].cast(pa.int64())
    )
    return arrow.to_pylist()


def identity(row):
    return (row["txnSeq"], row["partId"], row["nodeId"], row["version"])


def as_ours(rows):
    return sorted(({ours: row[theirs] for theirs, ours in COLUMNS.items()} for row in rows), key=identity)


def up_to(txn_seq):
    return sorted((row for row in expected["rows"] if row["txnSeq"] <= txn_seq), key=identity)


table = DeltaTable(data)
newest = rows_of(table)
check("newest version", table.version(), expected["version"])
check("reader and writer version", (table.protocol().min_reader_version, table.protocol().min_writer_version), (1, 2))
check("table id is the pond's", table.metadata().id, expected["pondId"])
check(
    "configuration",
    {key: table.metadata().configuration.get(key) for key in ("delta.appendOnly", "pond.birthplace", "delta.checkpointInterval")},
    {"delta.appendOnly": "true", "pond.birthplace": "interop", "delta.checkpointInterval": "10"},
)
check(
    "columns and types",
    [(field.name, field.type.type) for field in table.schema().fields],
    [
        ("pond_id", "string"), ("part_id", "string"), ("node_id", "string"), ("name", "string"),
        ("file_type", "string"), ("version", "long"), ("timestamp", "timestamp"), ("txn_seq", "long"),
        ("deleted", "boolean"), ("content", "binary"), ("storage_format", "string"), ("size", "long"),
        ("sha256", "string"), ("factory", "string"), ("min_event_time", "long"), ("max_event_time", "long"),
        ("attributes", "string"),
    ],
)
check("every row and value", as_ours(newest), up_to(10**9))
check("pond_id of every row", {row["pond_id"] for row in newest}, {expected["pondId"]})
check(
    "inline contents",
    {f"{row['node_id']}@{row['version']}": row["content"].hex() for row in newest if row["storage_format"] == "inline"},
    expected["inline"],
)
check(
    "blobs lie under their digests",
    all(
        os.path.getsize(os.path.join(data, "_blobs/sha256", row["sha256"][:2], row["sha256"])) == row["size"]
        for row in newest
        if row["storage_format"] == "external"
    ),
    True,
)

# Every version, those of merges too, by replay from the beginning and from checkpoints alike.
sequences = {commit["version"]: commit["txnSeq"] for commit in expected["commits"]}
seen, differing = 0, []
for version in range(expected["version"] + 1):
    seen = sequences.get(version, seen)
    if as_ours(rows_of(DeltaTable(data, version=version))) != up_to(seen):
        differing.append(version)
check("every version holds the rows of its transaction", differing, [])
check("app transaction", table.transaction_version(expected["pondId"]), len(sequences))
history = {entry["version"]: entry for entry in table.history() if "version" in entry}
check(
    "history",
    {version: entry["operation"] for version, entry in history.items()},
    {version: "CREATE TABLE" if version == 0 else "WRITE" if version in sequences else "OPTIMIZE" for version in history},
)
check("checkpoints are there", len(glob.glob(os.path.join(data, "_delta_log", "*.checkpoint.parquet"))) >= 3, True)

# With the log before the last checkpoint out of reach, what is left must come from the checkpoint.
with open(os.path.join(data, "_delta_log", "_last_checkpoint"), encoding="utf-8") as file:
    checkpoint = json.load(file)["version"]
hidden = [os.path.join(data, "_delta_log", f"{version:020}.json") for version in range(checkpoint + 1)]
for path in hidden:
    os.rename(path, path + ".hidden")
try:
    check("from the last checkpoint alone", as_ours(rows_of(DeltaTable(data))), up_to(10**9))
finally:
    for path in hidden:
        os.rename(path + ".hidden", path)

files = table.file_uris()
with open(os.path.join(directory, "active.json"), "w", encoding="utf-8") as file:
    json.dump(files, file)
with open(os.path.join(directory, "delta-rs.json"), "w", encoding="utf-8") as file:
    json.dump({"passed": sum(results), "failed": len(results) - sum(results)}, file)
