"""Tables as files: what is written, to the byte where it is text, and what is refused."""

import csv
import glob
import importlib.util
import json
import math
import os
import random
import struct
import tempfile
import unittest
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Optional

from cairn.frames import table_file

HAS = {name: importlib.util.find_spec(name) is not None for name in ("pandas", "polars", "pyarrow", "fastparquet")}
TABLE = {"day": [date(2026, 1, 30), None], "close": [1.5, 1e-7], "name": ["a,b", 'say "x"\n'], "up": [True, False]}
TEXT = 'day,close,name,up\n2026-01-30,1.5,"a,b",true\n,1e-07,"say ""x""\n",false\n'


def written(table: Any, form: str = "csv", index: Optional[bool] = None) -> str:
    with table_file(table, "key", form, index, None) as (path, _), open(path, encoding="utf-8", newline="") as file:
        return file.read()


def named(table: Any, form: str = "auto", key: str = "prices/daily", hint: Optional[str] = None) -> str:
    with table_file(table, key, form, None, hint) as (_, name):
        return name


class PlainTest(unittest.TestCase):
    def test_columns_and_rows_make_the_same_csv(self) -> None:
        rows = [dict(zip(TABLE, row)) for row in zip(*TABLE.values())]
        self.assertEqual(written(TABLE), TEXT)
        self.assertEqual(written(rows), TEXT)

    def test_every_float_reads_back_to_the_same_bits(self) -> None:
        draw = random.Random(5)
        floats = [struct.unpack("<d", draw.randbytes(8))[0] for _ in range(5000)]
        floats = [value for value in floats if not math.isnan(value)] + [-0.0, 0.1, 5e-324, math.inf, -math.inf]
        # With a value that has to be converted beside them, and without.
        for more in ([], [True]):
            read = [row[0] for row in csv.reader(written({"x": floats + more}).splitlines()[1:])]
            self.assertEqual([struct.pack("<d", float(text)) for text in read[: len(floats)]], [
                struct.pack("<d", value) for value in floats
            ])  # fmt: skip

    def test_numbers_times_and_nulls_stand_in_full(self) -> None:
        there = timezone(timedelta(hours=2))
        values = [
            2**80,
            Decimal("0.10"),
            Decimal("1E+3"),
            datetime(2026, 1, 2, 3, 4, 5, 6),
            datetime(2026, 1, 2, 3, 4, 5, tzinfo=there),
            math.nan,
            None,
            "",
        ]
        lines = written({"a": [0] * len(values), "b": values}).splitlines()[1:]
        self.assertEqual(
            [line.partition(",")[2] for line in lines],
            [str(2**80), "0.10", "1000", "2026-01-02T03:04:05.000006", "2026-01-02T01:04:05Z", "nan", "", '""'],
        )

    def test_a_name_is_never_taken_for_several(self) -> None:
        self.assertEqual(written({"a;b": [1], "c|d": [2], "": [3]}), '"a;b","c|d",""\n1,2,3\n')

    def test_json_lines_keep_texts_nulls_and_numbers_apart(self) -> None:
        table = {"a": ["", None, "007"], "b": [0.1, 2**80, None], "ü": [True, date(2026, 1, 2), "x"]}
        rows = [json.loads(line) for line in written(table, "jsonl").splitlines()]
        self.assertEqual(
            rows,
            [
                {"a": "", "b": 0.1, "ü": True},
                {"a": None, "b": 2**80, "ü": "2026-01-02"},
                {"a": "007", "b": None, "ü": "x"},
            ],
        )

    def test_a_name_that_a_row_does_not_have_is_null(self) -> None:
        self.assertEqual(written([{"a": 1}, {"b": 2, "a": 3}]), "a,b\n1,\n3,2\n")

    def test_what_is_no_exact_table_is_refused_by_name(self) -> None:
        wrong = [
            ({"a": [1], "b": [1, 2]}, "csv", "not equally long"),
            ({}, "csv", "no columns"),
            ([], "csv", "no columns"),
            ({"a": "text"}, "csv", "column 'a' is a str"),
            ({1: [1]}, "csv", "column 0 is called 1"),
            ({"a": [1, b"x"]}, "csv", "column 'a', row 1: a bytes"),
            ({"a": [1, [2]]}, "jsonl", "column 'a', row 1: a list"),
            ({"a": [0.0, math.inf]}, "jsonl", "column 'a', row 1: JSON has no inf"),
            ({"a": [1]}, "xlsx", "format is 'xlsx'"),
            (7, "csv", "a int is no table"),
            ([1, 2], "csv", "a list is no table"),
        ]
        for table, form, message in wrong:
            with self.subTest(message), self.assertRaisesRegex((TypeError, ValueError), message):
                written(table, form)
        with self.assertRaisesRegex(ValueError, "index is about pandas"):
            written({"a": [1]}, index=True)

    def test_the_file_is_called_after_the_key_or_as_it_is_said(self) -> None:
        self.assertEqual(named(TABLE), "daily.csv")
        self.assertEqual(named(TABLE, key="a/é x:1"), "x-1.csv")
        self.assertEqual(named(TABLE, key="///"), "table.csv")
        self.assertEqual(named(TABLE, hint="p.jsonl"), "p.jsonl")

    def test_nothing_is_left_behind(self) -> None:
        pattern = os.path.join(tempfile.gettempdir(), "cairn-*", "table.*")
        before = set(glob.glob(pattern))
        with table_file(TABLE, "k", "csv", None, None) as (path, _):
            self.assertTrue(os.path.exists(path))
        self.assertFalse(os.path.exists(os.path.dirname(path)))
        with self.assertRaises(TypeError):
            written({"a": [b"x"]})
        self.assertLessEqual(set(glob.glob(pattern)), before)


