"""Inference: what a provider's OpenAPI document lets one conclude of its behavior.

It gives texts: a `behavior.yaml`, a `scenarios.yaml` and fixtures, which are compiled like
those that an author has written. So nothing is inferred that the language cannot say, and
what was inferred can be read, refined and kept.
"""

from emulator.inference.inferred import Finding, Inferred
from emulator.inference.inferring import KINDS, infer
from emulator.spec.published import UnknownInference

__all__ = ["KINDS", "Finding", "Inferred", "UnknownInference", "infer"]
