"""Would the rules notice? Mistakes made on purpose, and what the clauses say of them."""
