SELECT shop, count(n) FILTER (product = 'coffee') AS coffee, count(n) FILTER (product IS NULL) AS "null", count(n) FILTER (product = 'tea') AS tea FROM sales GROUP BY shop
