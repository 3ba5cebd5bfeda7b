"""Bytes of the store through `cairn cat`, which checks them against their name before the first one leaves."""

from __future__ import annotations

import json
import subprocess
import tempfile
from typing import Any, BinaryIO, Dict, IO, List, Mapping, Optional

from .errors import CairnError
from .process import start_failure

__all__ = ["call", "open_content"]


def _failure(status: int, stdout: bytes, stderr: bytes) -> CairnError:
    said = stderr.decode("utf-8", "replace").strip()
    for line in reversed(stdout.splitlines()):
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict) and "error" in document:
            return CairnError.from_reply(document["error"], status)
    return CairnError(
        "CLIENT_PROCESS_ENDED", f"cairn ended with status {status}: {said}", data={"stderr": said}, exit_status=status
    )


def _run(
    command: List[str],
    directory: Optional[str],
    environment: Mapping[str, str],
    timeout: Optional[float],
    stdout: Any,
) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=directory,
            env=dict(environment),
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CairnError(
            "CLIENT_TIMEOUT", f"cairn has not ended within {timeout:g} s", data={"timeout": timeout}
        ) from error
    except OSError as error:
        raise start_failure(command, directory, error) from error


def call(
    command: List[str],
    arguments: List[str],
    directory: Optional[str],
    environment: Mapping[str, str],
    timeout: Optional[float] = None,
) -> Dict[str, Any]:
    """The `--json` document of one command."""
    done = _run([*command, "--json", *arguments], directory, environment, timeout, subprocess.PIPE)
    if done.returncode == 0:
        try:
            document = json.loads(done.stdout)
        except ValueError:
            document = None
        if isinstance(document, dict) and "error" not in document:
            return document
    raise _failure(done.returncode, done.stdout, done.stderr)


def open_content(
    command: List[str], rev: str, directory: Optional[str], environment: Mapping[str, str], timeout: Optional[float]
) -> BinaryIO:
    """
    The bytes of a revision as an open file of its own that is gone when it is closed. It is handed out when cairn has
    ended well, so that nobody reads half of something.
    """
    file: IO[bytes] = tempfile.TemporaryFile(prefix="cairn-")
    try:
        done = _run([*command, "--json", "cat", "--", rev], directory, environment, timeout, file)
        file.seek(0)
        if done.returncode != 0:
            raise _failure(done.returncode, file.read(1024 * 1024), done.stderr)
    except BaseException:
        file.close()
        raise
    return file  # type: ignore[return-value]
