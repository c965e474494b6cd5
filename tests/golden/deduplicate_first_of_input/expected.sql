SELECT k, v, t FROM d QUALIFY row_number() OVER (PARTITION BY k ORDER BY rowid) = 1
