"""Admin: the emulator's own addresses, under /_emulator, as plain synchronous code."""
