"""One `cairn ops --stream` process, and the threads that talk to it.

A request is a line of JSON with a number of its own, and its reply repeats that number, so that any number of threads
may ask at once. One thread writes, one reads, one keeps the end of what the process says on standard error: neither
side can fill a pipe that the other is not reading. When the process ends, everybody who waits is told why.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import threading
import weakref
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Dict, List, Mapping, Optional, Union

from .errors import CairnError

__all__ = ["OpsProcess", "Reply", "start_failure"]

Reply = Union[Dict[str, Any], CairnError]

_READ_SIZE = 256 * 1024
_STDERR_KEPT = 16 * 1024
_END_WAIT = 10.0
_KILL_WAIT = 2.0

_alive: weakref.WeakSet[OpsProcess] = weakref.WeakSet()


def start_failure(command: List[str], directory: Optional[str], error: OSError) -> CairnError:
    """Why a process could not be started."""
    if directory is not None and not os.path.isdir(directory):
        return CairnError("PATH_NOT_FOUND", f"{directory} is no directory", data={"path": directory})
    return CairnError(
        "CLIENT_NO_EXECUTABLE",
        f"{command[0]} cannot be started: {error.strerror or error}",
        "Set CAIRN_EXECUTABLE to the path of cairn, or say Store(executable=…).",
        {"executable": command[0]},
    )


class OpsProcess:
    """A running process. It ends with `close`, or when this program ends."""

    def __init__(self, command: List[str], directory: Optional[str], environment: Mapping[str, str]) -> None:
        try:
            self._child = subprocess.Popen(
                [*command, "ops", "--stream"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=directory,
                env=dict(environment),
                # An interrupt from the terminal is for this program, which may have a run to record.
                start_new_session=True,
            )
        except OSError as error:
            raise start_failure(command, directory, error) from error
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._waiting: Dict[int, Future[Reply]] = {}
        self._ended: Optional[CairnError] = None
        self._closing = False
        self._said = b""
        self._told: Optional[CairnError] = None
        self._outgoing: queue.SimpleQueue[Optional[bytes]] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="cairn-write", daemon=True)
        self._listener = threading.Thread(target=self._listen, name="cairn-stderr", daemon=True)
        self._reader = threading.Thread(target=self._read, name="cairn-read", daemon=True)
        for thread in (self._writer, self._listener, self._reader):
            thread.start()
        _alive.add(self)

    @property
    def alive(self) -> bool:
        """Requests can still be sent."""
        return self._ended is None and not self._closing

    def send(self, request: Mapping[str, Any]) -> Future[Reply]:
        """Sends a request; the future gives its reply, or the error."""
        future: Future[Reply] = Future()
        with self._lock:
            if self._ended is not None or self._closing:
                future.set_result(self._ended or CairnError("CLIENT_CLOSED", "the store is closed"))
                return future
            number = next(self._numbers)
            line = json.dumps({**request, "id": number}, allow_nan=False, separators=(",", ":"))
            self._waiting[number] = future
            self._outgoing.put(line.encode("ascii") + b"\n")
        return future

    def answer(self, future: Future[Reply], timeout: Optional[float]) -> Dict[str, Any]:
        """Waits for a reply; raises what went wrong."""
        try:
            reply = future.result(timeout)
        except FutureTimeout as error:
            raise CairnError(
                "CLIENT_TIMEOUT",
                f"cairn has not answered within {timeout:g} s",
                "What was asked may still happen. Store.restart() ends a process that hangs.",
                {"timeout": timeout},
            ) from error
        if isinstance(reply, CairnError):
            # A copy: several threads may be told of the same end.
            raise CairnError(*reply.args)
        error_told = reply.get("error")
        if error_told is not None:
            raise CairnError.from_reply(error_told)
        return reply

    def close(self, kill: bool = False) -> None:
        """Lets the process finish what it was asked and ends it; `kill` ends it at once."""
        with self._lock:
            self._closing = True
            self._outgoing.put(None)
        if kill:
            self._child.kill()
        self._reader.join(_END_WAIT)
        if self._reader.is_alive():
            self._child.terminate()
            self._reader.join(_KILL_WAIT)
        if self._reader.is_alive():
            self._child.kill()
            self._reader.join(_KILL_WAIT)

    def forget(self) -> None:
        """In a forked child: lets go of pipes that belong to the parent."""
        for pipe in (self._child.stdin, self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()
        # So that it is not waited for: it is no child of this process.
        self._child.returncode = 0

    def _write(self) -> None:
        stdin = self._child.stdin
        assert stdin is not None
        while True:
            line = self._outgoing.get()
            try:
                if line is None:
                    stdin.close()
                    return
                view = memoryview(line)
                while view:
                    view = view[stdin.write(view) :]
            except OSError:
                # The process has gone; the reader sees that too, and tells everybody why.
                stdin.close()
                return

    def _listen(self) -> None:
        stderr = self._child.stderr
        assert stderr is not None
        with stderr:
            while True:
                said = stderr.read(_READ_SIZE)
                if not said:
                    return
                self._said = (self._said + said)[-_STDERR_KEPT:]

    def _read(self) -> None:
        stdout = self._child.stdout
        assert stdout is not None
        pieces: List[bytes] = []
        wrong: Optional[CairnError] = None
        with stdout:
            while wrong is None:
                read = stdout.read(_READ_SIZE)
                if not read:
                    break
                lines = read.split(b"\n")
                for line in lines[:-1]:
                    wrong = self._take(b"".join([*pieces, line]))
                    pieces.clear()
                    if wrong is not None:
                        break
                pieces.append(lines[-1])
        self._end(wrong)

    def _take(self, line: bytes) -> Optional[CairnError]:
        """Gives a reply to who waits for it; returns what is wrong with it."""
        try:
            reply = json.loads(line)
        except ValueError:
            reply = None
        number = reply.get("id") if isinstance(reply, dict) else None
        with self._lock:
            future = self._waiting.pop(number, None) if isinstance(number, int) else None
        if future is not None:
            future.set_result(reply)
            return None
        if isinstance(reply, dict) and number is None and "error" in reply:
            # A store that cannot be opened, or a line that cairn cannot read. Replies come in order: it is the oldest.
            self._told = CairnError.from_reply(reply["error"])
            with self._lock:
                oldest = next(iter(self._waiting), None)
                future = None if oldest is None else self._waiting.pop(oldest)
            if future is not None:
                future.set_result(self._told)
            return None
        text = line[:200].decode("utf-8", "replace")
        return CairnError(
            "CLIENT_BAD_REPLY", f"cairn answered with a line that belongs to no request: {text}", data={"line": text}
        )

    def _end(self, wrong: Optional[CairnError]) -> None:
        if wrong is not None:
            self._child.kill()
        try:
            status = self._child.wait(_END_WAIT)
        except subprocess.TimeoutExpired:
            self._child.kill()
            status = self._child.wait()
        self._listener.join(_KILL_WAIT)
        with self._lock:
            waiting = list(self._waiting.values())
            self._waiting.clear()
            self._ended = wrong or self._why(status, len(waiting))
            self._outgoing.put(None)
        for future in waiting:
            future.set_result(self._ended)

    def _why(self, status: int, waiting: int) -> CairnError:
        told = self._told
        if told is not None and status > 0:
            return CairnError(told.code, told.message, told.hint, told.data, status)
        said = self._said.decode("utf-8", "replace").strip()
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        what = f"{waiting} request{'' if waiting == 1 else 's'} waiting"
        return CairnError(
            "CLIENT_PROCESS_ENDED",
            f"the cairn process {how}, with {what}" + (f": {said}" if said else ""),
            "The next request starts a new process.",
            {"stderr": said, "waiting": waiting},
            status,
        )


def _forget_all() -> None:
    for process in list(_alive):
        process.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
