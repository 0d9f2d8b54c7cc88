"""Explanation: what a provider's files say of an operation, for those who ask."""
