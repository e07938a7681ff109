"""Does to a pond's table what other people do with delta-rs: python neighbours.py DATA-DIRECTORY WHAT."""

import sys

from deltalake import DeltaTable, WriterProperties

data, what = sys.argv[1:]
table = DeltaTable(data)
if what == "z-order":
    table.optimize.z_order(["node_id"])
elif what == "checkpoint":
    table.create_checkpoint()
elif what == "clean-up":
    table.create_checkpoint()
    table.cleanup_metadata()
elif what == "vacuum":
    table.optimize.compact()
    table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)
elif what == "compact":
    table.optimize.compact()
else:
    table.optimize.compact(writer_properties=WriterProperties(compression=what))
