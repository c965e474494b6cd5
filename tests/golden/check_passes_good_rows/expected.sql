SELECT * FROM calls WHERE crew > 5 AND fee > 0
