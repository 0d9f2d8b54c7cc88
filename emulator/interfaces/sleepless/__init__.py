"""Sleepless: the waits of the code under test pass at once, and move a clock instead."""

from emulator.interfaces.sleepless.block import Sleepless, SleeplessIsOn, sleepless
from emulator.interfaces.sleepless.endless import EndlessWait
from emulator.interfaces.sleepless.ledger import Wait

__all__ = ["EndlessWait", "Sleepless", "SleeplessIsOn", "Wait", "sleepless"]
