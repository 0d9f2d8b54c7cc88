"""Remote: commands that drive a running server, by its admin API."""
