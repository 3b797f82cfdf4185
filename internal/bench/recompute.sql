-- The standing conflicts between two layers by the default rules: every pair that is near enough once, measured once.
-- Of {a} and {b}: {near} joins them, {apart} is their distance, {shared} what they have in common, {least} more than a sliver.
CREATE UNLOGGED TABLE found_{a}_{b} AS
SELECT r.rule, CASE WHEN r.turned THEN p.b ELSE p.a END AS claim, CASE WHEN r.turned THEN p.a ELSE p.b END AS interest, r.severity::int2 AS severity, r.size
FROM (
	SELECT a.id AS a, b.id AS b, a.height, a.rotor, a.hub, a.communication AS a_communication, b.category, b.klass, b.voltage, b.national, b.coast,
		b.communication, b.key, b.rich, b.zon, b.shore, b.ancient, b.typ, told.rule, told.severity, told.turned, {apart} AS d,
		CASE WHEN {apart} > 0 THEN -1 ELSE {shared} END AS size
	FROM side_{a} a JOIN side_{b} b ON {near}
	LEFT JOIN told ON told.a = a.category AND told.b = b.category
	OFFSET 0) p
CROSS JOIN LATERAL (
	SELECT p.rule, p.severity, p.size, p.turned WHERE p.rule IS NOT NULL AND p.size >= {least} AND CASE '{b}'
		WHEN 'water' THEN CASE WHEN '{a}' IN ('wind', 'settlement', 'infrastructure') THEN zon IS NULL AND shore = 0 ELSE '{a}' = 'defence' OR zon IS NULL END
		WHEN 'nature' THEN NOT national OR '{a}' IN ('agriculture', 'defence')
		WHEN 'culture' THEN NOT ancient AND (NOT national OR '{a}' = 'agriculture') OR '{a}' IN ('defence', 'nature', 'water')
		WHEN 'forest' THEN NOT key AND (NOT rich OR '{a}' = 'agriculture') AND NOT a_communication
		ELSE true END

	UNION ALL SELECT 'wind_settlement_within_1500', CASE WHEN d < 500 THEN 3 WHEN d < 1000 THEN 2 ELSE 1 END, d, false
	WHERE '{a}' = 'wind' AND '{b}' = 'settlement' AND d <= 1500
	UNION ALL SELECT 'wind_settlement_shadow', 1, d, false WHERE '{a}' = 'wind' AND '{b}' = 'settlement' AND d <= 10 * rotor

	UNION ALL SELECT w.rule, w.severity, d, false
	FROM (VALUES ('road', 'wind_road_height', 2, greatest(height, 50)),
		('road', 'wind_road_ice', 1, 1.5 * (rotor + hub)),
		('rail', 'wind_rail_height', 2, greatest(height + 20, 50)),
		('rail', 'wind_rail_refer', 1, 500),
		('power_line', 'wind_power_line', 2, greatest(CASE WHEN rotor >= 100 THEN 250 ELSE rotor / 2 + CASE WHEN height > 50 THEN 200 ELSE 100 END END, height + 10)),
		('infrastructure', 'wind_infrastructure_within_250', 2, 250)) w(category, rule, severity, reach)
	WHERE '{a}' = 'wind' AND '{b}' = 'infrastructure' AND w.category = p.category AND d <= w.reach

	UNION ALL SELECT 'wind_nature_overlap', 3, p.size, false WHERE '{a}' = 'wind' AND '{b}' = 'nature' AND p.size >= 100 AND NOT coast AND NOT national
	UNION ALL SELECT 'wind_nature_within_500', 2, d, false WHERE '{a}' = 'wind' AND '{b}' = 'nature' AND d <= 500
	UNION ALL SELECT 'wind_unbroken_coast', 3, p.size, false WHERE '{a}' = 'wind' AND '{b}' = 'nature' AND p.size >= 1e-4 AND coast
	UNION ALL SELECT 'wind_defence_overlap', CASE WHEN height <= 20 THEN 1 WHEN typ ~ 'msa|lågflyg|väderradar' THEN 2 ELSE 3 END, p.size, false
	WHERE '{a}' = 'wind' AND '{b}' = 'defence' AND p.size >= 100

	UNION ALL SELECT s.rule, s.severity, d, false
	FROM (VALUES ('road', 'settlement_road_within_150', CASE WHEN d < CASE WHEN coalesce(klass, 9) <= 3 THEN 30 ELSE 12 END THEN 3 ELSE 2 END, 150),
		('rail', 'settlement_rail_within_150', CASE WHEN d < 30 THEN 3 ELSE 2 END, 150),
		('power_line', 'settlement_power_line', 2, CASE WHEN coalesce(voltage, 130) >= 400 THEN 130 WHEN coalesce(voltage, 130) >= 220 THEN 80 ELSE 50 END),
		('infrastructure', 'settlement_infrastructure_within_150', 2, 150)) s(category, rule, severity, reach)
	WHERE '{a}' = 'settlement' AND '{b}' = 'infrastructure' AND s.category = p.category AND d <= s.reach
	UNION ALL SELECT 'settlement_defence_overlap', CASE WHEN typ ~ 'buller' THEN 3 ELSE 2 END, p.size, false
	WHERE '{a}' = 'settlement' AND '{b}' = 'defence' AND p.size >= 100

	UNION ALL SELECT 'shore_protection', 2, d, false
	WHERE '{a}' IN ('wind', 'settlement', 'infrastructure') AND '{b}' = 'water' AND shore > 0 AND d <= shore
	UNION ALL SELECT 'water_protection_area', CASE WHEN lower(zon) LIKE 'prim%' THEN 3 WHEN lower(zon) LIKE 'sek%' THEN 2 ELSE 1 END, p.size, false
	WHERE '{a}' NOT IN ('defence', 'nature') AND '{b}' = 'water' AND zon IS NOT NULL AND p.size >= {least}
	UNION ALL SELECT 'national_interest_overlap', 2, p.size, false
	WHERE '{a}' IN ('wind', 'settlement', 'infrastructure', 'forest') AND '{b}' IN ('nature', 'culture') AND national AND p.size >= {least}
	UNION ALL SELECT 'national_communication_overlap', 2, p.size, false
	WHERE '{a}' IN ('wind', 'settlement') AND '{b}' = 'infrastructure' AND communication AND p.size >= {least}
	UNION ALL SELECT 'national_communication_overlap', 2, p.size, true
	WHERE '{a}' = 'infrastructure' AND '{b}' = 'forest' AND a_communication AND p.size >= {least}
	UNION ALL SELECT 'ancient_remains', CASE WHEN d <= 20 THEN 3 ELSE 2 END, d, false
	WHERE '{a}' NOT IN ('defence', 'nature', 'water') AND '{b}' = 'culture' AND ancient AND d <= 100
	UNION ALL SELECT 'key_biotope', CASE WHEN p.size < 20 OR p.size < 1000 AND '{a}' <> 'infrastructure' THEN 2 ELSE 3 END, p.size, false
	WHERE '{b}' = 'forest' AND key AND p.size >= {least}
	UNION ALL SELECT 'productive_forest', 2, p.size, false WHERE '{a}' <> 'agriculture' AND '{b}' = 'forest' AND rich AND NOT key AND p.size >= {least}) r
