SELECT c.ship_id, c.port, c.crew, s.name, s.flag FROM calls c JOIN ships s ON c.ship_id = s.id
