SELECT fee, fee + 0.05 AS more, fee * 1.25 AS taxed, CAST(fee AS DOUBLE) / 3 AS third, fee * fee AS squared, fee - crew AS less, -fee AS minus, round(fee, 1) AS rounded FROM calls
