-- ordered
SELECT last_value(port IGNORE NULLS) OVER (ORDER BY rowid) AS port, first_value(crew IGNORE NULLS) OVER (ORDER BY rowid ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS crew FROM calls ORDER BY rowid
