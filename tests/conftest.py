"""What holds for all tests."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes depends on what else the machine does, and no test of ours asserts a time.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
# The same examples each time, so that a change is red for what is in it. `--hypothesis-profile=explore` looks further.
settings.register_profile("same", _UNTIMED, derandomize=True, database=None)
settings.register_profile("explore", _UNTIMED, derandomize=False)
settings.load_profile("same")


# Tests start Python by the thousand: none of them is to compile what another one has compiled.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        # As a shell leaves it for what it runs in the background: what tests start and interrupt would not notice.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "fault(id, vendor): shows what happens after a fault; see tests/fault_table.py")
