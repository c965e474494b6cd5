SELECT port, count(*) AS calls, sum(crew) AS crew_sum, count(crew) AS crew_count, sum(fee) AS fee_sum, min(called) AS called_min, max(port) AS port_max FROM calls GROUP BY port
