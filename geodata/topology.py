"""Turns overlapping, gappy polygons into a coverage: neighbours share every border vertex.

All coordinates are EPSG:3006 (x = east, y = north) in metres on a grid of GRID.
"""

import numpy as np
import shapely

GRID = 0.01  # metres: the resolution of every coordinate that is written
LARGEST_GAP = 1_000_000  # m2: a larger closed gap is taken for real water and stays


def coverage(polygons, owners):
    """Dissolves polygons by owner into {owner: MultiPolygon} without gaps or overlaps.

    polygons: sequence of areal geometries; owners: one text a polygon.
    The border lines are noded together, cut into faces, and each face goes to one owner.
    """
    polygons = shapely.set_precision(shapely.make_valid(np.asarray(polygons)), GRID)
    owners = np.asarray(owners)
    faces = _faces(polygons)
    face_owner = _settle(faces, _claims(faces, polygons, owners))
    return {
        owner: _multi(shapely.coverage_union_all(faces[face_owner == owner]))
        for owner in sorted(set(owners))
    }


def simplify(areas):
    """Simplifies {owner: MultiPolygon} as little as needed for the files to stay small; shared borders stay shared."""
    geometries = np.array(list(areas.values()))
    for tolerance in (0, 2, 5, 10, 20):
        simpler = shapely.coverage_simplify(geometries, tolerance) if tolerance else geometries
        if shapely.get_num_coordinates(simpler).sum() < 400_000:
            break
    # Simplifying keeps a subset of the vertices, so all of them are still on the grid.
    return tolerance, dict(zip(areas, (_multi(g) for g in simpler)))


def dissolve(areas, groups):
    """Unites {member: MultiPolygon} by {group: [member]} into {group: MultiPolygon}."""
    return {
        group: _multi(shapely.coverage_union_all([areas[m] for m in members]))
        for group, members in groups.items()
    }


def check(areas):
    """Raises ValueError unless every area is valid and they form a coverage without slits narrower than a metre."""
    geometries = np.array(list(areas.values()))
    for owner, geometry in areas.items():
        if not shapely.is_valid(geometry):
            raise ValueError(f"{owner}: {shapely.is_valid_reason(geometry)}")
    if not shapely.coverage_is_valid(geometries, gap_width=1.0):
        raise ValueError("the areas overlap, leave slits, or do not share their border vertices")


def holes(areas):
    """The closed gaps that are left between the areas, as polygons, largest first."""
    union = shapely.coverage_union_all(list(areas.values()))
    rings = [shapely.Polygon(r) for part in shapely.get_parts(union) for r in part.interiors]
    return sorted(rings, key=lambda ring: -ring.area)


def _faces(polygons):
    lines = shapely.union_all(shapely.boundary(polygons), grid_size=GRID)
    return shapely.get_parts(shapely.polygonize([lines]))


def _claims(faces, polygons, owners):
    """For every face the set of owners whose polygon holds it: one is plain, none is a gap, several an overlap."""
    inside = shapely.point_on_surface(faces)
    claims = [set() for _ in faces]
    for face, polygon in zip(*shapely.STRtree(polygons).query(inside, predicate="intersects")):
        claims[face].add(owners[polygon])
    return claims


def _settle(faces, claims):
    """One owner a face. Overlaps and small gaps go where the longest shared border is; '' stays empty."""
    owner = np.array([next(iter(c)) if len(c) == 1 else "" for c in claims], dtype=object)
    tree = shapely.STRtree(faces)
    open_faces = [i for i, c in enumerate(claims) if len(c) > 1 or (not c and faces[i].area < LARGEST_GAP)]
    while open_faces:
        found = {i: _longest(i, faces, owner, claims[i], tree) for i in open_faces}
        settled = {i: o for i, o in found.items() if o}
        if not settled:
            break
        for i, o in settled.items():
            owner[i] = o
        open_faces = [i for i in open_faces if i not in settled]
    return owner


def _longest(i, faces, owner, allowed, tree):
    """The owner among allowed (or any, if empty) with the longest border along face i; '' when there is none."""
    length = {}
    for j in tree.query(faces[i], predicate="touches"):
        if owner[j] and (not allowed or owner[j] in allowed):
            shared = shapely.intersection(faces[i].boundary, faces[j].boundary).length
            length[owner[j]] = length.get(owner[j], 0) + shared
    if not length or max(length.values()) == 0:
        return min(allowed, default="")
    return max(sorted(length), key=length.get)


def _multi(geometry):
    """The same areas as a MultiPolygon in canonical order, outer rings counter-clockwise (RFC 7946 3.1.6)."""
    parts = shapely.get_parts(shapely.normalize(geometry))
    return shapely.orient_polygons(shapely.MultiPolygon(list(parts)))
