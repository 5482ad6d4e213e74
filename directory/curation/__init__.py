"""Keep it true: drafts, publication, history, forms."""
