SELECT k, v, t FROM d QUALIFY count(*) OVER (PARTITION BY k, v) = 1
