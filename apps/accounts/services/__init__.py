"""One verb a function: keyword-only arguments, one transaction, an event at the end."""
