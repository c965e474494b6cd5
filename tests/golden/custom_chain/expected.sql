-- ordered
SELECT port, sum(fee * 2) AS doubled, count(*) AS calls FROM calls WHERE ship_id IS NOT NULL GROUP BY port ORDER BY calls DESC, port NULLS LAST
