"""A run as a context manager, with the built program."""

import json
import math
import os
import pathlib
import subprocess
import sys
import unittest
from typing import Any, Dict

from cairn import CairnError, RunResult

from .support import CAIRN, WorkspaceCase, cairn, environment


class RunTest(WorkspaceCase):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        (cls.root / "prices.csv").write_text("day,close\n1,2\n", encoding="utf-8")
        cairn(cls.root, "add", "prices.csv")
        cairn(cls.root, "commit", "-m", "prices")

    def shown(self, rev: str) -> Dict[str, Any]:
        shown = json.loads(cairn(self.root, "--json", "show", rev))
        record: Dict[str, Any] = shown["record"]
        return {**record, "message": shown["message"]}

    def head(self) -> str:
        return str(json.loads(cairn(self.root, "--json", "show", "HEAD"))["runInstanceId"])

    def test_a_block_is_recorded_with_inputs_parameters_metrics_and_outputs(self) -> None:
        before = self.head()
        params = {"window": 12, "by": {"x": [1, 0.5, None]}}
        with self.store.run("momentum", params=params, tags={"kind": "daily"}) as run:
            prices = run.input("prices.csv")
            run.param("horizon", 5)
            run.output("signals.csv").write_text("signal\n", encoding="utf-8")
            folder = run.output(pathlib.Path("plots"))
            folder.mkdir()
            (folder / "a.txt").write_text("a", encoding="utf-8")
            run.metric("ic", 0.25)
            run.metric("ic", 0.5)
            run.metric("n", 7)
        assert isinstance(run.result, RunResult)
        self.assertEqual(run.result.run_instance_id, self.head())
        self.assertEqual((run.result.parents, run.result.ref), ([before], "heads/main"))
        self.assertEqual(sorted(one.path for one in run.result.artifacts), ["plots/a.txt", "signals.csv"])
        record = self.shown("HEAD")
        self.assertEqual((record["message"], record["status"]), ("momentum", "succeeded"))
        self.assertEqual(record["tags"], {"kind": "daily"})
        self.assertEqual(record["metrics"], {"ic": 0.5, "n": 7})
        self.assertEqual(record["identity"]["params"], {**params, "horizon": 5})
        [taken] = record["inputs"]
        self.assertEqual((taken["artifact"], taken["path"]), (prices.artifact_id, "prices.csv"))
        [downstream] = [one for one in self.store.get_downstream(prices) if one.logical_key == "signals.csv"]
        self.assertEqual(self.store.read_bytes(downstream), b"signal\n")

    def test_seeds_are_known_before_the_run_and_are_those_that_cairn_says(self) -> None:
        params = {"a": "x=y", "b": 1e-7, "c": {"d": ["12", None]}}
        with self.store.run("seeds", params=params, engine_version="2") as run:
            run.input("prices.csv")
            seeds = [run.seed("bootstrap"), run.seed("split", fold="3")]
            with self.assertRaisesRegex(RuntimeError, "a parameter comes before the first seed"):
                run.param("c", 1)
            with self.assertRaisesRegex(RuntimeError, "an input comes before the first seed"):
                run.input("prices.csv")
            with self.assertRaises(ValueError):
                run.seed("a|b")
            run.output("seeded.txt").write_text(str(seeds), encoding="utf-8")
        said = [["bootstrap"], ["split", "--fold", "3"]]
        self.assertEqual([int(cairn(self.root, "seed", "HEAD", *words)) for words in said], seeds)
        assert run.result is not None
        self.assertEqual(run.result.run_key, run.run_key)

    def test_a_block_that_does_not_end_well_is_a_failed_run_of_no_branch_and_what_it_raised_goes_on(self) -> None:
        before = self.head()
        for failing in (ZeroDivisionError("division"), SystemExit(3), SystemExit("wrong"), KeyboardInterrupt()):
            with self.subTest(repr(failing)), self.assertRaises(type(failing)) as caught:
                with self.store.run("fails", params={"n": 1}) as run:
                    run.output("half.txt").write_text("half", encoding="utf-8")
                    raise failing
            self.assertIs(caught.exception, failing)
            assert run.result is not None
            self.assertEqual((run.result.ref, [one.path for one in run.result.artifacts]), (None, ["half.txt"]))
            shown = json.loads(cairn(self.root, "--json", "show", run.result.run_instance_id))
            self.assertIn('"failed"', json.dumps(shown))
        with self.assertRaisesRegex(CairnError, "without its output .*forgotten.txt"):
            with self.store.run("forgets") as run:
                run.output("half.txt")
                run.output("forgotten.txt")
        self.assertEqual(self.head(), before)

    def test_an_exit_of_zero_is_a_good_end(self) -> None:
        with self.assertRaises(SystemExit):
            with self.store.run("exits well") as run:
                run.output("well.txt").write_text("well", encoding="utf-8")
                sys.exit(0)
        assert run.result is not None
        self.assertEqual([one.path for one in run.result.artifacts], ["well.txt"])

    def test_a_run_without_outputs_leaves_what_is_staged(self) -> None:
        self.write("staged.txt", "mine")
        cairn(self.root, "add", "staged.txt")
        with self.store.run("numbers only") as run:
            run.metric("x", 1)
        assert run.result is not None
        self.assertEqual(run.result.artifacts, [])
        status = json.loads(cairn(self.root, "--json", "status"))
        self.assertIn("staged.txt", json.dumps(status["staged"]))
        cairn(self.root, "rm", "--staged", "staged.txt")

    def test_an_input_is_what_the_store_has_or_is_refused(self) -> None:
        path = self.commit("changing.csv", "as committed")
        path.write_text("changed since", encoding="utf-8")
        run = self.store.run("refused")
        with self.assertRaisesRegex(CairnError, "changes that are not committed"):
            run.input(path)
        self.write("unknown.csv", "never committed")
        with self.assertRaises(CairnError) as caught:
            run.input("unknown.csv")
        self.assertEqual(caught.exception.code, "PATH_NOT_FOUND")
        with self.assertRaises(CairnError) as caught:
            run.input("f" * 64)
        self.assertEqual(caught.exception.code, "REV_NOT_FOUND")
        with self.assertRaisesRegex(CairnError, "outside of the workspace"):
            run.input(os.__file__)

    def test_an_input_stays_what_it_was_when_the_branch_moves_meanwhile(self) -> None:
        path = self.commit("moving.csv", "old")
        with self.store.run("reads the old one") as run:
            old = run.input(path)
            by_rev = run.input("HEAD:prices.csv", relation="uses_config")
            self.commit("moving.csv", "new")
            run.output("from-old.txt").write_text("made from old", encoding="utf-8")
        inputs = self.shown("HEAD")["inputs"]
        self.assertEqual(
            sorted((one["relation"], one["artifact"], one["path"]) for one in inputs),
            [("derived_from", old.artifact_id, "moving.csv"), ("uses_config", by_rev.artifact_id, "prices.csv")],
        )

    def test_what_json_cannot_hold_is_refused_where_it_is_said(self) -> None:
        run = self.store.run("refused")
        for value, message in ((math.nan, "metric m is nan"), ("1", "'1', and not a number"), (True, "not a number")):
            with self.subTest(message), self.assertRaisesRegex((TypeError, ValueError), message):
                run.metric("m", value)
        with self.assertRaisesRegex(TypeError, "parameter p.a is a set"):
            run.param("p", {"a": {1, 2}})
        with self.assertRaisesRegex(TypeError, "has the key 1"):
            run.param("p", {1: 2})

    def test_a_program_under_cairn_run_finds_its_identity_in_the_environment(self) -> None:
        program = "import os; print(os.environ['CAIRN_SEED'])"
        words = [CAIRN, "run", "--param", "a=1", "--", sys.executable, "-c", program]
        done = subprocess.run(words, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
        self.assertEqual(int(done.stdout), self.store.run("same", params={"a": 1}).seed())


if __name__ == "__main__":
    unittest.main()
