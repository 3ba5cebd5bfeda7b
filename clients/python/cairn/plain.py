"""Python values as JSON can hold them exactly; what it cannot hold is refused, and the place is named."""

from __future__ import annotations

import math
import os
from datetime import datetime, timezone
from typing import Any, Mapping

__all__ = ["number", "plain", "timestamp"]

_MAX_INT = 2**53 - 1


def plain(value: Any, where: str) -> Any:
    """The value in JSON's own types. Scalars of numpy count as what they are worth."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > _MAX_INT:
            raise ValueError(f"{where} is {value}, beyond 2^53 - 1: JSON cannot hold it exactly; give it as a text")
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, which JSON cannot hold")
        # A whole float is an integer in JSON, with the limit of one.
        return plain(int(value), where) if value.is_integer() else float(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"{where} has the key {name!r}, and a key is a text")
        return {name: plain(member, f"{where}.{name}") for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(member, f"{where}[{index}]") for index, member in enumerate(value)]
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", 0) == 0:
        scalar = item()
        if not hasattr(scalar, "item"):
            return plain(scalar, where)
    raise TypeError(f"{where} is a {type(value).__name__}, which JSON cannot hold")


def number(value: Any, where: str) -> Any:
    """A finite number."""
    result = plain(value, where)
    if isinstance(result, bool) or not isinstance(result, (int, float)):
        raise TypeError(f"{where} is {value!r}, and not a number")
    return result


def timestamp(value: Any, where: str) -> str:
    """RFC 3339 in UTC of a datetime with a zone; a text is taken as it is."""
    if isinstance(value, str):
        return value
    if not isinstance(value, datetime):
        raise TypeError(f"{where} is a {type(value).__name__}, and not a datetime")
    if value.tzinfo is None:
        raise ValueError(f"{where} has no time zone")
    text = value.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
