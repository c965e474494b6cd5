SELECT k, min(v) AS v_min, max(v) AS v_max FROM readings GROUP BY k
