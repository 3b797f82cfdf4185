"""Edits layers of a WFS in QGIS, as users would, in every version, and prints what QGIS had before and after it saved as JSON."""
import json
import os
import sys

from qgis.PyQt.QtCore import QDate, QDateTime, QTime, Qt
from qgis.core import NULL, QgsApplication, QgsDataSourceUri, QgsFeature, QgsGeometry, QgsPointXY, QgsVectorLayer

address, anna, bo = sys.argv[1:4]
application = QgsApplication([], False)
application.initQgis()


def opened(version, token, name):
    uri = QgsDataSourceUri()
    for key, value in {"url": address, "typename": "sb:" + name, "version": version, "srsname": "EPSG:3006", "pagingEnabled": "true"}.items():
        uri.setParam(key, value)
    uri.setUsername("anna")
    uri.setPassword(token)
    layer = QgsVectorLayer(uri.uri(False), name, "WFS")
    if not layer.isValid():
        raise SystemExit(version + ": " + layer.error().message())
    list(layer.getFeatures())
    return layer


def plain(value):
    if value is None or value == NULL:
        return None
    if hasattr(value, "toString"):
        return value.toString("yyyy-MM-ddTHH:mm:ss.zzzZ") if hasattr(value, "time") else value.toString("yyyy-MM-dd")
    return value


def see(layer):
    return [{"Properties": {f.name(): plain(feature[f.name()]) for f in layer.fields()}, "Geometry": json.loads(feature.geometry().asJson(9))}
            for feature in layer.getFeatures()]


def named(layer, name):
    return next(f for f in layer.getFeatures() if f["namn"] == name)


def new(layer, geometry, **values):
    feature = QgsFeature(layer.fields())
    geometry = QgsGeometry.fromWkt(geometry)
    geometry.convertToMultiType()  # as the service has it
    feature.setGeometry(geometry)
    for name, value in values.items():
        feature[name] = value
    return feature


def change(layer, feature, **values):
    for name, value in values.items():
        if not layer.changeAttributeValue(feature.id(), layer.fields().indexOf(name), value):
            raise SystemExit("QGIS does not change " + name)


def save(layer):
    saved = layer.commitChanges(False)
    errors = layer.commitErrors()
    if not saved:
        layer.rollBack()
    return {"Saved": saved, "Errors": errors}


def edit(version, name):
    layer = opened(version, anna, name)
    can = layer.dataProvider().capabilitiesString()
    layer.startEditing()
    layer.addFeature(new(layer, "MultiPolygon(((330000 6420000, 330400.125 6420000, 330400 6420400.25, 330000 6420400, 330000 6420000),(330100 6420100, 330200 6420100, 330200 6420200, 330100 6420100)))",
                         namn="ny <Å> & \"ö\" 'x'", text="rad ett\nrad två", antal=9223372036854775806, tal=0.1, sant=True, dag=QDate(1990, 1, 1),
                         tid=QDateTime(QDate(2026, 11, 22), QTime(10, 0, 0, 125), Qt.UTC), interest="hög"))
    layer.addFeature(new(layer, "Polygon((331000 6420000, 331100 6420000, 331100 6420100, 331000 6420000))", namn="ny utan värden"))
    layer.translateFeature(named(layer, "flyttas").id(), 12.5, -7.25)
    split = layer.splitFeatures([QgsPointXY(322050, 6399000), QgsPointXY(322050, 6402000)], False)
    change(layer, named(layer, "ändras"), namn="ändrad & 'klar' <ä>", text="O'Brien", antal=-9223372036854775807, tal=-1e-7, sant=False, dag=QDate(1632, 11, 6),
           tid=QDateTime(QDate(1999, 12, 31), QTime(23, 59, 59), Qt.UTC), interest="låg")
    change(layer, named(layer, "töms"), text=NULL, antal=NULL, tal=NULL, sant=NULL, dag=NULL, tid=NULL, interest=NULL)
    layer.deleteFeature(named(layer, "tas bort").id())
    before = see(layer)
    saved = save(layer)
    return {"Can": can, "Split": int(split), **saved, "Before": before, "After": see(opened(version, anna, name))}


def collide(version, name):
    one, two = opened(version, anna, name), opened(version, bo, name)
    for layer in one, two:
        layer.startEditing()
    change(one, named(one, "kvar"), antal=1, text="Annas")
    change(two, named(two, "kvar"), tal=2.5, text="Bos")
    merged = [save(one), save(two)]
    kept = {f["namn"]: [f["antal"], f["tal"], f["text"]] for f in opened(version, anna, name).getFeatures()}["kvar"]
    one, two = opened(version, anna, name), opened(version, bo, name)
    for layer in one, two:
        layer.startEditing()
    one.deleteFeature(named(one, "borta").id())
    change(two, named(two, "borta"), antal=3)
    return {"Merged": merged, "Kept": kept, "Deleted": save(one), "TooLate": save(two)}


def refuse(version, name):
    layer = opened(version, anna, name)
    layer.startEditing()
    layer.addFeature(new(layer, "Polygon((330000 6430000, 330100 6430100, 330100 6430000, 330000 6430100, 330000 6430000))", namn="korsar sig"))
    layer.addFeature(new(layer, "Polygon((340000 6430000, 340100 6430000, 340100 6430100, 340000 6430000))", namn="rätt"))
    return save(layer)


result = {}
for version, own, shared in json.loads(sys.argv[4]):
    result[version] = {**edit(version, own), **collide(version, shared), "Refused": refuse(version, shared)}
print("RESULT " + json.dumps(result, ensure_ascii=False), flush=True)
os._exit(0)  # QGIS 3.22 crashes now and then while it takes its threads down
