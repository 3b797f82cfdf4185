SELECT 'wind_wind_overlap', id, 1, 'area', size
FROM (SELECT id, CASE WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom) ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS size
	FROM peer_wind WHERE ST_Intersects(geom, $1::geometry)) s
WHERE size >= 100

UNION ALL
SELECT 'wind_agriculture_overlap', id, 1, 'area', size
FROM (SELECT id, CASE WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom) ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS size
	FROM peer_agriculture WHERE ST_Intersects(geom, $1::geometry)) s
WHERE size >= 100

UNION ALL
SELECT r.rule, id, CASE WHEN r.rule = 'key_biotope' AND size < 1000 THEN 2 ELSE r.severity END, 'area', size
FROM (SELECT id, coalesce(strpos(lower(biotop), 'nyckelbiotop') > 0, false) AS key, coalesce(bonitet, 0) >= 8 AS rich,
		CASE WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom) ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS size
	FROM peer_forest WHERE ST_Intersects(geom, $1::geometry)) s
JOIN LATERAL (VALUES ('key_biotope', 3, key), ('productive_forest', 2, rich AND NOT key),
	('wind_forest_overlap', 1, NOT key AND NOT rich)) r(rule, severity, holds) ON r.holds
WHERE size >= 100

UNION ALL
SELECT r.rule, id, CASE WHEN r.rule = 'wind_settlement_shadow' THEN 1 WHEN size < 500 THEN 3 WHEN size < 1000 THEN 2 ELSE 1 END, 'distance', size
FROM (SELECT id, ST_Distance(geom, $1::geometry) AS size
	FROM peer_settlement WHERE ST_DWithin(geom, $1::geometry, greatest(1500, 10 * $3::float8))) s
JOIN LATERAL (VALUES ('wind_settlement_within_1500', 1500::float8), ('wind_settlement_shadow', 10 * $3::float8)) r(rule, reach) ON size <= reach

UNION ALL
SELECT r.rule, id, r.severity, 'distance', size
FROM (SELECT id, CASE WHEN kind IN ('road', 'rail', 'power_line') THEN kind ELSE 'other' END AS kind, ST_Distance(geom, $1::geometry) AS size
	FROM peer_infrastructure WHERE ST_DWithin(geom, $1::geometry, greatest(500, $2::float8 + 20, 1.5 * ($3::float8 + $4::float8)))) s
JOIN LATERAL (VALUES
	('road', 'wind_road_height', 2, greatest($2::float8, 50)),
	('road', 'wind_road_ice', 1, 1.5 * ($3::float8 + $4::float8)),
	('rail', 'wind_rail_height', 2, greatest($2::float8 + 20, 50)),
	('rail', 'wind_rail_refer', 1, 500),
	('power_line', 'wind_power_line', 2, greatest(CASE WHEN $3::float8 >= 100 THEN 250
		ELSE $3::float8 / 2 + CASE WHEN $2::float8 > 50 THEN 200 ELSE 100 END END, $2::float8 + 10)),
	('other', 'wind_infrastructure_within_250', 2, 250)) r(kind, rule, severity, reach) ON r.kind = s.kind AND size <= reach

UNION ALL
SELECT 'national_communication_overlap', id, 2, 'length', size
FROM (SELECT id, ST_Length(ST_Intersection(geom, $1::geometry)) AS size
	FROM peer_infrastructure WHERE lagrum LIKE '%3 kap. 8 §%' AND ST_Intersects(geom, $1::geometry)) s
WHERE size >= 10

UNION ALL
SELECT r.rule, id, r.severity, r.unit, CASE r.unit WHEN 'area' THEN area ELSE size END
FROM (SELECT *, CASE WHEN size > 0 THEN 0 WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom)
		ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS area
	FROM (SELECT id, geom, coalesce(lagrum, '') AS lagrum, ST_Distance(geom, $1::geometry) AS size
		FROM peer_nature WHERE ST_DWithin(geom, $1::geometry, 500)) near) s
JOIN LATERAL (VALUES
	('wind_nature_overlap', 3, 'area', area >= 100 AND NOT (lagrum LIKE '%4 kap. 3 §%' OR lagrum LIKE '%3 kap. 6 §%')),
	('wind_nature_within_500', 2, 'distance', true),
	('wind_unbroken_coast', 3, 'area', area >= 1e-4 AND lagrum LIKE '%4 kap. 3 §%'),
	('national_interest_overlap', 2, 'area', area >= 100 AND lagrum LIKE '%3 kap. 6 §%')) r(rule, severity, unit, holds) ON r.holds

UNION ALL
SELECT 'wind_defence_overlap', id, CASE WHEN $2::float8 <= 20 THEN 1 WHEN typ ~ 'msa|lågflyg|väderradar' THEN 2 ELSE 3 END, 'area', size
FROM (SELECT id, lower(coalesce(typ, '')) AS typ,
		CASE WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom) ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS size
	FROM peer_defence WHERE ST_Intersects(geom, $1::geometry)) s
WHERE size >= 100

UNION ALL
SELECT r.rule, id, r.severity, r.unit, CASE r.unit WHEN 'area' THEN area ELSE size END
FROM (SELECT *, CASE WHEN size > 0 THEN 0 WHEN ST_Covers($1::geometry, geom) THEN ST_Area(geom)
		ELSE ST_Area(ST_Intersection(geom, $1::geometry)) END AS area
	FROM (SELECT id, geom, zon, zon IS NULL AND coalesce(areal_ha, 1) >= 1 AS shore, least(coalesce(strandskydd_m, 100), 300) AS reach,
			ST_Distance(geom, $1::geometry) AS size
		FROM peer_water WHERE ST_DWithin(geom, $1::geometry, 300)) near) s
JOIN LATERAL (VALUES
	('shore_protection', 2, 'distance', shore AND size <= reach),
	('water_protection_area', CASE WHEN lower(zon) LIKE 'prim%' THEN 3 WHEN lower(zon) LIKE 'sek%' THEN 2 ELSE 1 END, 'area', zon IS NOT NULL AND area >= 100),
	('wind_water_overlap', 2, 'area', zon IS NULL AND NOT shore AND area >= 100)) r(rule, severity, unit, holds) ON r.holds

UNION ALL
SELECT r.rule, id, r.severity, r.unit, size
FROM (SELECT id, coalesce(lagrum, '') LIKE '%3 kap. 6 §%' AS national, lower(coalesce(bedomning, '')) LIKE 'fornlämning%' AS ancient,
		ST_Distance(geom, $1::geometry) AS size
	FROM peer_culture WHERE ST_DWithin(geom, $1::geometry, 100)) s
JOIN LATERAL (VALUES
	('ancient_remains', CASE WHEN size <= 20 THEN 3 ELSE 2 END, 'distance', ancient),
	('national_interest_overlap', 2, 'points', national AND size = 0),
	('wind_culture_overlap', 2, 'points', NOT national AND NOT ancient AND size = 0)) r(rule, severity, unit, holds) ON r.holds
