"""Draws layers in QGIS from vector tiles and from features, and prints how much of both pictures agrees as JSON."""
import json
import os
import sys

from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.core import (QgsApplication, QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsFillSymbol, QgsMapRendererParallelJob, QgsMapSettings, QgsProject,
                       QgsSingleSymbolRenderer, QgsVectorLayer, QgsVectorTileBasicRenderer, QgsVectorTileBasicRendererStyle, QgsVectorTileLayer, QgsWkbTypes)

address, names = sys.argv[1], sys.argv[2:]
application = QgsApplication([], False)
application.initQgis()
SIDE = 512


def symbol():
    return QgsFillSymbol.createSimple({"color": "0,0,0,255", "outline_style": "no"})


def picture(layer, extent):
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(extent)
    settings.setOutputSize(QSize(SIDE, SIDE))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def dark(image):
    return [image.pixelColor(x, y).lightness() < 128 for y in range(SIDE) for x in range(SIDE)]


seen = {}
for name in names:
    features = QgsVectorLayer(f"url='{address}' typename='{name}' restrictToRequestBBOX=0", name, "OAPIF")
    features.setRenderer(QgsSingleSymbolRenderer(symbol()))
    tiles = QgsVectorTileLayer(f"type=xyz&zmin=0&zmax=16&url={address}/collections/{name}/tiles/WebMercatorQuad/{{z}}/{{y}}/{{x}}", name)
    style = QgsVectorTileBasicRendererStyle("all", name, QgsWkbTypes.PolygonGeometry)
    style.setSymbol(symbol())
    style.setEnabled(True)
    renderer = QgsVectorTileBasicRenderer()
    renderer.setStyles([style])
    tiles.setRenderer(renderer)
    seen[name] = {"valid": features.isValid() and tiles.isValid(), "zooms": []}
    to_web = QgsCoordinateTransform(features.crs(), QgsCoordinateReferenceSystem("EPSG:3857"), QgsProject.instance())
    largest = max(features.getFeatures(), key=lambda f: f.geometry().area()).geometry().boundingBox()
    for box, scale in ((features.extent(), 1), (largest, 2), (largest, 0.2)):
        extent = to_web.transformBoundingBox(box)
        extent.scale(scale)
        truth, drawn = dark(picture(features, extent)), dark(picture(tiles, extent))
        seen[name]["zooms"].append({"dark": sum(truth), "differ": sum(a != b for a, b in zip(truth, drawn))})
print("RESULT " + json.dumps(seen), flush=True)
os._exit(0)  # QGIS 3.22 crashes now and then while it takes its threads down; what it saw is told by then
