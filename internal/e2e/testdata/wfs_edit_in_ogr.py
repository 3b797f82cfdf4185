"""Edits layers of a WFS with GDAL in every version, and prints how many features it found as JSON."""
import json
import sys

from osgeo import gdal, ogr

gdal.UseExceptions()
ogr.UseExceptions()
address, seen = sys.argv[1], {}
for version, name in json.loads(sys.argv[2]):
    source = gdal.OpenEx("WFS:" + address + "?VERSION=" + version, gdal.OF_VECTOR | gdal.OF_UPDATE)
    layer = source.GetLayerByName("sb:" + name)
    found = {f["namn"]: f for f in layer}
    moved = found["flyttas"].Clone()
    moved.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON(((340000 6420000,340100 6420000,340100 6420100,340000 6420000)))", layer.GetSpatialRef()))
    layer.SetFeature(moved)
    changed = found["ändras"].Clone()
    for field, value in {"namn": "ändrad & <'Å'>", "antal": -9223372036854775807, "tal": 0.1, "dag": "1632/11/06", "interest": "låg"}.items():
        changed.SetField(field, value)
    changed.SetFieldNull("text")
    layer.SetFeature(changed)
    layer.DeleteFeature(found["tas bort"].GetFID())
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetField("namn", "ny från GDAL")
    feature.SetField("antal", 9007199254740993)
    feature.SetField("tid", "2026/11/22 10:00:00+00")
    feature.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON(((330000 6420000,330100 6420000,330100 6420100,330000 6420000)))", layer.GetSpatialRef()))
    layer.CreateFeature(feature)
    seen[version] = len(found)
print("RESULT " + json.dumps(seen))
