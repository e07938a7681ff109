"""Reads a pond's table after contents were forgotten: python forgetting.py DATA-DIRECTORY. Prints what it sees as JSON."""

import json
import sys

from deltalake import DeltaTable

table = DeltaTable(sys.argv[1])
rows = table.to_pyarrow_table().to_pylist()
by_format = {}
for row in rows:
    by_format.setdefault(row["storage_format"], []).append(row)
forgotten = by_format.get("forgotten", [])
print(
    json.dumps(
        {
            "rows": len(rows),
            "forgotten": len(forgotten),
            "without_content": all(row["content"] is None for row in forgotten),
            "with_digest": all(row["sha256"] and row["size"] > 0 for row in forgotten),
            "before": sorted({json.loads(row["attributes"])["forgotten"]["before"] for row in forgotten}),
            "contents": sorted(row["content"].decode() for row in by_format["inline"] if row["name"] == "again"),
            "append_only": table.metadata().configuration.get("delta.appendOnly"),
            "last_operation": table.history(1)[0]["operation"],
        }
    )
)
