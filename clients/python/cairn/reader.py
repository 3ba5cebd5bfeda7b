"""A store as it is asked: how it is opened, and every question that changes nothing."""

from __future__ import annotations

import os
import weakref
from datetime import datetime
from types import TracebackType
from typing import Any, BinaryIO, Dict, Iterator, List, Mapping, Optional, Type, TypeVar, Union

from .connection import Connection
from .content import call, open_content
from .executable import Executable, find_executable
from .plain import plain, timestamp
from .publication import Named, artifact_name
from .records import Artifact, Health, Lineage, decode

__all__ = ["Reader"]

Time = Union[str, datetime]

_Self = TypeVar("_Self", bound="Reader")


class Reader:
    """The part of `Store` that reads."""

    def __init__(
        self,
        directory: Optional[Union[str, os.PathLike[str]]] = None,
        executable: Optional[Executable] = None,
        *,
        author: Optional[str] = None,
        timeout: Optional[float] = None,
        environment: Optional[Mapping[str, str]] = None,
    ) -> None:
        variables = {**os.environ, **(environment or {})}
        if author is not None:
            variables["CAIRN_AUTHOR"] = author
        command = find_executable(executable, variables)
        self.directory = os.path.abspath(os.getcwd() if directory is None else os.fspath(directory))
        self.timeout = timeout
        self._connection = Connection(command, self.directory, variables)
        self._end = weakref.finalize(self, self._connection.end)

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.directory!r})"

    def close(self) -> None:
        """Ends the process, after what it was asked. Closing twice is harmless."""
        self._end()

    def restart(self) -> None:
        """
        Ends the process at once; the next request starts another. Requests that wait fail with CLIENT_PROCESS_ENDED.
        """
        self._connection.end(closed=False, kill=True)

    # What is asked

    def request(
        self, operation: str, fields: Optional[Mapping[str, Any]] = None, timeout: Optional[float] = None
    ) -> Dict[str, Any]:
        """Any operation of `cairn ops`, with its fields, and its reply as it is. Raises CairnError."""
        process = self._connection.process()
        sent = process.send({**(fields or {}), "operation": operation})
        return process.answer(sent, self.timeout if timeout is None else timeout)

    def health_check(self) -> Health:
        """Which store this is, and that it answers."""
        return decode(Health, self.request("health_check"))

    def get_artifact(self, artifact: Named) -> Artifact:
        """What an id, a prefix of one or a revision names. Raises CairnError, REV_NOT_FOUND when it is nothing."""
        return decode(Artifact, self.request("get_artifact", {"artifact_id": artifact_name(artifact)}).get("artifact"))

    def find_by_logical_key(self, artifact_type: str, logical_key: str) -> Optional[Artifact]:
        """The newest active artifact of a type and key; None when there is none."""
        fields = {"artifact_type": artifact_type, "logical_key": logical_key}
        found = self.request("find_by_logical_key", fields).get("artifact")
        return None if found is None else decode(Artifact, found)

    def list_artifacts(
        self,
        artifact_type: Optional[str] = None,
        status: Optional[str] = None,
        tags: Optional[Mapping[str, str]] = None,
        min_created_at: Optional[Time] = None,
        max_created_at: Optional[Time] = None,
        *,
        limit: Optional[int] = None,
        page_size: int = 1000,
    ) -> Iterator[Artifact]:
        """Artifacts, newest first, asked for page by page as they are taken; all of them when `limit` is left out."""
        if page_size < 1 or (limit is not None and limit < 0):
            raise ValueError("page_size is at least 1, and limit at least 0")
        wanted: Dict[str, Any] = {"artifact_type": artifact_type, "status": status}
        wanted["tags"] = None if tags is None else plain(tags, "tags")
        for name, value in (("min_created_at", min_created_at), ("max_created_at", max_created_at)):
            wanted[name] = None if value is None else timestamp(value, name)
        return self._pages({name: value for name, value in wanted.items() if value is not None}, limit, page_size)

    def _pages(self, wanted: Dict[str, Any], limit: Optional[int], page_size: int) -> Iterator[Artifact]:
        left = limit
        cursor: Optional[str] = None
        while left is None or left > 0:
            page = {**wanted, "limit": page_size if left is None else min(left, page_size)}
            if cursor is not None:
                page["cursor"] = cursor
            reply = self.request("list_artifacts", {"filter": page})
            artifacts = [decode(Artifact, one) for one in reply.get("artifacts", ())]
            yield from artifacts
            cursor = reply.get("cursor")
            if not reply.get("more") or cursor is None:
                return
            left = None if left is None else left - len(artifacts)

    def get_lineage(self, artifact: Named, depth: Optional[int] = None) -> Lineage:
        """What it was made from, and what that was made from; `depth` limits the way."""
        fields: Dict[str, Any] = {"artifact_id": artifact_name(artifact)}
        if depth is not None:
            fields["depth"] = depth
        return decode(Lineage, self.request("get_lineage", fields))

    def get_downstream(self, artifact: Named) -> List[Artifact]:
        """Everything that was made from it, nearest first."""
        reply = self.request("get_downstream", {"artifact_id": artifact_name(artifact)})
        return [decode(Artifact, one) for one in reply.get("artifacts", ())]

    # Bytes

    def open(self, rev: Named) -> BinaryIO:
        """The bytes of an artifact, object or `<run>:<path>` as an open file, verified before it is handed out."""
        connection = self._connection
        return open_content(
            connection.command, artifact_name(rev), connection.directory, connection.environment, self.timeout
        )

    def read_bytes(self, rev: Named) -> bytes:
        """The bytes of an artifact, object or `<run>:<path>`, verified."""
        with self.open(rev) as file:
            return file.read()

    def _command(self, arguments: List[str]) -> Dict[str, Any]:
        """The document of a command that `ops` has no operation for."""
        connection = self._connection
        return call(connection.command, arguments, connection.directory, connection.environment, self.timeout)
