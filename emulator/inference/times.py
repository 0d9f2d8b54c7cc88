"""Times: members that the provider sets by itself, and how expressions read members."""

from __future__ import annotations

from keyword import iskeyword

from emulator.inference.names import IDENTIFIER, reading, snake
from emulator.inference.shapes import Shape
from emulator.json_type import Json
from emulator.language.functions import FUNCTIONS
from emulator.language.static_scope import REQUEST

CREATED = ("created", "created_at", "created_on", "creation_time", "create_time", "date_created",
            "creation_date", "created_date", "inserted_at", "create_date", "created_time")  # fmt: skip
UPDATED = ("updated", "updated_at", "updated_on", "modified", "modified_at", "update_time",
            "last_modified", "date_updated", "last_updated", "modified_on", "updated_date",
            "date_modified", "last_modified_at", "updated_time", "modification_date")  # fmt: skip
RESERVED = (
    FUNCTIONS.keys()
    | REQUEST
    | {
        "matched",
        "quota",
        "quotas",
        "refused",
        "before",
        "item",
        "items",
        "page",
        "record",
    }
    | {"results", "request", "this", "omit", "it", "true", "false", "null"}
)
"""What a plain name is in an expression, besides a field."""


def field_in(name: str) -> str:
    """How an expression reads a field of its record."""
    if IDENTIFIER.fullmatch(name) and not iskeyword(name) and name not in RESERVED:
        return name
    return reading("this", name)


def time_of(member: Shape) -> Json:
    """What a member that holds a time is set to; None where it holds none."""
    if (
        "string" in member.types
        and member["format"] in ("date-time", None)
        and not member["pattern"]
    ):
        return "${now}" if member["format"] or not member["enum"] else None
    if "string" in member.types and member["format"] == "date":
        return "${date(now)}"
    if "integer" in member.types:
        return "${epoch(now)}"
    return None


def is_state(name: str, member: Shape) -> bool:
    """Whether a member says in which state a record is."""
    return snake(name) in ("status", "state") and bool(member["enum"])


_BEGINNINGS = ("draft", "new", "created", "open", "pending", "queued", "todo", "active", "scheduled",
               "submitted", "received", "available", "enabled")  # fmt: skip
_ENDS = ("canceled", "cancelled", "closed", "deleted", "removed", "archived", "expired", "failed", "error",
         "rejected", "declined", "complete", "completed", "done", "finished", "succeeded", "resolved",
         "paid", "refunded", "voided", "inactive", "disabled", "suspended", "terminated",
         "stopped")  # fmt: skip


def start_of(member: Shape) -> Json:
    """The state that a new record is in: what the schema says, or else no end."""
    values, default = member["enum"], member["default"]
    if default in values:
        return default
    words = {snake(value): value for value in values if isinstance(value, str)}
    first = [word for word in words if word not in _ENDS][:1]
    usual = [word for word in _BEGINNINGS if word in words]
    if not words or snake(str(values[0])) in first:
        return values[0]
    return words[(usual or first or [*words])[0]]
