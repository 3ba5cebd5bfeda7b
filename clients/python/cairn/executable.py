"""Where the program is: what the caller says, then `CAIRN_EXECUTABLE`, then `cairn` on the path."""

from __future__ import annotations

import os
import shutil
from typing import List, Mapping, Optional, Sequence, Union

from .errors import CairnError

__all__ = ["Executable", "find_executable"]

Executable = Union[str, "os.PathLike[str]", Sequence[str]]
"""A program by name or path, or a program with its first words: `["node", "/opt/cairn/bin/cairn"]`."""


def find_executable(executable: Optional[Executable], environment: Mapping[str, str]) -> List[str]:
    """The words that start cairn. Raises CLIENT_NO_EXECUTABLE."""
    if executable is not None and not isinstance(executable, (str, os.PathLike)):
        words = [os.fspath(word) for word in executable]
        if not words:
            raise CairnError("CLIENT_NO_EXECUTABLE", "the executable is an empty list")
        return words
    wanted = os.fspath(executable) if executable is not None else environment.get("CAIRN_EXECUTABLE") or "cairn"
    # A path is made absolute: the process is started in the store's directory.
    found = shutil.which(os.path.expanduser(wanted), path=environment.get("PATH"))
    if found is not None:
        return [os.path.abspath(found)]
    raise CairnError(
        "CLIENT_NO_EXECUTABLE",
        f"there is no program {wanted!r} that can be started",
        "Put cairn on the PATH, set CAIRN_EXECUTABLE to its path, or say Store(executable=…).",
        {"executable": wanted},
    )
