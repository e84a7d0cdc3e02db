#!/usr/bin/env python3
"""Makes data/flights.parquet, the sample kept in the repository, from data/flights-3m.parquet (see fetch).

Whole days, one in fifteen from 2001-01-03 on: winter and summer, every weekday,
and each day complete, so that the daily patterns are those of the full data.
"""
import pathlib

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent / "data"
flights = pq.read_table(folder / "flights-3m.parquet")
microseconds = pc.cast(flights["date"], pa.int64())
day = pc.divide(pc.subtract(microseconds, 978307200_000_000), 86400_000_000)  # days since 2001-01-01
days = day.to_numpy()
sample = flights.filter(pa.array(days % 15 == 2))
pq.write_table(sample, folder / "flights.parquet", compression="zstd", compression_level=19, row_group_size=1 << 20)
print(f"{sample.num_rows} rows, {(folder / 'flights.parquet').stat().st_size} bytes")
