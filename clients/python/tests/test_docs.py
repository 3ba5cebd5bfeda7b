"""What the pages show is run, in the order in which it stands."""

import contextlib
import importlib.util
import io
import os
import re
import unittest
from typing import Any, Dict, List
from unittest import mock

from cairn import Store, errors

from .support import AUTHOR, CAIRN, ROOT, cairn, new_workspace

GUIDE = ROOT / "docs" / "guides" / "python.md"
README = ROOT / "clients" / "python" / "README.md"


def blocks(text: str) -> List[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class PagesTest(unittest.TestCase):
    def run_page(self, text: str) -> str:
        root, _ = new_workspace(self.addCleanup)
        if "prices.csv" in text:
            (root / "prices.csv").write_text("day,close\n2026-01-30,0.1\n", encoding="utf-8")
            cairn(root, "add", "prices.csv")
            cairn(root, "commit", "-m", "prices")
        names: Dict[str, Any] = {}
        said = io.StringIO()
        variables = {"CAIRN_EXECUTABLE": CAIRN, "CAIRN_AUTHOR": AUTHOR}
        with mock.patch.dict(os.environ, variables), contextlib.redirect_stdout(said):
            try:
                for block in blocks(text):
                    library = re.match(r"# with (\w+)\n", block)
                    code = compile(block, "page", "exec")
                    if library is None or importlib.util.find_spec(library[1]) is not None:
                        exec(code, names)
            finally:
                store = names.get("store")
                if isinstance(store, Store):
                    store.close()
        return said.getvalue()

    def test_the_readme_shows_code_that_runs(self) -> None:
        self.assertRegex(self.run_page(README.read_text(encoding="utf-8")), r"^[0-9a-f]{64}\n$")

    def test_the_guide_shows_code_that_runs(self) -> None:
        text = GUIDE.read_text(encoding="utf-8")
        self.assertGreater(len(blocks(text)), 5)
        self.assertIn("prices/daily", self.run_page(text))

    def test_the_guide_lists_every_code_of_the_client(self) -> None:
        listed = set(re.findall(r"^\| `(CLIENT_\w+)`", GUIDE.read_text(encoding="utf-8"), re.MULTILINE))
        self.assertEqual(listed, set(re.findall(r"^(CLIENT_\w+) ", errors.__doc__ or "", re.MULTILINE)))
        used = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "clients/python/cairn").glob("*.py"))
        self.assertEqual(listed, set(re.findall(r'"(CLIENT_\w+)"', used)))


if __name__ == "__main__":
    unittest.main()
