"""Values of a table as text.

What a CSV written here says: floats stand as Python's `repr` has them, so that they read back to the same bits; whole
numbers of any size and decimals in full; `true` and `false`; dates and times as ISO 8601, those with a zone in UTC
with `Z`. A null is nothing and an empty text is `""`, which is how cairn reads them. Types are not in it: cairn takes
every column of a CSV as text unless a rule of `cairn.yaml` casts it.
"""

from __future__ import annotations

import math
import re
import sys
from datetime import date, datetime, time, timezone
from decimal import Decimal
from typing import Any, Callable, List

__all__ = ["csv_text", "csv_values", "json_values"]

_SPECIAL = re.compile(r'[",;|\t\r\n]')


def csv_text(value: str) -> str:
    """A text as a field; quoted where a reader could take part of it for something else."""
    if value == "" or _SPECIAL.search(value) is not None:
        return '"' + value.replace('"', '""') + '"'
    return value


def csv_values(name: str, values: List[Any]) -> List[str]:
    """The fields of a column. Raises TypeError or ValueError, naming column and row."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return list(map(repr, values))
    if kinds == {int}:
        return list(map(str, values))
    return _converted(name, values, _csv_value)


def json_values(name: str, values: List[Any]) -> List[Any]:
    """The values of a column as JSON has them. Raises TypeError or ValueError, naming column and row."""
    return values if set(map(type, values)) <= {int, str, bool, type(None)} else _converted(name, values, _json_value)


def _converted(name: str, values: List[Any], convert: Callable[[Any], Any]) -> List[Any]:
    converted = []
    for row, value in enumerate(values):
        try:
            converted.append(convert(value))
        except (TypeError, ValueError) as error:
            raise type(error)(f"column {name!r}, row {row}: {error}") from None
    return converted


def _csv_value(value: Any) -> str:
    value = _scalar(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return csv_text(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else str(value)


def _json_value(value: Any) -> Any:
    value = _scalar(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"JSON has no {value}; use Parquet or CSV")
    return value


def _scalar(value: Any) -> Any:
    """A value as None, a bool, an int, a float or a text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, str):
        return str(value)
    pandas = sys.modules.get("pandas")
    if pandas is not None and (value is pandas.NA or value is pandas.NaT):
        return None
    if isinstance(value, datetime):
        return value.isoformat() if value.tzinfo is None else _utc(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind == "M":
        return None if str(value) == "NaT" else str(value)  # of nanoseconds, `item` makes a number
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "ndim", 0) == 0 and kind != "m":
        scalar = item()
        if not hasattr(scalar, "item"):
            return _scalar(scalar)
    raise TypeError(f"a {type(value).__name__} has no place in a text file; use Parquet")


def _utc(value: datetime) -> str:
    return value.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
