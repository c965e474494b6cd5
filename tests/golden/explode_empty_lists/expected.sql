SELECT id, unnest(CASE WHEN len(l) > 0 THEN l ELSE [NULL] END) AS l FROM lists
