"""What the tests share: the built program, and workspaces that are gone afterwards."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

from cairn import Store

ROOT = Path(__file__).resolve().parents[3]
CAIRN = os.environ.get("CAIRN_EXECUTABLE") or str(ROOT / "bin" / "cairn")
FAKE: List[str] = [sys.executable, "-B", str(Path(__file__).with_name("fake_cairn.py"))]
AUTHOR = "Ada Lovelace <ada@example.org>"


def cairn(directory: Path, *words: str) -> str:
    """What a command prints; a failure is an error of the test."""
    done = subprocess.run([CAIRN, *words], cwd=directory, env=environment(), stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def environment() -> Dict[str, str]:
    apart = {name: value for name, value in os.environ.items() if not name.startswith("CAIRN_")}
    return {**apart, "CAIRN_AUTHOR": AUTHOR, "GIT_CEILING_DIRECTORIES": tempfile.gettempdir()}


class WorkspaceCase(unittest.TestCase):
    """The tests of a class share a workspace and a store, and are in that directory."""

    root: Path
    store: Store

    @classmethod
    def setUpClass(cls) -> None:
        cls.root, cls.store = new_workspace(cls.addClassCleanup)

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def commit(self, name: str, text: str) -> Path:
        path = self.write(name, text)
        cairn(self.root, "add", name)
        cairn(self.root, "commit", "-m", f"add {name}")
        return path


def new_workspace(cleanup: Callable[..., Any]) -> Tuple[Path, Store]:
    """A workspace and its store, gone afterwards; the program is in that directory until then."""
    folder = tempfile.TemporaryDirectory(prefix="cairn-python-")
    cleanup(folder.cleanup)
    root = Path(folder.name).resolve()
    cleanup(os.chdir, os.getcwd())
    os.chdir(root)
    cairn(root, "init")
    store = Store(executable=CAIRN, author=AUTHOR, timeout=60)
    cleanup(store.close)
    return root, store
