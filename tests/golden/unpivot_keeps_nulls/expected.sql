SELECT shop, 'n' AS what, CAST(n AS DOUBLE) AS amount FROM sales UNION ALL SELECT shop, 'price', price FROM sales
