"""What this process knows is not for other processes of the same user."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOOK = """
import ctypes, os, sys
from pytest_subagents.runners.supervision.dumpable import hide_environment

if os.getuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # a change of user has the same effect as what is tested, so it is undone

def seen():
    reader, writer = os.pipe()
    parent = os.getpid()
    if os.fork() == 0:
        try:
            found = b"yes" if b"A_SECRET=x" in open(f"/proc/{parent}/environ", "rb").read() else b"no"
        except PermissionError:
            found = b"refused"
        os.write(writer, found)
        os._exit(0)
    os.wait()
    return os.read(reader, 100).decode()

print(seen())
hide_environment()
print(seen())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there is no /proc")
def test_a_child_of_the_same_user_cannot_read_the_environment() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOOK], env={**os.environ, "A_SECRET": "x"}, capture_output=True, text=True, check=False
    )
    assert (done.stdout.split(), done.stderr) == (["yes", "refused"], "")
