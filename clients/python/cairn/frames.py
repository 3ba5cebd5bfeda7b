"""Tables of pandas, polars, pyarrow and plain Python as files.

None of these libraries is imported here unless the table that is given is one of theirs. `cairn.cells` says what text
can hold.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from .cells import csv_text, csv_values, json_values

__all__ = ["table_file"]

Columns = Dict[str, List[Any]]

_FORMATS = ("parquet", "csv", "jsonl")


def _is(table: Any, library: str, *names: str) -> bool:
    """Whether a table is of a class of a library, which is then loaded already."""
    module = sys.modules.get(library)
    return module is not None and isinstance(table, tuple(getattr(module, name) for name in names))


def _has(library: str) -> bool:
    return sys.modules.get(library) is not None or importlib.util.find_spec(library) is not None


@contextmanager
def table_file(
    table: Any, logical_key: str, wanted: str, index: Optional[bool], filename_hint: Optional[str]
) -> Iterator[Tuple[str, str]]:
    """
    The table in a file that is gone afterwards, and the name that it should have: what `filename_hint` says, else the
    end of the key. Raises TypeError for what is no table, and ValueError for one that cannot be written exactly.
    """
    form = _table_format(table, wanted, filename_hint)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", logical_key.rsplit("/", 1)[-1]).strip(".-") or "table"
    folder = tempfile.mkdtemp(prefix="cairn-")
    try:
        path = os.path.join(folder, f"table.{form}")
        _write_table(table, path, form, index)
        yield path, filename_hint or f"{name}.{form}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _table_format(table: Any, wanted: str, filename_hint: Optional[str]) -> str:
    """
    The format of a table: as asked, else by the file name, else Parquet where the table's library can write it, else
    CSV.
    """
    ending = os.path.splitext(filename_hint or "")[1][1:].lower()
    if wanted != "auto":
        if wanted not in _FORMATS:
            raise ValueError(f"format is {wanted!r}, and not one of auto, {', '.join(_FORMATS)}")
        if ending in _FORMATS and ending != wanted:
            raise ValueError(f"format is {wanted!r}, and {filename_hint} says otherwise")
        return wanted
    if ending in _FORMATS:
        return ending
    if _is(table, "polars", "DataFrame") or _is(table, "pyarrow", "Table", "RecordBatch"):
        return "parquet"
    if _is(table, "pandas", "DataFrame") and (_has("pyarrow") or _has("fastparquet")):
        return "parquet"
    return "csv"


def _write_table(table: Any, path: str, form: str, index: Optional[bool]) -> None:
    if _is(table, "pandas", "DataFrame"):
        table = _without_index(table, index)
        if form == "parquet":
            engine = "pyarrow" if _has("pyarrow") else "fastparquet"
            if not _has(engine):
                raise ValueError("Parquet of a pandas table needs pyarrow or fastparquet; say format='csv'")
            table.to_parquet(path, engine=engine, index=False)
            return
        columns = {name: _pandas_values(table.iloc[:, at]) for at, name in enumerate(table.columns)}
    elif index is not None:
        raise ValueError("index is about pandas, and this table has none")
    elif _is(table, "polars", "DataFrame"):
        if form == "parquet":
            table.write_parquet(path)
            return
        columns = {column.name: column.to_list() for column in table.get_columns()}
    elif _is(table, "pyarrow", "Table", "RecordBatch"):
        names = _checked_names(table.schema.names)
        if form == "parquet":
            import pyarrow
            import pyarrow.parquet

            whole = table if isinstance(table, pyarrow.Table) else pyarrow.Table.from_batches([table])
            pyarrow.parquet.write_table(whole, path)
            return
        columns = {name: table.column(at).to_pylist() for at, name in enumerate(names)}
    else:
        columns = _plain_columns(table)
        if form == "parquet":
            columns = _checked_columns(columns)
            if not _has("pyarrow"):
                raise ValueError("Parquet of plain values needs pyarrow; say format='csv' or 'jsonl'")
            import pyarrow
            import pyarrow.parquet

            pyarrow.parquet.write_table(pyarrow.table(columns), path)
            return
    columns = _checked_columns(columns)
    with open(path, "w", encoding="utf-8", newline="") as file:
        if form == "csv":
            file.write(",".join(map(csv_text, columns)) + "\n")
            for fields in zip(*(csv_values(name, values) for name, values in columns.items())):
                file.write(",".join(fields) + "\n")
        else:
            for row in zip(*(json_values(name, values) for name, values in columns.items())):
                file.write(json.dumps(dict(zip(columns, row)), ensure_ascii=False, separators=(",", ":")) + "\n")


def _checked_names(names: Sequence[Any]) -> List[str]:
    for at, name in enumerate(names):
        if not isinstance(name, str):
            raise ValueError(f"column {at} is called {name!r}, and a column's name is a text")
    seen = list(names)
    if len(set(seen)) < len(seen):
        raise ValueError(f"two columns are called {next(name for name in seen if seen.count(name) > 1)!r}")
    return seen


def _checked_columns(columns: Columns) -> Columns:
    if not columns:
        raise ValueError("the table has no columns")
    _checked_names(list(columns))
    sizes = {name: len(values) for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"the columns are not equally long: {sizes}")
    return columns


def _without_index(table: Any, index: Optional[bool]) -> Any:
    """The index is a column, or left out; one that says more than the row's number is never dropped without a word."""
    pandas = sys.modules["pandas"]
    own = table.index
    counts = isinstance(own, pandas.RangeIndex) and own.name is None and own.start == 0 and own.step == 1
    if index is None and not counts:
        raise ValueError("the table has an index: index=True keeps it as columns, index=False leaves it out")
    if index:
        table = table.reset_index()
    _checked_names(list(table.columns))
    return table


def _pandas_values(series: Any) -> List[Any]:
    """pandas does not tell a missing float from NaN, nor does its Parquet: both are null."""
    values: List[Any] = series.tolist()
    if series.hasnans:
        return [None if missing else value for value, missing in zip(values, series.isna().tolist())]
    return values


def _plain_columns(table: Any) -> Columns:
    """Columns of a mapping of lists, or of a list of mappings, where a name that a row does not have is null."""
    if isinstance(table, Mapping):
        for name, values in table.items():
            if isinstance(values, (str, bytes, Mapping)) or not hasattr(values, "__iter__"):
                raise TypeError(f"column {name!r} is a {type(values).__name__}, and not a list of values")
        return {name: list(values) for name, values in table.items()}
    if isinstance(table, (list, tuple)) and all(isinstance(row, Mapping) for row in table):
        names = dict.fromkeys(name for row in table for name in row)
        return {name: [row.get(name) for row in table] for name in names}
    raise TypeError(
        f"a {type(table).__name__} is no table: give a DataFrame of pandas or polars, a Table of pyarrow, "
        "a list of dicts or a dict of lists"
    )
