SELECT * FROM ships WHERE (flag IN ('NO','SE') OR flag IS NULL) AND name LIKE '%a%' AND id BETWEEN 1 AND 5
