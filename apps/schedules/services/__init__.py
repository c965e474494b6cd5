"""One verb a function: keyword-only arguments, one transaction, events at the end."""
