"""Traffic: what an archive of calls tells of an API: archives in, texts out."""
