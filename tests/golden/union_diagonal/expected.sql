SELECT k, id, v, NULL AS extra FROM l UNION ALL SELECT NULL, id, NULL, extra FROM more
