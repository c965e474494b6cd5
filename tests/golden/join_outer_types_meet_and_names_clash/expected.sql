SELECT coalesce(CAST(l.k AS DOUBLE), r.k) AS k, l.id, l.v, r.id AS id_2, r.w FROM l FULL JOIN r ON l.k = r.k
