"""Opens every layer of an OGC API Features service in QGIS, as a user would, and prints what QGIS sees as JSON."""
import json
import os
import sys

from qgis.core import QgsApplication, QgsVectorLayer

address, names = sys.argv[1], sys.argv[2:]
application = QgsApplication([], False)
application.initQgis()
seen = {}
for name in names:
    layer = QgsVectorLayer(f"url='{address}' typename='{name}' restrictToRequestBBOX=0", name, "OAPIF")
    if not layer.isValid():
        seen[name] = {"valid": False, "error": layer.error().message()}
        continue
    features = {}
    for feature in layer.getFeatures():
        point = feature.geometry().pointOnSurface().asPoint() if feature.hasGeometry() else None
        features[feature["id"] if layer.fields().indexOf("id") >= 0 else feature.id()] = {
            "values": {field.name(): None if feature[field.name()] in (None, "") or str(feature[field.name()]) == "NULL"
                       else str(feature[field.name()] if not hasattr(feature[field.name()], "toString") else feature[field.name()].toString("yyyy-MM-dd"))
                       for field in layer.fields()},
            "area": feature.geometry().area() if feature.hasGeometry() else 0,
            "point": [point.x(), point.y()] if point else None,
        }
    seen[name] = {
        "valid": True, "crs": layer.crs().authid(), "count": len(features),
        "geometry": layer.geometryType(), "fields": {f.name(): f.typeName() for f in layer.fields()}, "features": features,
    }
print("RESULT " + json.dumps(seen, ensure_ascii=False), flush=True)
os._exit(0)  # QGIS 3.22 crashes now and then while it takes its threads down; what it saw is told by then
