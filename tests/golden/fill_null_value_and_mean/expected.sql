SELECT g, t, coalesce(v, 0) AS v, coalesce(x, 2.5) AS x FROM (SELECT g, t, v, x FROM runs)
