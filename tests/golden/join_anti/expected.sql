SELECT * FROM calls c WHERE NOT EXISTS (SELECT 1 FROM ships s WHERE s.id = c.ship_id)
