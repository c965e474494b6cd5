SELECT c.ship_id, c.port, NULL AS name FROM calls c
