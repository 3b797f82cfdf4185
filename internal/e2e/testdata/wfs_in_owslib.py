"""Reads a WFS with OWSLib in every version, and prints what it sees as JSON."""
import json
import re
import sys

from owslib.wfs import WebFeatureService

address, name = sys.argv[1], sys.argv[2]
seen = {}
for version in ("2.0.0", "1.1.0", "1.0.0"):
    service = WebFeatureService(address, version=version)
    schema = service.get_schema("sb:" + name)
    answer = service.getfeature(typename=["sb:" + name], maxfeatures=10_000).read().decode()
    box = (300_000, 6_390_000, 360_000, 6_430_000) + (() if version == "1.0.0" else ("urn:ogc:def:crs:EPSG::3006",))
    boxed = service.getfeature(typename=["sb:" + name], bbox=box).read().decode()
    ids = re.findall(r'(?:gml:id|fid)="(' + name + r'\.[^"]*?)"', answer)
    seen[version] = {
        "Layers": list(service.contents), "Title": service["sb:" + name].title, "CRS": [str(c) for c in service["sb:" + name].crsOptions],
        "Schema": schema["properties"], "Geometry": schema.get("geometry"), "Operations": [o.name for o in service.operations],
        "Features": len([i for i in ids if not re.search(r"\.g\d+$", i)]),
        "Boxed": len(re.findall(r"<sb:" + name + " ", boxed)),
    }
print("RESULT " + json.dumps(seen, ensure_ascii=False))
