"""Generation: values that a JSON Schema allows, the same ones for the same seed."""
