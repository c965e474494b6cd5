-- ordered
SELECT * FROM (SELECT k, id, v FROM l) UNION ALL SELECT k, id, v FROM more
