"""Half a year of two sensors: `write FOLDER` makes a CSV file a day for each, `compare FOLDER` compares what pond made of them.

North has times in UTC, Vienna those of its wall clocks, over a change of the clocks. Days are missing, hours are missing, rows come
days late, rows come twice with another value; a column appears in March, whole numbers become fractions in May.
"""

import glob
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

DAYS = 181
BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
VIENNA = ZoneInfo("Europe/Vienna")


def write(folder):
    chance = random.Random(20261129)
    for place in ("north", "vienna"):
        os.makedirs(os.path.join(folder, place))
        late = []
        for day in range(DAYS):
            rows = []
            for minute in range(0, 24 * 60, 20):
                at = BEGIN + timedelta(days=day, minutes=minute)
                if chance.random() < 0.03:
                    continue
                for sensor in ("a", "b"):
                    value = chance.randint(-200, 400) if day < 120 else chance.randint(-2000, 4000) / 10
                    row = (at, sensor, value, chance.randint(0, 100) if day >= 60 else None)
                    if chance.random() < 0.02:
                        late.append((day + chance.randint(1, 5), row))
                    else:
                        rows.append(row)
                    if chance.random() < 0.02:
                        rows.append((at, sensor, value + 1, row[3]))
            if day % 3 == 1:
                rows += [row for due, row in late if due <= day]
                late = [(due, row) for due, row in late if due > day]
            if day % 31 == 17:
                continue
            with open(os.path.join(folder, place, f"{day:03}.csv"), "w", encoding="utf-8") as file:
                file.write("time,sensor,value" + (",humidity" if day >= 60 else "") + "\n")
                for at, sensor, value, humidity in rows:
                    text = at.strftime("%Y-%m-%dT%H:%M:%SZ")
                    if place == "vienna":
                        text = at.astimezone(VIENNA).strftime("%Y-%m-%d %H:%M:%S")
                    more = "" if day < 60 else "," if humidity is None else f",{humidity}"
                    file.write(f"{text},{sensor},{value}{more}\n")


results = []


def check(name, problem):
    results.append(problem is None)
    print(("ok   " if problem is None else "FAIL ") + name + ("" if problem is None else f"\n       {problem}"))


def difference(found, wanted, exact, near):
    """Says where two lists of records differ: some columns to the last bit, others nearly."""
    if len(found) != len(wanted):
        return f"{len(found)} rows, expected {len(wanted)}"
    for a, b in zip(found, wanted):
        for name in exact:
            if a[name] != b[name] and not (a[name] is None and b[name] is None):
                return f"{name}: {a}, expected {b}"
        for name in near:
            if abs(a[name] - b[name]) > 1e-9 * max(1, abs(b[name])):
                return f"{name}: {a}, expected {b}"
    return None


