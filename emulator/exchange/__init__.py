"""Exchange: one call, from the request to its entry in the journal, as values."""
