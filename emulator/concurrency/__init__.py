"""Concurrency: blocks round whatever runs later, locks that forks find free, and threads."""
