SELECT * FROM ships WHERE built >= DATE '1999-04-01' AND built < CAST(getvariable('before') AS DATE) AND id > getvariable('least')
