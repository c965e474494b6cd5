SELECT * FROM ships WHERE length > 50 AND flag <> 'SE' AND NOT isnan(length)
