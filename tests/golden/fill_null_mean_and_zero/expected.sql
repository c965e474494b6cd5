SELECT coalesce(CAST(crew AS DOUBLE), avg(crew) OVER ()) AS crew, coalesce(fee, 0) AS fee FROM calls
