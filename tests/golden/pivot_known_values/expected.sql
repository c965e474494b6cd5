SELECT shop, sum(n) FILTER (product = 'tea') AS tea, sum(n) FILTER (product = 'milk') AS milk, sum(n) FILTER (product = 'coffee') AS coffee FROM sales GROUP BY shop
