"""Makes the small files of this folder, by other hands than ours: geopandas, pyarrow and openpyxl."""
import datetime
import decimal

import geopandas
import openpyxl
import pyarrow
import pyarrow.parquet
import shapely

ring = [(400000.1, 6450000.25), (400100, 6450000), (400100, 6450100), (400000, 6450100), (400000.1, 6450000.25)]
areas = geopandas.GeoDataFrame(
    {
        "key": ["a-1", "a-2", "a-3"],
        "namn": ["Åmål", None, "0114"],
        "antal": [2**53 + 1, -7, 0],
        "height": [0.1, 2.5, None],
        "klar": [True, False, True],
        "dag": [datetime.date(1984, 6, 1), None, datetime.date(2026, 11, 22)],
        "stund": [datetime.datetime(2026, 11, 22, 8, 0, tzinfo=datetime.timezone.utc)] * 3,
        "slag": ["väg", "järnväg", "väg"],
    },
    geometry=[shapely.Polygon(ring), shapely.MultiPolygon([shapely.box(410000, 6450000, 410100, 6450100)]), shapely.box(420000, 6450000, 420100, 6450100)],
    crs=3006,
)
areas.to_parquet("areas.parquet", schema_version="1.1.0", write_covering_bbox=True)
areas.to_parquet("areas-1.0-zstd.parquet", schema_version="1.0.0", compression="zstd", row_group_size=1)
areas.to_crs(4326).to_parquet("degrees.parquet", compression="brotli")
areas.set_crs(None, allow_override=True).to_parquet("no-crs.parquet", compression="gzip")
areas.to_crs(32633).to_parquet("utm.parquet")
areas.to_parquet("arrow-points.parquet", geometry_encoding="geoarrow", schema_version="1.1.0")
pyarrow.parquet.write_table(
    pyarrow.table({"antal": pyarrow.array([1, 2], pyarrow.uint8()), "height": pyarrow.array([decimal.Decimal("1.25"), None], pyarrow.decimal128(9, 2))}),
    "table.parquet",
)

book = openpyxl.Workbook()
sheet = book.active
sheet.title = "Verk"
sheet.append(["Vindkraftverk i länet"])
sheet.append(["utdrag 2026-11-22"])
sheet.append([])
sheet.append(["Namn", "Öst", "Nord", "antal", "Height", "Klar", "Dag", None, "slag"])
sheet.append(["Åmål", 400000.5, 6450000.25, 3, 0.1 + 0.2, True, datetime.date(1984, 6, 1), "utan rubrik", "väg"])
sheet.append(["0114", "400 100,5", "6450000", "7", "12,5", "nej", "20261122", None, "järnväg"])
sheet.append([])
sheet.append([1480, 400200, 6450000, None, None, None, datetime.datetime(2026, 11, 22), None, None])
sheet["G8"].number_format = "d mmm yyyy"
sheet["D5"].number_format = '0 "st"'
book.create_sheet("Tomt")
book.save("sheet.xlsx")

book = openpyxl.Workbook()
book.active.title = "Ytor"
book.active.append(["namn", "WKT"])
book.active.append(["ruta", "POLYGON ((400000 6450000, 400100 6450000, 400100 6450100, 400000 6450100, 400000 6450000))"])
other = book.create_sheet("Punkter")
other.append(["Lat", "Lon", "namn"])
other.append([58.1, 12.9, "p"])
other.append(["femtio", 12.9, "q"])
book.save("two.xlsx")
