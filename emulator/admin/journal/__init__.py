"""Journal: what a world has written down, shown, searched, verified and exported."""
