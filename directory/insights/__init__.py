"""See the whole: where offers lie, where none do, and how much of that is known."""
