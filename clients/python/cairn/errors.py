"""The one exception of this client.

A failure of cairn keeps cairn's own code (docs/errors.md). What goes wrong on this side has a code of its own:

CLIENT_NO_EXECUTABLE  there is no program to start
CLIENT_PROCESS_ENDED  the process ended while an answer was waited for
CLIENT_TIMEOUT        no answer came in the time that was given; what was asked may still happen
CLIENT_BAD_REPLY      the answer is not what cairn says
CLIENT_CLOSED         the store was closed before
"""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

__all__ = ["CairnError"]


class CairnError(Exception):
    """A failure with its code, what it is about, and what to do next."""

    code: str
    """Stable; what programs decide by."""
    message: str
    hint: Optional[str]
    """The next step that a person can take."""
    data: Dict[str, Any]
    """Particulars: names, paths, and `stderr` where a process ended."""
    exit_status: Optional[int]
    """That cairn gives this failure, or of the process that ended: negative for a signal."""

    def __init__(
        self,
        code: str,
        message: str,
        hint: Optional[str] = None,
        data: Optional[Mapping[str, Any]] = None,
        exit_status: Optional[int] = None,
    ) -> None:
        super().__init__(code, message, hint, data, exit_status)
        self.code = code
        self.message = message
        self.hint = hint
        self.data = dict(data or {})
        self.exit_status = exit_status

    def __str__(self) -> str:
        text = f"{self.message} ({self.code})"
        return text if self.hint is None else f"{text}\nhint: {self.hint}"

    @classmethod
    def from_reply(cls, error: Any, exit_status: Optional[int] = None) -> CairnError:
        """The error that a reply of cairn tells."""
        if not isinstance(error, Mapping):
            return cls("CLIENT_BAD_REPLY", f"cairn told an error without a code: {error!r}", exit_status=exit_status)
        told = error.get("exitStatus", exit_status)
        data = error.get("data")
        return cls(
            str(error.get("code", "INTERNAL")),
            str(error.get("message", "")),
            None if error.get("hint") is None else str(error["hint"]),
            data if isinstance(data, Mapping) else None,
            told if isinstance(told, int) else None,
        )
