"""A store and everything that a pipeline asks of it, over one `cairn ops --stream` process."""

from __future__ import annotations

import os
from concurrent.futures import Future
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from .errors import CairnError
from .frames import table_file
from .process import Reply
from .publication import Named, Publication, artifact_name
from .reader import Reader
from .records import PublishResult, StatusChange, decode
from .run import Run

__all__ = ["Store"]

# Small enough for a reply to be a moderate line, large enough to share what makes publications durable.
_BATCH = 1000


class Store(Reader):
    """
    A store of cairn. Any number of threads may use one; a forked child gets a process of its own.

    `directory` is where cairn looks for it (the working directory when left out), `executable` how cairn is started,
    `author` who acts (`Name <mail>`, over `CAIRN_AUTHOR`), `timeout` the seconds within which a request must be
    answered (for ever when left out), `environment` what is added to the environment of cairn.
    """

    def supersede(self, new: Named, old: Named, reason: Optional[str] = None) -> StatusChange:
        """The new artifact replaces the old one, which keeps its bytes."""
        fields = {"new_artifact_id": artifact_name(new), "old_artifact_id": artifact_name(old)}
        return decode(
            StatusChange, self.request("supersede", fields if reason is None else {**fields, "reason": reason})
        )

    def publish(self, publication: Publication) -> PublishResult:
        """One file. Raises CairnError; then nothing was published."""
        return decode(PublishResult, self.request("publish_artifact", publication.fields()))

    def publish_many(self, publications: Iterable[Publication]) -> List[PublishResult]:
        """
        Many files, one result each, in order. What fails says so in its result (`success`, `error`) and leaves the
        others be; `result.require()` raises it.
        """
        requests = [publication.fields() for publication in publications]
        process = self._connection.process()
        sent: List[Future[Reply]] = []
        for start in range(0, len(requests), _BATCH):
            sent.append(process.send({"operation": "publish_many", "requests": requests[start : start + _BATCH]}))
        results: List[PublishResult] = []
        for future in sent:
            reply = process.answer(future, self.timeout)
            results.extend(decode(PublishResult, one) for one in reply.get("results", ()))
        if len(results) != len(requests):
            raise CairnError("CLIENT_BAD_REPLY", f"{len(requests)} publications were asked, {len(results)} answered")
        return results

    def publish_artifact(
        self,
        data_path: Union[str, os.PathLike[str]],
        artifact_type: str,
        logical_key: str,
        *,
        schema_version: int = 1,
        tags: Optional[Mapping[str, str]] = None,
        input_artifact_ids: Sequence[Named] = (),
        writer_name: Optional[str] = None,
        writer_version: Optional[str] = None,
        git_commit: Optional[str] = None,
        git_dirty: Optional[bool] = None,
        params: Optional[Mapping[str, Any]] = None,
        filename_hint: Optional[str] = None,
        supersede_previous: bool = False,
        sidecar: bool = False,
        **pins: Optional[str],
    ) -> PublishResult:
        """
        One file with its lineage, stored once. `pins` are the last six fields of `Publication`. Raises CairnError.
        """
        return self.publish(
            Publication(
                data_path,
                artifact_type,
                logical_key,
                schema_version=schema_version,
                tags=tags,
                input_artifact_ids=input_artifact_ids,
                writer_name=writer_name,
                writer_version=writer_version,
                git_commit=git_commit,
                git_dirty=git_dirty,
                params=params,
                filename_hint=filename_hint,
                supersede_previous=supersede_previous,
                sidecar=sidecar,
                **pins,
            )
        )

    def publish_dataframe(
        self,
        table: Any,
        artifact_type: str,
        logical_key: str,
        *,
        format: str = "auto",
        index: Optional[bool] = None,
        filename_hint: Optional[str] = None,
        **fields: Any,
    ) -> PublishResult:
        """
        A table: a DataFrame of pandas or polars, a Table of pyarrow, a list of dicts or a dict of lists.

        `format` is `parquet`, `csv` or `jsonl`; `auto` is Parquet where the table's own library can write it, else
        CSV, whose exactness `cairn.cells` describes. `index` says whether the index of a pandas table is kept as
        columns; it must be said when the index is more than the number of the row. `fields` are the other fields of
        `publish_artifact`.
        """
        if fields.get("sidecar"):
            raise ValueError("a sidecar stands beside a file, and that of a table is gone afterwards")
        with table_file(table, logical_key, format, index, filename_hint) as (path, name):
            return self.publish_artifact(path, artifact_type, logical_key, filename_hint=name, **fields)

    def run(
        self,
        message: str,
        *,
        params: Optional[Mapping[str, Any]] = None,
        tags: Optional[Mapping[str, str]] = None,
        engine_version: Optional[str] = None,
        config_version: Optional[str] = None,
    ) -> Run:
        """A run that is recorded when its block ends: `with store.run("momentum", params={"window": 12}) as run: …`"""
        pins = {"engine_version": engine_version, "config_version": config_version}
        return Run(
            self,
            message,
            params=params or {},
            tags=tags or {},
            pins={name: value for name, value in pins.items() if value is not None},
        )
