-- ordered
SELECT name FROM names ORDER BY name COLLATE "C"
