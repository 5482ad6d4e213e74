"""Who: people, their sessions, and what each may do."""