def compare(folder):
    import duckdb
    import pandas as pd
    import polars as pl

    zones = {"north": "UTC", "vienna": "Europe/Vienna"}
    for place, zone in zones.items():
        files = sorted(glob.glob(os.path.join(folder, place, "*.csv")))
        out = os.path.join(folder, "out", place)
        # Rows, by pandas from the files and from what pond gives as Parquet.
        raw = pd.concat([pd.read_csv(file) for file in files], ignore_index=True)
        times = pd.to_datetime(raw["time"], utc=zone == "UTC")
        raw["time"] = times if zone == "UTC" else times.dt.tz_localize(zone).dt.tz_convert("UTC")
        wanted = raw.drop_duplicates(["time", "sensor"], keep="last").sort_values(["time", "sensor"])
        given = pd.read_parquet(out + ".parquet")
        check(f"{place}: rows are in the order of their times", None if given["time"].is_monotonic_increasing else "they are not")
        check(f"{place}: types", None if str(given["time"].dtype) == "datetime64[us, UTC]" and str(given["value"].dtype) == "float64" else str(given.dtypes))

        def plain(frame):
            return [
                {"time": r.time.isoformat(), "sensor": r.sensor, "value": float(r.value), "humidity": None if r.humidity != r.humidity else float(r.humidity)}
                for r in frame.sort_values(["time", "sensor"]).itertuples()
            ]

        rows = plain(wanted)
        check(f"{place}: pandas finds the same rows in the files and in pond's Parquet", difference(plain(given), rows, ["time", "sensor", "value", "humidity"], []))
        arrow = pl.read_ipc(out + ".arrow").sort("time", "sensor")
        ours = [{**r, "time": r["time"].isoformat(), "humidity": None if r["humidity"] is None else float(r["humidity"])} for r in arrow.to_dicts()]
        check(f"{place}: Polars finds them in pond's Arrow", difference(ours, rows, ["time", "sensor", "value", "humidity"], []))

        # Reductions, by each of them from the files.
        for every, rule in (("1h", "1h"), ("1d", "1D")):
            reduced = pl.read_parquet(f"{out}-{every}.parquet").sort("time", "sensor")
            found = [{**r, "time": r["time"].isoformat()} for r in reduced.to_dicts()]
            names = ["value_avg", "value_min", "value_max", "value_count", "value_sum", "humidity_count"]

            grouped = wanted.groupby([wanted["time"].dt.floor(rule), "sensor"])
            by_pandas = grouped.agg(
                value_avg=("value", "mean"), value_min=("value", "min"), value_max=("value", "max"),
                value_count=("value", "count"), value_sum=("value", "sum"), humidity_count=("humidity", "count"),
            ).reset_index()
            records = [{**r, "time": r["time"].isoformat()} for r in by_pandas.to_dict("records")]
            near = ["value_avg", "value_sum"]
            exact = ["time", "sensor", *[name for name in names if name not in near]]
            check(f"{place}: {every}.parquet is what pandas computes", difference(found, records, exact, near))

            lazy = pl.concat([pl.read_csv(file) for file in files], how="diagonal_relaxed")
            time = pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%SZ").dt.replace_time_zone("UTC") if zone == "UTC" else (
                pl.col("time").str.to_datetime("%Y-%m-%d %H:%M:%S").dt.replace_time_zone(zone).dt.convert_time_zone("UTC"))
            by_polars = (
                lazy.with_columns(time).unique(["time", "sensor"], keep="last", maintain_order=True)
                .group_by(pl.col("time").dt.truncate(every), "sensor")
                .agg(
                    value_avg=pl.col("value").mean(), value_min=pl.col("value").min(), value_max=pl.col("value").max(),
                    value_count=pl.col("value").count(), value_sum=pl.col("value").sum(), humidity_count=pl.col("humidity").count(),
                ).sort("time", "sensor")
            )
            records = [{**r, "time": r["time"].isoformat()} for r in by_polars.to_dicts()]
            check(f"{place}: {every}.parquet is what Polars computes", difference(found, records, exact, near))

            connection = duckdb.connect()
            connection.execute("SET TimeZone = 'UTC'")
            instant = "time::TIMESTAMPTZ" if zone == "UTC" else f"timezone('{zone}', time::TIMESTAMP)"
            unit = {"1h": "hour", "1d": "day"}[every]
            by_duckdb = connection.execute(f"""
                WITH rows AS (
                  SELECT {instant} AS moment, sensor, value, humidity, filename, row_number() OVER () AS place
                  FROM read_csv({files!r}, union_by_name = true, filename = true, types = {{'time': 'VARCHAR', 'value': 'DOUBLE'}})
                ), kept AS (
                  SELECT * FROM rows QUALIFY row_number() OVER (PARTITION BY moment, sensor ORDER BY filename DESC, place DESC) = 1
                )
                SELECT strftime(date_trunc('{unit}', moment), '%Y-%m-%dT%H:%M:%S+00:00') AS time, sensor, avg(value) AS value_avg, min(value) AS value_min,
                  max(value) AS value_max, count(value) AS value_count, sum(value) AS value_sum, count(humidity) AS humidity_count
                FROM kept GROUP BY ALL ORDER BY 1, 2""")
            columns = [column[0] for column in by_duckdb.description]
            records = [dict(zip(columns, row)) for row in by_duckdb.fetchall()]
            check(f"{place}: {every}.parquet is what DuckDB computes", difference(found, records, exact, near))
    with open(os.path.join(folder, "results.json"), "w", encoding="utf-8") as file:
        json.dump({"passed": sum(results), "failed": len(results) - sum(results)}, file)


{"write": write, "compare": compare}[sys.argv[1]](sys.argv[2])
