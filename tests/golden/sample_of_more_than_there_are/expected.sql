-- ordered
SELECT * FROM calls
