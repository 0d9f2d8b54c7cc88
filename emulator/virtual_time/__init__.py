"""Sleepless: the waits of the code under test pass at once, and move a clock instead."""

from emulator.virtual_time.block import Sleepless, SleeplessIsOn, sleepless
from emulator.virtual_time.endless import EndlessWait
from emulator.virtual_time.ledger import Wait

__all__ = ["EndlessWait", "Sleepless", "SleeplessIsOn", "Wait", "sleepless"]
