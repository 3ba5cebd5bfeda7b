"""The process of a store over time: started when it is needed, and again when it has ended."""

from __future__ import annotations

import os
import threading
from typing import Dict, List, Optional

from .errors import CairnError
from .process import OpsProcess

__all__ = ["Connection"]


class Connection:
    """The process of a store, started when it is needed and again when it has ended."""

    def __init__(self, command: List[str], directory: Optional[str], environment: Dict[str, str]) -> None:
        self.command = command
        self.directory = directory
        self.environment = environment
        self._process: Optional[OpsProcess] = None
        self._closed = False
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def _own(self) -> None:
        """A forked child has neither the threads nor the pipes: it starts a process of its own."""
        if self._owner != os.getpid():
            self._process = None
            self._begin()

    def process(self) -> OpsProcess:
        self._own()
        with self._lock:
            if self._closed:
                raise CairnError("CLIENT_CLOSED", "the store is closed", "Open another Store.")
            if self._process is None or not self._process.alive:
                self._process = OpsProcess(self.command, self.directory, self.environment)
            return self._process

    def end(self, closed: bool = True, kill: bool = False) -> None:
        self._own()
        with self._lock:
            self._closed = self._closed or closed
            process, self._process = self._process, None
        if process is not None:
            process.close(kill)
