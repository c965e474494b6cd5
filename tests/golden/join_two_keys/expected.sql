SELECT l.k, l.id, l.v, r.w FROM l JOIN r ON l.k = r.k AND l.id * 10 = r.id
