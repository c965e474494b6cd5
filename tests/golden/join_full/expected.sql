SELECT coalesce(c.ship_id, s.id) AS ship_id, c.port, c.crew, s.name, s.flag FROM calls c FULL JOIN ships s ON c.ship_id = s.id
