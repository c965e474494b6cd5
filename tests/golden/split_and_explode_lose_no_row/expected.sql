SELECT id, unnest(CASE WHEN tags IS NULL THEN [NULL] ELSE string_split(tags, ',') END) AS tags FROM tagged
