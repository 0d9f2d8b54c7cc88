"""The JDK's programs, told that they run for a second: half of their time was the compiler's."""

from __future__ import annotations

_SHORT = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")

JAVA = ("java", *_SHORT)
JAVAC = ("javac", *(f"-J{option}" for option in _SHORT))
KEYTOOL = ("keytool", *(f"-J{option}" for option in _SHORT))
