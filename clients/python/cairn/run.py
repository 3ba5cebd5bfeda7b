"""
A run as a context manager: what a program read, with which parameters, and what it made of it, recorded when the
block ends.

A block that ends well becomes a run of the branch. One that raises is recorded as a failed run, which moves no branch,
with the outputs that are there; what it raised goes on its way. What is read must be what the store has: an input is settled when it is declared, and a file that has changed since it was
committed is refused there and then.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Mapping, Optional, Type, Union

from .errors import CairnError
from .plain import number, plain
from .publication import Named, artifact_name
from .reader import Reader
from .records import Artifact, RunResult, decode

__all__ = ["Run"]

_SEED_VERSION = 1


def _ended_well(error: Optional[BaseException]) -> bool:
    return error is None or (isinstance(error, SystemExit) and error.code in (None, 0))


def _sha256(path: str) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1024 * 1024), b""):
            digest.update(chunk)
    return digest.hexdigest()


class Run:
    """Made by `Store.run`. Not for several threads at once."""

    result: Optional[RunResult] = None
    """The recorded run, after the block."""

    def __init__(
        self,
        store: Reader,
        message: str,
        *,
        params: Mapping[str, Any],
        tags: Mapping[str, str],
        pins: Mapping[str, str],
    ) -> None:
        self._store = store
        self._message = message
        self._pins = dict(pins)
        self._params: Dict[str, Any] = {}
        self._metrics: Dict[str, Any] = {}
        self._tags: Dict[str, str] = {}
        self._inputs: List[str] = []
        self._outputs: List[str] = []
        self._run_key: Optional[str] = None
        self._head: Optional[str] = None
        for name, value in params.items():
            self.param(name, value)
        for name, value in tags.items():
            self.tag(name, value)

    # What is said of the run

    def param(self, name: str, value: Any) -> None:
        """A parameter, part of what the run means."""
        self._open_identity("a parameter")
        self._params[name] = plain(value, f"parameter {name}")

    def metric(self, name: str, value: Any) -> None:
        """A result in one number; the last one said counts."""
        self._metrics[name] = number(value, f"metric {name}")

    def tag(self, name: str, value: str) -> None:
        """A tag of the run."""
        self._tags[name] = str(value)

    def input(self, what: Union[Named, os.PathLike[str]], relation: str = "derived_from") -> Artifact:
        """
        Something that was read: an artifact, a revision, or a file of the workspace as it was committed. A text that is
        the name of a file counts as that file. Raises CairnError: REV_NOT_FOUND, or BAD_ARGUMENT for a changed file.
        """
        self._open_identity("an input")
        if isinstance(what, os.PathLike) or (isinstance(what, str) and os.path.lexists(what)):
            path = os.path.abspath(os.fspath(what))
            rev = self._pinned(f"HEAD:{self._inside(path)}")
        else:
            path = None
            rev = self._pinned(artifact_name(what))
        artifact = self._store.get_artifact(rev)
        if path is not None and _sha256(path) != artifact.file_hash:
            raise CairnError(
                "BAD_ARGUMENT",
                f"the input {path} has changes that are not committed",
                "Commit it first, so that the run can say what it read.",
                {"path": path},
            )
        # A branch may move before the run ends; what was read does not.
        settled = self._head is not None and rev.startswith(f"{self._head}:")
        self._inputs.append(f"{relation}={rev if settled else artifact.artifact_id}")
        return artifact

    def output(self, path: Union[str, os.PathLike[str]]) -> Path:
        """A file or directory of the workspace that the block makes; it must be there when the block ends."""
        absolute = os.path.abspath(os.fspath(path))
        if absolute not in self._outputs:
            self._outputs.append(absolute)
        return Path(path)

    # What the run is

    @property
    def run_key(self) -> str:
        """What the run means, from its inputs, parameters and pins; from here on they cannot change."""
        if self._run_key is None:
            plan = {"inputs": self._inputs, "params": self._params, **self._pins}
            self._run_key = str(self._store.request("plan_run", plan)["runKey"])
        return self._run_key

    def seed(self, salt: str = "root", fold: Optional[str] = None) -> int:
        """
        The seed for one purpose, 0 to 2^63 - 1: the same wherever and whenever the run is done again, and what
        `cairn seed` says of it. Inputs and parameters come before the first seed.
        """
        if salt == "" or "|" in salt:
            raise ValueError(f'not a seed salt: {salt!r}; it is a name without "|"')
        text = f"{self.run_key}|{salt}|" + ("" if fold is None else f"fold:{fold}|") + str(_SEED_VERSION)
        return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") % 2**63

    # The block

    def __enter__(self) -> Run:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        if not _ended_well(error):
            self._commit_failure(error)
            return
        missing = [path for path in self._outputs if not os.path.lexists(path)]
        if missing:
            raise CairnError(
                "PATH_NOT_FOUND",
                f"the block ended without its output {', '.join(missing)}",
                "Write what is declared, or do not declare it. Nothing was recorded.",
                {"missing": missing},
            )
        self.result = decode(RunResult, self._commit())
        if self._run_key not in (None, self.result.run_key):
            raise CairnError(
                "CLIENT_BAD_REPLY",
                f"the run was recorded as {self.result.run_key}, and its seeds are of {self._run_key}",
                "cairn.yaml changed while the run was at work; do it again.",
            )

    def _commit(self, **more: Any) -> Dict[str, Any]:
        fields: Dict[str, Any] = {
            "message": self._message,
            "inputs": self._inputs,
            "params": self._params,
            "metrics": self._metrics,
            "tags": self._tags,
            "outputs": self._outputs,
            "allow_empty": True,
            **self._pins,
        }
        return self._store.request("commit_run", {**fields, **more})

    def _commit_failure(self, error: Optional[BaseException]) -> None:
        """What the block raised matters more than whether it could be recorded: that is only noted on it."""
        there = [path for path in self._outputs if os.path.lexists(path)]
        try:
            self.result = decode(RunResult, self._commit(status="failed", outputs=there))
        except (CairnError, OSError) as failure:
            add_note = getattr(error, "add_note", None)  # Python 3.11
            if add_note is not None:
                add_note(f"cairn could not record the failed run: {failure}")

    def _open_identity(self, what: str) -> None:
        if self._run_key is not None:
            raise RuntimeError(f"{what} comes before the first seed: seeds follow from inputs and parameters")

    def _pinned(self, rev: str) -> str:
        """`HEAD:<path>` with the run that HEAD is when it is first asked."""
        head, colon, path = rev.partition(":")
        if not colon or head not in ("", "HEAD", "@"):
            return rev
        if self._head is None:
            self._head = str(self._store._command(["show", "HEAD"])["runInstanceId"])
        return f"{self._head}:{path}"

    def _inside(self, path: str) -> str:
        """The path from the root of the workspace."""
        root = self._store.health_check().workspace
        if root is None:
            raise CairnError("NO_WORKSPACE", f"{path} can be no input: there is no workspace here")
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        inside = os.path.relpath(real, os.path.realpath(root))
        if inside == os.pardir or inside.startswith(os.pardir + os.sep):
            raise CairnError("BAD_PATH", f"{path} is outside of the workspace {root}", data={"path": path})
        return inside.replace(os.sep, "/")
