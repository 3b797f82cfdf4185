-- The areas of interest for a wind farm ($height, $rotor, $hub in metres) by the default rules, with what lies within a
-- rule's distance drawn as the service draws it. stop: an interest that stops; else one that can be adapted to.
CREATE FUNCTION drawn(geom geometry, reach float8) RETURNS geometry LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
	SELECT ST_Buffer(geom, reach, 'quad_segs=' || greatest(8, ceil(pi() / 4 * sqrt(reach / 0.4)))::int) $body$;

CREATE UNLOGGED TABLE stack_interest AS
SELECT false AS stop, geom FROM peer_wind WHERE ST_Area(geom) >= 100
UNION ALL
SELECT false, geom FROM peer_agriculture WHERE ST_Area(geom) >= 100
UNION ALL
SELECT coalesce(strpos(lower(biotop), 'nyckelbiotop') > 0, false) AND ST_Area(geom) >= 1000, geom FROM peer_forest WHERE ST_Area(geom) >= 100
UNION ALL
SELECT r.stop, drawn(geom, r.reach) FROM peer_settlement, (VALUES (true, 500::float8), (false, greatest(1500, 10 * $rotor))) r(stop, reach)
UNION ALL
SELECT false, drawn(geom, CASE kind
	WHEN 'road' THEN greatest($height, 50, 1.5 * ($rotor + $hub))
	WHEN 'rail' THEN greatest($height + 20, 50, 500)
	WHEN 'power_line' THEN greatest(CASE WHEN $rotor >= 100 THEN 250 ELSE $rotor / 2 + CASE WHEN $height > 50 THEN 200 ELSE 100 END END, $height + 10)
	ELSE 250 END) FROM peer_infrastructure
UNION ALL
SELECT coalesce(lagrum, '') NOT LIKE '%3 kap. 6 §%', geom FROM peer_nature WHERE ST_Area(geom) >= 100
UNION ALL
SELECT false, drawn(geom, 500) FROM peer_nature
UNION ALL
SELECT $height > 20 AND lower(coalesce(typ, '')) !~ 'msa|lågflyg|väderradar', geom FROM peer_defence WHERE ST_Area(geom) >= 100
UNION ALL
SELECT false, drawn(geom, least(coalesce(strandskydd_m, 100), 300)) FROM peer_water WHERE zon IS NULL AND coalesce(areal_ha, 1) >= 1
UNION ALL
SELECT coalesce(lower(zon) LIKE 'prim%', false), geom FROM peer_water
WHERE ST_Area(geom) >= 100 AND (zon IS NOT NULL OR coalesce(areal_ha, 1) < 1)
UNION ALL
SELECT r.stop, drawn(geom, r.reach) FROM peer_culture, (VALUES (true, 20::float8), (false, 100)) r(stop, reach)
WHERE lower(coalesce(bedomning, '')) LIKE 'fornlämning%';

CREATE INDEX ON stack_interest USING gist (geom);
ANALYZE stack_interest
