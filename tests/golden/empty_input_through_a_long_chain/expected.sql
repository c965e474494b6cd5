SELECT port, count(*) AS n, avg(crew) AS mean FROM calls GROUP BY port
