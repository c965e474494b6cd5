SELECT t.sym, t.t, t.qty, CASE WHEN t.t - q.time <= INTERVAL 8 SECONDS THEN q.bid END AS bid FROM trades t ASOF LEFT JOIN quotes q ON t.sym = q.sym AND t.t >= q.time
