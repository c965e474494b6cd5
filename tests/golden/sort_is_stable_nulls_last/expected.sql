-- ordered
SELECT * FROM calls ORDER BY port NULLS LAST, crew DESC NULLS LAST, rowid
