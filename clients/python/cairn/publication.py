"""A publication as it is asked for: what a file is, and how it came to be."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Union

from .plain import plain
from .records import Artifact, PublishResult

__all__ = ["Named", "Publication", "artifact_name"]

Named = Union[str, Artifact, PublishResult]
"""An artifact, or anything that names one: an id, a prefix of 4 digits or more, `HEAD:prices.csv`."""


def artifact_name(named: Named) -> str:
    """The text that names an artifact. Raises TypeError."""
    if isinstance(named, str):
        return named
    if isinstance(named, (Artifact, PublishResult)) and named.artifact_id is not None:
        return named.artifact_id
    raise TypeError(f"{named!r} names no artifact")


@dataclass(frozen=True)
class Publication:
    """One file to publish. The last six fields are pins of the run key."""

    data_path: Union[str, "os.PathLike[str]"]
    artifact_type: str
    logical_key: str
    schema_version: int = 1
    tags: Optional[Mapping[str, str]] = None
    input_artifact_ids: Sequence[Named] = ()
    """What it was made from; as a text `<relation>=<id>` for a relation other than `derived_from`."""
    writer_name: Optional[str] = None
    writer_version: Optional[str] = None
    git_commit: Optional[str] = None
    git_dirty: Optional[bool] = None
    params: Optional[Mapping[str, Any]] = None
    filename_hint: Optional[str] = None
    supersede_previous: bool = False
    sidecar: bool = False
    engine_version: Optional[str] = None
    config_version: Optional[str] = None
    research_spec_version: Optional[str] = None
    pipeline_contract_version: Optional[str] = None
    external_run_key: Optional[str] = None
    external_dataset_id: Optional[str] = None

    def fields(self) -> Dict[str, Any]:
        """The request, as `cairn ops` takes it."""
        if isinstance(self.input_artifact_ids, str):
            raise TypeError("input_artifact_ids is a text, and not a list of artifacts")
        request: Dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is not None and value is not False and value != ():
                request[field.name] = value
        if self.git_dirty is False:
            request["git_dirty"] = False
        request["data_path"] = os.path.abspath(os.fspath(self.data_path))
        request["input_artifact_ids"] = [artifact_name(one) for one in self.input_artifact_ids]
        return {name: plain(value, name) for name, value in request.items()}
