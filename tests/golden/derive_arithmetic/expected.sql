SELECT a, b, x, y, a + b AS sum, a - b AS less, CAST(a AS BIGINT) * b AS times,
 CASE WHEN b <> 0 THEN a / b END AS share, CASE WHEN b <> 0 THEN CAST(floor(a / b) AS BIGINT) END AS floored,
 CASE WHEN b <> 0 THEN CAST(a - b * floor(a / b) AS BIGINT) END AS rest,
 CASE WHEN y <> 0 THEN x / y END AS x_share, CASE WHEN y <> 0 THEN floor(x / y) END AS x_floored,
 CASE WHEN y <> 0 THEN x - y * floor(x / y) END AS x_rest, -a AS minus, abs(a) AS size FROM numbers
