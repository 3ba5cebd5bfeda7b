"""Publishing and asking, with the built program."""

import hashlib
import math
import os
import pathlib
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Dict, List, Optional
from unittest import mock

from cairn import Artifact, CairnError, Publication, PublishResult, Store

from .support import AUTHOR, CAIRN, WorkspaceCase, cairn


class StoreTest(WorkspaceCase):
    def test_says_which_store_answers(self) -> None:
        health = self.store.health_check()
        self.assertTrue(health.available)
        self.assertEqual((health.store, health.workspace), (str(self.root / ".cairn"), str(self.root)))

    def test_publishes_a_file_once_and_finds_it_again(self) -> None:
        path = self.write("out/prices.txt", "1 2 3\n")
        asked = {"tags": {"desk": "rates"}, "params": {"n": 1, "x": 0.5}, "writer_name": "load", "writer_version": "1.4"}
        # A relative path is one from the working directory of this program.
        new = self.store.publish_artifact("out/prices.txt", "prices", "prices/daily", **asked)  # type: ignore[arg-type]
        self.assertEqual((new.success, new.deduped, new.mode, new.error), (True, False, None, None))
        self.assertEqual(new.file_hash, hashlib.sha256(path.read_bytes()).hexdigest())
        again = self.store.publish_artifact(path, "prices", "prices/daily", **asked)  # type: ignore[arg-type]
        self.assertEqual((again.deduped, again.mode, again.repeated), (True, "file_hash", True))
        self.assertEqual(again.existing_artifact_id, new.artifact_id)
        found = self.store.find_by_logical_key("prices", "prices/daily")
        assert found is not None and new.artifact_id is not None
        self.assertEqual(found, self.store.get_artifact(new))
        self.assertEqual(found, self.store.get_artifact(new.artifact_id[:12]))
        self.assertEqual(found.artifact_type, "prices")
        self.assertEqual((found.logical_key, found.schema_version, found.status), ("prices/daily", 1, "active"))
        self.assertEqual((found.file_hash, found.tags), (new.file_hash, {"desk": "rates"}))
        self.assertIsNone(self.store.find_by_logical_key("prices", "prices/weekly"))
        self.assertEqual(self.store.read_bytes(found), b"1 2 3\n")

    def test_what_is_wrong_is_told_by_code_and_published_by_halves_never(self) -> None:
        with self.assertRaises(CairnError) as caught:
            self.store.publish_artifact("no/such/file", "a", "k/missing")
        self.assertEqual(caught.exception.code, "PATH_NOT_FOUND")
        self.assertIn(str(self.root / "no/such/file"), caught.exception.message)
        with self.assertRaises(CairnError) as caught:
            self.store.get_artifact("f" * 64)
        self.assertEqual(caught.exception.code, "REV_NOT_FOUND")
        with self.assertRaises(CairnError) as caught:
            self.store.request("no_such_operation")
        self.assertEqual(caught.exception.code, "BAD_ARGUMENT")
        with self.assertRaisesRegex(ValueError, "params.a.b\\[1\\] is nan"):
            self.store.publish_artifact("x", "a", "k", params={"a": {"b": [1, math.nan]}})
        with self.assertRaisesRegex(ValueError, "beyond 2\\^53"):
            self.store.publish_artifact("x", "a", "k", params={"a": 2**53})
        with self.assertRaisesRegex(TypeError, "list of artifacts"):
            self.store.publish_artifact("x", "a", "k", input_artifact_ids="abcd")
        with self.assertRaisesRegex(TypeError, "no_such_pin"):
            self.store.publish_artifact("x", "a", "k", no_such_pin="1")
        self.assertIsNone(self.store.find_by_logical_key("a", "k/missing"))

    def test_many_publications_answer_in_order_and_one_that_fails_leaves_the_others_be(self) -> None:
        paths = [self.write(f"many/{at}.txt", f"{at}\n") for at in range(250)]
        asked = [Publication(path, "many", f"many/{at}") for at, path in enumerate(paths)]
        asked[70] = Publication("many/none.txt", "many", "many/70")
        with mock.patch("cairn.store._BATCH", 100):
            results = self.store.publish_many(asked)
        failed = [at for at, result in enumerate(results) if not result.success]
        self.assertEqual(failed, [70])
        with self.assertRaisesRegex(CairnError, "none.txt"):
            results[70].require()
        self.assertEqual(results[249].require().file_hash, hashlib.sha256(b"249\n").hexdigest())
        # Page by page, newest first, each once.
        listed = list(self.store.list_artifacts("many", page_size=100))
        self.assertEqual(len(listed), 249)
        self.assertEqual(len({one.artifact_id for one in listed}), 249)
        self.assertEqual([one.artifact_id for one in self.store.list_artifacts("many", limit=7, page_size=3)], [
            one.artifact_id for one in listed[:7]
        ])  # fmt: skip
        self.assertEqual(list(self.store.list_artifacts("many", limit=0)), [])
        self.assertEqual(self.store.publish_many([]), [])

    def test_a_list_is_narrowed_by_status_tag_and_time(self) -> None:
        first = self.publish("narrow/1", "1", tags={"a": "x"})
        second = self.publish("narrow/2", "2", tags={"a": "y"})
        self.store.supersede(second, first)

        def ids(**wanted: object) -> List[str]:
            return [one.artifact_id for one in self.store.list_artifacts("thing", **wanted)]  # type: ignore[arg-type]

        self.assertEqual(ids(tags={"a": "x"}), [first.artifact_id])
        self.assertIn(first.artifact_id, ids(status="superseded"))
        self.assertNotIn(first.artifact_id, ids(status="active"))
        soon = datetime.now(timezone.utc) + timedelta(hours=1)
        self.assertEqual(ids(min_created_at=soon), [])
        self.assertIn(second.artifact_id, ids(max_created_at=soon))
        with self.assertRaisesRegex(ValueError, "min_created_at has no time zone"):
            ids(min_created_at=datetime(2026, 1, 1))
        with self.assertRaises(ValueError):
            self.store.list_artifacts(page_size=0)

    def test_lineage_goes_both_ways_and_a_replaced_artifact_says_so(self) -> None:
        raw = self.publish("line/raw", "raw")
        clean = self.publish("line/clean", "clean", inputs=[raw])
        signal = self.publish("line/signal", "signal", inputs=[self.store.get_artifact(clean)])
        lineage = self.store.get_lineage(signal)
        self.assertEqual((lineage.artifact_id, lineage.depth), (signal.artifact_id, 2))
        self.assertEqual([one.artifact_id for one in lineage.inputs], [clean.artifact_id, raw.artifact_id])
        self.assertEqual([one.logical_key for one in self.store.get_lineage(signal, depth=1).inputs], ["line/clean"])
        down = [one.artifact_id for one in self.store.get_downstream(raw)]
        self.assertEqual(down, [clean.artifact_id, signal.artifact_id])
        better = self.publish("line/better", "better")
        change = self.store.supersede(better, raw, "a wrong column")
        self.assertEqual((change.artifact.artifact_id, change.artifact.status), (raw.artifact_id, "superseded"))
        assert isinstance(change.by, Artifact)
        self.assertEqual((change.by.artifact_id, change.reason), (better.artifact_id, "a wrong column"))
        self.assertIn("runs", change.dependents)

    def test_the_previous_one_can_be_superseded_in_the_same_step(self) -> None:
        first = self.publish("step/x", "1")
        second = self.publish("step/x", "2", supersede=True)
        self.assertEqual(second.superseded_artifact_id, first.artifact_id)
        self.assertEqual(self.store.get_artifact(first).status, "superseded")

    def test_a_table_is_published_by_its_content(self) -> None:
        rows = [{"close": 0.1, "day": "2026-01-30"}, {"close": 1e-7, "day": "2026-01-31"}]
        columns = {"close": [0.1, 1e-7], "day": ["2026-01-30", "2026-01-31"]}
        first = self.store.publish_dataframe(rows, "table", "t/prices", params={"source": "vendor"})
        self.assertEqual(first.row_count, 2)
        again = self.store.publish_dataframe(columns, "table", "t/prices", params={"source": "vendor"})
        self.assertEqual((again.mode, again.repeated), ("file_hash", True))
        texts = {"close": ["0.1", "1e-07"], "day": columns["day"]}
        other = self.store.publish_dataframe(texts, "table", "t/prices", format="jsonl")
        self.assertEqual((other.mode, other.artifact_id), ("content_hash", first.artifact_id))
        self.assertEqual(self.store.read_bytes(first), b"close,day\n0.1,2026-01-30\n1e-07,2026-01-31\n")

    def test_a_sidecar_is_written_beside_a_file_and_not_beside_a_table(self) -> None:
        self.write("beside.txt", "x")
        made = self.store.publish_artifact("beside.txt", "t", "beside", sidecar=True)
        self.assertEqual(made.path_sidecar, str(self.root / "beside.txt.cairn.json"))
        with self.assertRaisesRegex(ValueError, "a sidecar stands beside a file"):
            self.store.publish_dataframe({"a": [1]}, "t", "beside/table", sidecar=True)

    def test_cairn_reads_nulls_and_texts_of_a_csv_as_they_were(self) -> None:
        for at, texts in enumerate((["", None, 'a"b', "x,y\nz", " "], [None, "", None])):
            tables: List[Dict[str, List[Optional[str]]]] = [{"s": texts}, {"a;b": texts, "n": ["1"] * len(texts)}]
            for table in tables:
                key = f"csv/{at}/{len(table)}"
                made = [self.store.publish_dataframe(table, "t", key, format=form) for form in ("jsonl", "csv")]
                self.assertEqual([one.row_count for one in made], [len(texts)] * 2)
                self.assertEqual(made[1].mode, "content_hash", table)

    def test_bytes_are_verified_and_handed_out_whole_or_not_at_all(self) -> None:
        big = os.urandom(3 * 1024 * 1024)
        (self.root / "big.bin").write_bytes(big)
        result = self.store.publish_artifact("big.bin", "blob", "big")
        with self.store.open(result) as file:
            self.assertEqual(file.read(5), big[:5])
            self.assertEqual(file.read(), big[5:])
        with self.assertRaises(CairnError) as caught:
            self.store.read_bytes("--help")
        self.assertEqual((caught.exception.code, caught.exception.exit_status), ("REV_NOT_FOUND", 3))
        assert result.file_hash is not None
        stored = [path for path in (self.root / ".cairn" / "objects").rglob("*") if path.is_file()]
        damaged = next(path for path in stored if result.file_hash[4:] in path.name)
        damaged.chmod(0o644)
        content = bytearray(damaged.read_bytes())
        content[len(content) // 2] ^= 1
        damaged.write_bytes(content)
        with self.assertRaises(CairnError) as caught:
            self.store.open(result)
        self.assertEqual((caught.exception.code, caught.exception.exit_status), ("OBJECT_CORRUPT", 5))

    def test_threads_publish_at_once_and_nothing_is_lost(self) -> None:
        barrier = threading.Barrier(8)

        def one(at: int) -> PublishResult:
            if at < 8:
                barrier.wait()
            return self.publish(f"threads/{at % 50}", str(at % 50))

        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(one, range(200)))
        self.assertEqual(len({result.artifact_id for result in results}), 50)
        self.assertEqual(sum(not result.deduped for result in results), 50)

    def test_a_directory_without_a_store_is_named_with_its_status(self) -> None:
        with tempfile.TemporaryDirectory() as folder, Store(folder, CAIRN, author=AUTHOR) as store:
            with self.assertRaises(CairnError) as caught:
                store.health_check()
            self.assertEqual(caught.exception.code, "NO_STORE")

    def test_no_temporary_file_stays(self) -> None:
        before = set(pathlib.Path(tempfile.gettempdir()).glob("cairn-*"))
        self.store.publish_dataframe({"a": [1]}, "table", "t/temporary")
        with self.assertRaises(CairnError):
            self.store.publish_dataframe({"a": [1]}, "table", "t/temporary", input_artifact_ids=["f" * 64])
        left = set(pathlib.Path(tempfile.gettempdir()).glob("cairn-*")) - before
        self.assertEqual([path for path in left if any(path.glob("table.*"))], [])

    def publish(
        self,
        key: str,
        text: str,
        *,
        inputs: object = (),
        tags: object = None,
        supersede: bool = False,
    ) -> PublishResult:
        path = self.root / "published" / hashlib.sha256(f"{key} {text}".encode()).hexdigest()
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self.store.publish_artifact(
            path,
            "thing",
            key,
            input_artifact_ids=inputs,  # type: ignore[arg-type]
            tags=tags,  # type: ignore[arg-type]
            supersede_previous=supersede,
        )


if __name__ == "__main__":
    unittest.main()
