"""What cairn answers, with the names of its documentation (docs/guides/pipelines.md) in snake_case.

Fields that a newer cairn adds are passed over; one that is missing is a CLIENT_BAD_REPLY.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Type, TypeVar

from .errors import CairnError

__all__ = ["Artifact", "Health", "Lineage", "PublishResult", "RunArtifact", "RunResult", "StatusChange", "decode"]


@dataclass(frozen=True)
class Artifact:
    """What a file is."""

    artifact_id: str
    artifact_type: str
    schema_version: int
    logical_key: str
    status: str
    """`active`, `superseded` or `tombstoned`."""
    path: Optional[str]
    """Where the bytes can be read in place, if they can; `Store.open` reads them always, and verified."""
    path_parquet: Optional[str]
    path_sidecar: Optional[str]
    file_hash: str
    """SHA-256 of the bytes."""
    content_hash: Optional[str]
    row_count: Optional[int]
    min_ts: Optional[str]
    max_ts: Optional[str]
    created_at: Optional[str]
    """RFC 3339, UTC."""
    tags: Dict[str, str]


@dataclass(frozen=True)
class PublishResult:
    """What became of a publication."""

    success: bool
    artifact_id: Optional[str]
    deduped: bool
    """It was there already."""
    mode: Optional[str]
    """How it was recognised: `file_hash` or `content_hash`."""
    existing_artifact_id: Optional[str]
    path: Optional[str]
    path_parquet: Optional[str]
    path_sidecar: Optional[str]
    error: Optional[CairnError]
    status: Optional[str]
    run_instance_id: Optional[str]
    """The run that records this publication."""
    repeated: bool
    """This very publication was known, and nothing was added."""
    superseded_artifact_id: Optional[str]
    file_hash: Optional[str]
    content_hash: Optional[str]
    row_count: Optional[int]
    notes: List[str]

    def require(self) -> PublishResult:
        """This result, or its error raised."""
        if self.error is not None:
            raise self.error
        return self


@dataclass(frozen=True)
class Lineage:
    """What an artifact was made from, nearest first."""

    artifact_id: str
    inputs: List[Artifact]
    depth: int
    """Length of the longest way to an input."""


@dataclass(frozen=True)
class StatusChange:
    """One artifact replaced by another, and how much rests on it."""

    artifact: Artifact
    by: Optional[Artifact]
    reason: Optional[str]
    dependents: Dict[str, Any]
    """`runs`, `refs` and `candidates` that rest on the old one."""


@dataclass(frozen=True)
class Health:
    """The store that answers."""

    available: bool
    version: str
    store_id: str
    store: str
    """Its directory."""
    workspace: Optional[str]
    """Root of the workspace; None where there is none."""


@dataclass(frozen=True)
class RunArtifact:
    """One output of a run."""

    artifact_id: str
    path: str
    sha256: str
    size: int
    type: str
    logical_key: str


@dataclass(frozen=True)
class RunResult:
    """A run that was recorded."""

    run_instance_id: str
    run_key: str
    ref: Optional[str]
    """The branch that moved to it; None for a failed run."""
    parents: List[str]
    outputs: str
    tree: str
    rebased: bool
    """The branch had moved meanwhile, and the run was put on its new tip."""
    removed: List[str]
    artifacts: List[RunArtifact]


_Record = TypeVar("_Record")

_INNER: Mapping[str, Mapping[str, Any]] = {
    "Lineage": {"inputs": Artifact},
    "RunResult": {"artifacts": RunArtifact},
    "StatusChange": {"artifact": Artifact, "by": Artifact},
}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def decode(record: Type[_Record], reply: Any) -> _Record:
    """The record that a reply holds. Raises CLIENT_BAD_REPLY."""
    if not isinstance(reply, Mapping):
        raise CairnError("CLIENT_BAD_REPLY", f"cairn answered {reply!r} where a {record.__name__} was expected")
    inner = _INNER.get(record.__name__, {})
    values: Dict[str, Any] = {}
    for field in dataclasses.fields(record):  # type: ignore[arg-type]
        name = _camel(field.name)
        if name not in reply:
            raise CairnError("CLIENT_BAD_REPLY", f"the {record.__name__} that cairn answered has no {name}")
        value = reply[name]
        if field.name in inner and value is not None:
            of = inner[field.name]
            value = [decode(of, one) for one in value] if isinstance(value, list) else decode(of, value)
        elif field.name == "error" and value is not None:
            value = CairnError.from_reply(value)
        values[field.name] = value
    return record(**values)
