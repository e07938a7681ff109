"""Does to ponds' tables what other people do with Spark: python spark.py JARS [[DATA-DIRECTORY, WHAT], ...].

WHAT may be `read`: then nothing is done to it. The last line that it prints is JSON: for each table what Spark saw in it before.
"""

import json
import sys

from pyspark.sql import SparkSession

jars, cases = sys.argv[1], json.loads(sys.argv[2])

spark = (
    SparkSession.builder.master("local[1]")
    .config("spark.jars", jars)
    .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
    .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
    .config("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    .config("spark.databricks.delta.vacuum.parallelDelete.enabled", "false")
    # A vacuum lists directories by so many tasks: by default ten thousand.
    .config("spark.sql.sources.parallelPartitionDiscovery.parallelism", "1")
    .config("spark.sql.shuffle.partitions", "1")
    .config("spark.databricks.delta.snapshotPartitions", "1")
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.driver.host", "127.0.0.1")
    .config("spark.driver.bindAddress", "127.0.0.1")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")

NEWEST = """
SELECT name, size, sha256 FROM (
  SELECT *, row_number() OVER (PARTITION BY part_id, node_id ORDER BY version DESC) AS place FROM delta.`{data}`
) WHERE place = 1 AND NOT deleted AND file_type = 'file' ORDER BY name
"""


def checkpoint(data):
    log = spark._jvm.org.apache.spark.sql.delta.DeltaLog
    log.forTable(spark._jsparkSession, data).checkpoint()


def use(data, what):
    table = f"delta.`{data}`"
    if what == "z-order":
        spark.sql(f"OPTIMIZE {table} ZORDER BY (node_id)")
    elif what == "checkpoint":
        checkpoint(data)
    elif what == "properties":
        spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('team' = 'sensors')")
    elif what == "deletion-vectors":
        spark.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')")
    elif what in ("optimize", "vacuum"):
        spark.sql(f"OPTIMIZE {table}")
        if what == "vacuum":
            spark.sql(f"VACUUM {table} RETAIN 0 HOURS")
    else:
        spark.conf.set("spark.sql.parquet.compression.codec", what)
        spark.sql(f"OPTIMIZE {table}")
        spark.conf.unset("spark.sql.parquet.compression.codec")


seen = []
for data, what in cases:
    try:
        seen.append([list(row) for row in spark.sql(NEWEST.format(data=data)).collect()])
    except Exception as error:
        # Who only reads asks whether it can be read.
        if what != "read":
            raise
        seen.append([str(error).split("\n")[0]])
    if what != "read":
        use(data, what)
print()
print(json.dumps(seen))
