SELECT t.sym, t.t, t.qty, q.bid FROM trades t ASOF LEFT JOIN quotes q ON t.sym = q.sym AND t.t >= q.time
