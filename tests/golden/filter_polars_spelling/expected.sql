SELECT * FROM calls WHERE (crew > 10 AND port = 'Oslo') OR port IS NULL
