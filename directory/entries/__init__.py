"""What we hold: kinds, fields, vocabularies, and their pages."""
