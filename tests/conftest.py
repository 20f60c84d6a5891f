"""What holds for all tests."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from apart import leave_out
from hypothesis import HealthCheck, settings
from waiting import spread

# How long an example takes depends on what else the machine does, and no test of ours asserts a time.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples each time, so that a change is red for what is in it. `--hypothesis-profile=explore` looks further.
settings.register_profile("same", _UNTIMED, derandomize=True, database=None)
settings.register_profile("explore", _UNTIMED, derandomize=False)
settings.load_profile("same")


# Tests start Python by the thousand: none of them is to compile what another one has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Nor does what they do belong into the summary of a job that runs them.
for _name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
    os.environ.pop(_name, None)


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # As a shell leaves it for what it runs in the background: what tests start and interrupt would not notice.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "apart: runs only with SUBAGENTS_TESTS=all; see tests/apart.py")
    config.addinivalue_line("markers", "fault(id, vendor): shows what happens after a fault; see tests/fault_table.py")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    leave_out(config, items)
    spread(items)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", os.fsencode(place), b"tmpfs", 0, b"size=1m,mode=700"):
        why = f"no file system can be mounted here: {os.strerror(ctypes.get_errno())}"
        if os.environ.get("SUBAGENTS_REQUIRE"):
            pytest.fail(why)
        pytest.skip(why)
    yield place
    libc.umount2(os.fsencode(place), 2)
