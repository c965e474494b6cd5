-- ordered
SELECT * FROM readings ORDER BY v DESC NULLS FIRST, k
