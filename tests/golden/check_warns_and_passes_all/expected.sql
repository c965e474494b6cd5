SELECT * FROM calls