@unittest.skipUnless(HAS["pandas"], "pandas is not installed for this interpreter")
class PandasTest(unittest.TestCase):
    def test_a_table_is_the_same_csv_as_its_plain_values(self) -> None:
        import pandas

        self.assertEqual(written(pandas.DataFrame(TABLE)), TEXT)

    def test_missing_values_of_every_kind_are_null(self) -> None:
        import pandas

        frame = pandas.DataFrame(
            {
                "f": [0.1, math.nan],
                "i": pandas.array([1, None], dtype="Int64"),
                "t": pandas.to_datetime(["2026-01-02T03:04:05.000000007", None], utc=True),
                "s": ["a", None],
                "c": pandas.Categorical(["x", None]),
            }
        )
        self.assertEqual(written(frame), "f,i,t,s,c\n0.1,1,2026-01-02T03:04:05.000000007Z,a,x\n,,,,\n")

    def test_an_index_is_kept_or_left_out_and_never_lost_without_a_word(self) -> None:
        import pandas

        frame = pandas.DataFrame({"x": [1, 2]}, index=pandas.Index(["a", "b"], name="key"))
        with self.assertRaisesRegex(ValueError, "index=True keeps it"):
            written(frame)
        self.assertEqual(written(frame, index=True), "key,x\na,1\nb,2\n")
        self.assertEqual(written(frame, index=False), "x\n1\n2\n")
        with self.assertRaisesRegex(ValueError, "has an index"):
            written(pandas.DataFrame({"x": [1, 2, 3]})[1:])

    def test_names_that_are_doubled_or_no_texts_are_refused(self) -> None:
        import pandas

        with self.assertRaisesRegex(ValueError, "two columns are called 'a'"):
            written(pandas.DataFrame([[1, 2]], columns=["a", "a"]))
        with self.assertRaisesRegex(ValueError, "column 0 is called 0"):
            written(pandas.DataFrame([[1, 2]]))

    def test_parquet_is_taken_where_it_can_be_written(self) -> None:
        import pandas

        frame = pandas.DataFrame({"x": [0.1, 0.2], "s": ["a", None]})
        if not (HAS["pyarrow"] or HAS["fastparquet"]):
            self.assertEqual(named(frame), "daily.csv")
            return
        self.assertEqual(named(frame), "daily.parquet")
        with table_file(frame, "k", "auto", None, None) as (path, _):
            self.assertEqual(pandas.read_parquet(path)["x"].tolist(), [0.1, 0.2])


@unittest.skipUnless(HAS["polars"], "polars is not installed for this interpreter")
class PolarsTest(unittest.TestCase):
    def test_a_table_is_parquet_or_the_same_csv_as_its_plain_values(self) -> None:
        import polars

        frame = polars.DataFrame(TABLE)
        self.assertEqual(written(frame, "csv"), TEXT)
        with table_file(frame, "k", "auto", None, None) as (path, name):
            self.assertEqual(name, "k.parquet")
            self.assertTrue(polars.read_parquet(path).equals(frame))
        with self.assertRaisesRegex(TypeError, "a LazyFrame is no table"):
            written(frame.lazy())


@unittest.skipUnless(HAS["pyarrow"], "pyarrow is not installed for this interpreter")
class ArrowTest(unittest.TestCase):
    def test_a_table_or_batch_is_parquet_or_the_same_csv_as_its_plain_values(self) -> None:
        import pyarrow
        import pyarrow.parquet

        table = pyarrow.table(TABLE)
        for one in (table, table.to_batches()[0]):
            self.assertEqual(written(one, "csv"), TEXT)
            with table_file(one, "k", "auto", None, None) as (path, name):
                self.assertEqual(name, "k.parquet")
                self.assertTrue(pyarrow.parquet.read_table(path).equals(table))
        with self.assertRaisesRegex(ValueError, "two columns are called 'a'"):
            written(pyarrow.Table.from_arrays([[1], [2]], names=["a", "a"]), "parquet")

    def test_plain_values_become_parquet_when_asked(self) -> None:
        import pyarrow.parquet

        with table_file(TABLE, "k", "parquet", None, None) as (path, _):
            self.assertEqual(pyarrow.parquet.read_table(path).to_pydict(), TABLE)


@unittest.skipIf(HAS["pyarrow"], "pyarrow is installed for this interpreter")
class WithoutArrowTest(unittest.TestCase):
    def test_parquet_of_plain_values_says_what_it_needs(self) -> None:
        with self.assertRaisesRegex(ValueError, "needs pyarrow"):
            written(TABLE, "parquet")


if __name__ == "__main__":
    unittest.main()
