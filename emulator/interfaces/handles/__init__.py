"""Handles: what a program that tests with an emulator holds in its hand."""
