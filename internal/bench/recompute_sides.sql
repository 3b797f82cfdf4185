-- What a rule may ask of a feature, the same for all layers; cell holds the matrix.
CREATE UNLOGGED TABLE side (theme text, category text, id text, geom geometry, height float8, rotor float8, hub float8, klass float8, voltage float8,
	national bool, coast bool, communication bool, key bool, rich bool, zon text, shore float8, ancient bool, typ text) PARTITION BY LIST (theme);
CREATE UNLOGGED TABLE side_wind PARTITION OF side FOR VALUES IN ('wind');
CREATE UNLOGGED TABLE side_settlement PARTITION OF side FOR VALUES IN ('settlement');
CREATE UNLOGGED TABLE side_agriculture PARTITION OF side FOR VALUES IN ('agriculture');
CREATE UNLOGGED TABLE side_infrastructure PARTITION OF side FOR VALUES IN ('infrastructure');
CREATE UNLOGGED TABLE side_forest PARTITION OF side FOR VALUES IN ('forest');
CREATE UNLOGGED TABLE side_defence PARTITION OF side FOR VALUES IN ('defence');
CREATE UNLOGGED TABLE side_nature PARTITION OF side FOR VALUES IN ('nature');
CREATE UNLOGGED TABLE side_water PARTITION OF side FOR VALUES IN ('water');
CREATE UNLOGGED TABLE side_culture PARTITION OF side FOR VALUES IN ('culture');
INSERT INTO side
SELECT 'wind', 'wind', id, geom, coalesce(total_height, 200), coalesce(rotor_diameter, 150),
	coalesce(hub_height, 125), NULL::float8, NULL::float8, false, false, false,
	false, false, NULL, 0::float8, false, '' FROM peer_wind
UNION ALL SELECT 'settlement', 'settlement', id, geom, 0, 0, 0, NULL, NULL, false, false, false, false, false, NULL, 0, false, '' FROM peer_settlement
UNION ALL SELECT 'agriculture', 'agriculture', id, geom, 0, 0, 0, NULL, NULL, false, false, false, false, false, NULL, 0, false, '' FROM peer_agriculture
UNION ALL SELECT 'infrastructure', CASE WHEN kind IN ('road', 'rail', 'power_line') THEN kind ELSE 'infrastructure' END, id, geom, 0, 0, 0, klass, voltage,
	false, false, coalesce(lagrum LIKE '%3 kap. 8 §%', false), false, false, NULL, 0, false, '' FROM peer_infrastructure
UNION ALL SELECT 'forest', 'forest', id, geom, 0, 0, 0, NULL, NULL, false, false, false, coalesce(strpos(lower(biotop), 'nyckelbiotop') > 0, false),
	coalesce(bonitet, 0) >= 8, NULL, 0, false, '' FROM peer_forest
UNION ALL SELECT 'defence', 'defence', id, geom, 0, 0, 0, NULL, NULL, false, false, false, false, false, NULL, 0, false, lower(coalesce(typ, '')) FROM peer_defence
UNION ALL SELECT 'nature', 'nature', id, geom, 0, 0, 0, NULL, NULL, coalesce(lagrum LIKE '%3 kap. 6 §%', false), coalesce(lagrum LIKE '%4 kap. 3 §%', false),
	false, false, false, NULL, 0, false, '' FROM peer_nature
UNION ALL SELECT 'water', 'water', id, geom, 0, 0, 0, NULL, NULL, false, false, false, false, false, zon,
	CASE WHEN zon IS NULL AND coalesce(areal_ha, 1) >= 1 THEN least(coalesce(strandskydd_m, 100), 300) ELSE 0 END, false, '' FROM peer_water
UNION ALL SELECT 'culture', 'culture', id, geom, 0, 0, 0, NULL, NULL, coalesce(lagrum LIKE '%3 kap. 6 §%', false), false, false, false, false, NULL, 0,
	lower(coalesce(bedomning, '')) LIKE 'fornlämning%', '' FROM peer_culture;
CREATE INDEX ON side USING gist (geom);
ANALYZE side;

-- Of a cell and the one turned round the more severe tells, else the earlier; pairs that a rule covers whole have none.
CREATE TABLE told AS
WITH one AS (SELECT DISTINCT ON (least(claim, interest), greatest(claim, interest)) * FROM cell
	WHERE severity > 0 AND NOT (ARRAY[claim, interest] && ARRAY['wind'] AND ARRAY[claim, interest] && ARRAY['settlement', 'road', 'rail', 'power_line', 'infrastructure', 'nature', 'defence'])
		AND NOT (ARRAY[claim, interest] && ARRAY['settlement'] AND ARRAY[claim, interest] && ARRAY['road', 'rail', 'power_line', 'infrastructure', 'defence'])
	ORDER BY least(claim, interest), greatest(claim, interest), severity DESC, place)
SELECT claim AS a, interest AS b, claim || '_' || interest || '_overlap' AS rule, severity, false AS turned FROM one
UNION ALL SELECT interest, claim, claim || '_' || interest || '_overlap', severity, true FROM one WHERE claim <> interest;
ANALYZE told;
