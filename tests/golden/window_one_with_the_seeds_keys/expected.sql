SELECT g, t, v, x, row_number() OVER (PARTITION BY g ORDER BY t) AS rank FROM runs
