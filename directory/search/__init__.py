"""Find it: query, index, facets, pages."""
