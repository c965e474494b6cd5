-- ordered
SELECT carrier, sum(dep_delay / 60) AS delay_hours_sum FROM flights WHERE dep_delay > 15 AND month = 1 GROUP BY carrier ORDER BY delay_hours_sum DESC
