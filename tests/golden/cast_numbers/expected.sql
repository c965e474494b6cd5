SELECT CAST(trunc(length) AS BIGINT) AS length, CAST(id AS TINYINT) AS id, CAST(built AS TIMESTAMP) AS built, name FROM (SELECT * FROM ships WHERE NOT isnan(length) OR length IS NULL)
