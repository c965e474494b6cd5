SELECT flag AS country, id FROM ships
