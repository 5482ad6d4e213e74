"""Where it is from: documents, paragraphs, claims."""
