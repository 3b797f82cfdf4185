"""Opens layers of a WFS in QGIS, as a user would, in every version, and prints what QGIS sees as JSON."""
import json
import os
import sys

from qgis.PyQt.QtCore import QVariant
from qgis.core import NULL, QgsApplication, QgsDataSourceUri, QgsFeatureRequest, QgsRectangle, QgsVectorLayer

address, names = sys.argv[1], sys.argv[2:]
application = QgsApplication([], False)
application.initQgis()


def plain(value):
    if value is None or value == NULL:
        return None
    if hasattr(value, "toString"):  # QDate, QDateTime
        return value.toString("yyyy-MM-ddTHH:mm:ss.zzzZ") if hasattr(value, "time") else value.toString("yyyy-MM-dd")
    return value


def see(layer):
    features = [{"Properties": {f.name(): plain(feature[f.name()]) for f in layer.fields()},
                 "Geometry": json.loads(feature.geometry().asJson(9)) if feature.hasGeometry() else {}} for feature in layer.getFeatures()]
    return {"Valid": True, "CRS": layer.crs().authid(), "Geometry": layer.geometryType(), "Title": layer.dataProvider().name(),
            "Fields": {f.name(): QVariant.typeToName(f.type()) for f in layer.fields()}, "Features": features}


seen = {}
for version in ("2.0.0", "1.1.0", "1.0.0"):
    for name in names:
        uri = QgsDataSourceUri()
        for key, value in {"url": address, "typename": "sb:" + name, "version": version, "srsname": "EPSG:3006", "pagingEnabled": "true"}.items():
            uri.setParam(key, value)
        layer = QgsVectorLayer(uri.uri(False), name, "WFS")
        if not layer.isValid():
            seen[version + " " + name] = {"Valid": False, "Error": layer.error().message()}
            continue
        one = see(layer)
        uri.setParam("restrictToRequestBBOX", "1")
        boxed = QgsVectorLayer(uri.uri(False), name, "WFS")
        extent = layer.extent()
        half = QgsRectangle(extent.xMinimum(), extent.yMinimum(), extent.center().x(), extent.yMaximum())
        one["West"] = [half.xMinimum(), half.yMinimum(), half.xMaximum(), half.yMaximum()]
        one["InWest"] = len(list(boxed.getFeatures(QgsFeatureRequest().setFilterRect(half)))) if layer.isSpatial() else 0
        if name == "provbana":  # what QGIS sends as a filter
            layer.setSubsetString("\"antal\" <> 0 AND \"namn\" LIKE 'Yta 1%' AND \"dag\" >= '1990-01-01' AND \"interest\" IN ('hög', 'x')")
            one["Subset"] = len(list(layer.getFeatures()))
        seen[version + " " + name] = one
print("RESULT " + json.dumps(seen, ensure_ascii=False), flush=True)
os._exit(0)  # QGIS 3.22 crashes now and then while it takes its threads down; what it saw is told by then
