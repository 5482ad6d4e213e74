"""ON OTHER SITES: a search box and a list for the page of another organisation."""
