SELECT l.k, l.id, l.v, r.k AS k_right, r.id AS id_right, r.w FROM l CROSS JOIN r
