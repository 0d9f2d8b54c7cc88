"""Version: which emulator this is."""

__version__ = "0.1.0"
