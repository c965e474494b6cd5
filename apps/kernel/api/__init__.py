"""What every endpoint shares: problem documents, strict JSON, rules, pages and filters."""
