SELECT * FROM calls WHERE ok OR crew > 10 AND NOT (fee < 60 AND ok IS NULL)
