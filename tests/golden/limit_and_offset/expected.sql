-- ordered
SELECT * FROM calls LIMIT 3 OFFSET 2
