"""Word when something opens: searches that people follow, by feed or by mail."""
