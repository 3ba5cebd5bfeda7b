"""The process behind a store, with a program that misbehaves on request."""

import gc
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Optional
from unittest import mock

from cairn import CairnError, Store

from .support import FAKE


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class ProcessTest(unittest.TestCase):
    def fake(self, timeout: Optional[float] = 30, **environment: str) -> Store:
        store = Store(executable=FAKE, timeout=timeout, environment=environment)
        self.addCleanup(store.close)
        return store

    def refused(self, code: str, store: Store, operation: str, **fields: object) -> CairnError:
        with self.assertRaises(CairnError) as caught:
            store.request(operation, fields)
        self.assertEqual(caught.exception.code, code)
        return caught.exception

    def test_threads_each_get_their_own_reply_from_one_process(self) -> None:
        store = self.fake()
        with ThreadPoolExecutor(16) as pool:
            replies = list(pool.map(lambda at: store.request("echo", {"text": str(at)}), range(800)))
        self.assertEqual([reply["text"] for reply in replies], [str(at) for at in range(800)])
        self.assertEqual(len({reply["pid"] for reply in replies}), 1)

    def test_more_than_both_pipes_hold_is_sent_before_a_reply_is_read(self) -> None:
        process = self.fake()._connection.process()
        text = "x" * 200_000
        sent = [process.send({"operation": "echo", "text": text}) for _ in range(60)]
        self.assertTrue(all(process.answer(one, 30)["text"] == text for one in sent))

    def test_noise_on_standard_error_blocks_nobody(self) -> None:
        self.assertEqual(self.fake(FAKE_NOISE="1").request("echo", {"text": "a"})["text"], "a")

    def test_a_dead_process_says_why_and_the_next_request_starts_another(self) -> None:
        store = self.fake()
        first = store.request("echo")["pid"]
        error = self.refused("CLIENT_PROCESS_ENDED", store, "die", status=70)
        self.assertEqual((error.exit_status, error.data["stderr"]), (70, "the disk is on fire"))
        self.assertIn("the disk is on fire", str(error))
        self.assertNotEqual(store.request("echo")["pid"], first)
        self.assertEqual(self.refused("CLIENT_PROCESS_ENDED", store, "kill").exit_status, -9)
        self.assertEqual(store.request("echo", {"text": "again"})["text"], "again")

    def test_everybody_who_waits_is_told_of_the_end(self) -> None:
        process = self.fake()._connection.process()
        sent = [process.send({"operation": "mute"}) for _ in range(20)]
        process.send({"operation": "die", "status": 1})
        for one in sent:
            with self.assertRaisesRegex(CairnError, "with 21 requests waiting"):
                process.answer(one, 30)

    def test_a_timeout_holds_even_when_nothing_is_read_and_a_late_reply_is_nobodys(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = self.fake(timeout=0.2)
            release = Path(folder, "release")
            self.refused("CLIENT_TIMEOUT", store, "hold", until=str(release), text="late")
            self.refused("CLIENT_TIMEOUT", store, "echo", text="x" * 1_000_000)
            release.touch()
            self.assertEqual(store.request("echo", {"text": "later"}, timeout=30)["text"], "later")

    def test_a_restart_ends_a_process_that_hangs(self) -> None:
        store = self.fake()
        first = store.request("echo")["pid"]
        told = []
        waiting = threading.Thread(target=lambda: told.append(self.refused("CLIENT_PROCESS_ENDED", store, "mute")))
        waiting.start()
        while not store._connection.process()._waiting:
            time.sleep(0.01)
        store.restart()
        waiting.join()
        self.assertEqual(told[0].exit_status, -9)
        self.assertTrue(gone(first))
        self.assertNotEqual(store.request("echo")["pid"], first)

    def test_what_is_no_reply_is_refused_and_ends_the_process(self) -> None:
        store = self.fake()
        self.assertIn("this is no JSON", str(self.refused("CLIENT_BAD_REPLY", store, "garbage")))
        self.refused("CLIENT_BAD_REPLY", store, "stranger")
        self.assertEqual(store.request("echo", {"text": "a"})["text"], "a")

    def test_an_error_without_a_number_is_of_the_oldest_request(self) -> None:
        process = self.fake()._connection.process()
        sent = [process.send({"operation": name, "text": name}) for name in ("unread", "echo")]
        with self.assertRaisesRegex(CairnError, "nested too deep"):
            process.answer(sent[0], 30)
        self.assertEqual(process.answer(sent[1], 30)["text"], "echo")

    def test_a_store_that_cannot_be_opened_says_so_to_everybody(self) -> None:
        store = self.fake(FAKE_CLOSED="1")
        process = store._connection.process()
        for one in [process.send({"operation": "echo"}) for _ in range(3)]:
            with self.assertRaisesRegex(CairnError, "no store here") as caught:
                process.answer(one, 30)
        self.assertEqual(caught.exception.exit_status, 3)
        self.refused("NO_STORE", store, "echo")

    def test_an_error_keeps_its_code_message_hint_and_data(self) -> None:
        error = self.refused("STATUS_CONFLICT", self.fake(), "refuse")
        self.assertEqual((error.message, error.hint, error.data), ("it is gone", "restore it", {"a": 1}))
        self.assertEqual(str(error), "it is gone (STATUS_CONFLICT)\nhint: restore it")
        again = pickle.loads(pickle.dumps(error))
        self.assertEqual((again.code, again.data, str(again)), (error.code, error.data, str(error)))

    def test_closing_lets_the_process_finish_and_leaves_nothing(self) -> None:
        threads = threading.active_count()
        with Store(executable=FAKE) as store:
            process = store._connection.process()
            last = process.send({"operation": "sleep", "seconds": 0.2, "text": "done"})
        reply = process.answer(last, 0)
        self.assertEqual(reply["text"], "done")
        self.assertTrue(gone(reply["pid"]))
        self.assertEqual(threading.active_count(), threads)
        store.close()
        self.refused("CLIENT_CLOSED", store, "echo")

    def test_a_store_that_nobody_closes_ends_with_its_last_name(self) -> None:
        store = Store(executable=FAKE)
        pid = store.request("echo")["pid"]
        del store
        gc.collect()
        self.assertTrue(gone(pid))

    def test_a_store_that_nobody_closes_ends_with_the_program(self) -> None:
        program = f"import cairn; s = cairn.Store(executable={FAKE!r}); print(s.request('echo')['pid'])"
        done = subprocess.run(
            [sys.executable, "-B", "-W", "error", "-c", program],
            cwd=Path(__file__).parents[1],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            check=True,
        )
        self.assertEqual(done.stderr, b"")
        self.assertTrue(gone(int(done.stdout)))

    @unittest.skipUnless(hasattr(os, "fork"), "this system cannot fork")
    def test_a_forked_child_asks_a_process_of_its_own(self) -> None:
        store = self.fake()
        parents = store.request("echo")["pid"]
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(write, str(store.request("echo")["pid"]).encode())
                store.close()
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        with os.fdopen(read) as told:
            self.assertNotEqual(int(told.read()), parents)
        self.assertEqual(store.request("echo")["pid"], parents)

    @unittest.skipUnless(hasattr(os, "fork"), "this system cannot fork")
    def test_a_forked_child_that_lives_on_keeps_nobody_from_closing(self) -> None:
        store = self.fake()
        pid = store.request("echo")["pid"]
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(write)
            os.read(read, 1)
            os._exit(0)
        with mock.patch.object(store._connection.process()._child, "terminate") as terminate:
            store.close()
        terminate.assert_not_called()
        self.assertTrue(gone(pid))
        os.close(write)
        os.close(read)
        os.waitpid(child, 0)

    def test_a_program_that_is_not_there_is_named(self) -> None:
        with self.assertRaisesRegex(CairnError, "no program 'no-such-cairn'") as caught:
            Store(executable="no-such-cairn")
        self.assertEqual(caught.exception.code, "CLIENT_NO_EXECUTABLE")
        with self.assertRaisesRegex(CairnError, "elsewhere/cairn"):
            Store(environment={"CAIRN_EXECUTABLE": "/elsewhere/cairn"})
        with self.assertRaisesRegex(CairnError, "no program 'cairn'"):
            Store(environment={"CAIRN_EXECUTABLE": "", "PATH": "/nowhere"})
        self.refused("CLIENT_NO_EXECUTABLE", Store(executable=["/elsewhere/cairn"]), "echo")

    def test_the_program_is_found_by_its_variable_and_on_the_path(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder, "cairn")
            program.write_text(f'#!/bin/sh\nexec "{FAKE[0]}" -B "{FAKE[2]}"\n')
            program.chmod(0o755)
            path = {"CAIRN_EXECUTABLE": "", "PATH": f"{folder}:{os.environ['PATH']}"}
            for environment in ({"CAIRN_EXECUTABLE": str(program)}, path):
                with Store(folder, environment=environment) as store:
                    self.assertEqual(store.request("echo")["cwd"], os.path.realpath(folder))

    def test_a_directory_that_is_not_there_is_named(self) -> None:
        store = Store("/no/such/directory", FAKE)
        self.assertIn("/no/such/directory is no directory", str(self.refused("PATH_NOT_FOUND", store, "echo")))

    def test_what_json_cannot_hold_is_refused_before_anything_is_sent(self) -> None:
        with self.assertRaises((TypeError, ValueError)):
            self.fake().request("echo", {"text": float("nan")})


if __name__ == "__main__":
    unittest.main()
