"""The faults that live runs are tested with, and which test shows each of them for each vendor.

How to claim cells. A test says what it proves, and is run once for each vendor that it names:

    from fault_table import fault

    @fault("http-429-once")                          # one case for each real CLI: codex, claude, gemini, opencode
    def test_one_rate_limit_is_retried(vendor: str) -> None: ...

    @fault("cli-missing", "codex", "command")        # these only; fixtures of the test may ask for `vendor` too
    def test_a_missing_program_is_told(vendor: str) -> None: ...

    @pytest.mark.fault("fifos", "codex")             # a test that is not run by vendor; several such marks may stand
    @pytest.mark.fault("fifos", "claude")            # above each other
    def test_a_fifo_is_not_opened() -> None: ...

Tests that claim cells may stand anywhere below `tests/`; those with the real CLIs stand in `tests/live/faults/`.

How to say that a cell cannot be: a line in `tests/fault_reasons.py`.

The page is made anew by `PYTHONPATH=tests python tests/fault_table.py docs/faults.md`; tests/live/test_fault_table.py
fails where it is not up to date, where a cell is empty, and where one is both tested and excused.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

CLIS: Final = ("codex", "claude", "gemini", "opencode")
VENDORS: Final = (*CLIS, "command", "function")
"""The columns: the real CLIs, any other program, and Python functions."""

TESTS: Final = Path(__file__).parent
_CLAIMS: Final = re.compile(r"\bmark\.fault\(|^from (?:fault_table|live\.faults\.claims) import ", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    id: str
    words: str
    """What goes wrong, as a heading."""
    group: str


def _group(group: str, **faults: str) -> tuple[Fault, ...]:
    return tuple(Fault(id=id.replace("_", "-"), words=words, group=group) for id, words in faults.items())


FAULTS: Final = (
    *_group(
        "The program cannot be started",
        cli_missing="it is not there",
        cli_not_executable="it may not be executed",
        cli_wrong_version="it is too old",
        cli_wrong_flag="it is given an argument that it does not know",
    ),
    *_group(
        "The provider fails",
        no_key="there is no key",
        http_401="every request is answered with 401",
        http_429_once="one request is answered with 429",
        http_429_for_ever="every request is answered with 429",
        http_500_for_ever="every request is answered with 500",
        connection_refused="nothing listens where the provider should be",
        silent_server="the provider takes requests and says nothing",
        stream_cut="the provider breaks off in the middle of its answer",
    ),
    *_group(
        "Somebody is killed",
        sigkill_cli="SIGKILL of the agent's process",
        sigterm_cli="SIGTERM of the agent's process",
        sigkill_launcher="SIGKILL of the launcher that started the real program",
        sigterm_launcher="SIGTERM of the launcher that started the real program",
        sigkill_worker="SIGKILL of the xdist worker",
        sigterm_worker="SIGTERM of the xdist worker",
        sigkill_pytest="SIGKILL of pytest",
        sigterm_pytest="SIGTERM of pytest",
    ),
    *_group(
        "The agent misbehaves",
        ignores_term="it ignores SIGTERM",
        daemonises="it leaves a daemon behind, in a session of its own",
        floods_200_mb="it prints 200 MB",
        line_of_50_mb="it prints one line of 50 MB",
        endless_line="it never ends a line",
        stderr_only="it writes to standard error only",
    ),
    *_group(
        "The disk and the neighbours",
        full_disk="the disk is full while it records",
        two_runs="two runs at once in one repository",
        read_only_recordings="the recordings may not be written",
    ),
    *_group(
        "Somebody is hostile",
        links_redirect_writes="links redirect what is written",
        fifos="a FIFO stands where a file should be",
        secrets_in_argv="others look for secrets in the command line",
        secrets_in_parent_environment="the agent looks for secrets in its parents' environment",
        peers_of_the_same_user="agents of the same user look at each other",
    ),
)
"""In the order of the page."""

_IDS: Final = frozenset(fault.id for fault in FAULTS)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Claim:
    """A cell, and the test that stands in it."""

    fault: str
    vendor: str
    test: str
    """From the repository's root: `tests/live/faults/test_x.py::test_y`, without parameters."""
    note: str = ""
    """Its docstring, on one line: what the vendors really do."""
    apart: bool = False
    """It does not run with every change."""


def fault(id: str, *vendors: str) -> pytest.MarkDecorator:
    """Runs a test with the argument `vendor` once for each of `vendors` (by default the real CLIs), and claims their
    cells of the fault `id`."""
    cases = [pytest.param(vendor, marks=pytest.mark.fault(id, vendor), id=vendor) for vendor in vendors or CLIS]
    return pytest.mark.parametrize("vendor", cases)


def collected() -> tuple[Claim, ...]:
    """All claims of the test suite, sorted; nothing is run. For a process of its own: it runs pytest's collection."""
    files = [str(path) for path in sorted(TESTS.rglob("test_*.py")) if _CLAIMS.search(path.read_text("utf-8"))]
    found = _Claims()
    said = io.StringIO()
    with redirect_stdout(said):
        options = (f"--rootdir={TESTS.parent}", "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider")
        code = pytest.main([*options, *files], plugins=[found])
    if code != pytest.ExitCode.OK:
        raise RuntimeError(f"the tests cannot be collected: {code!r}\n{said.getvalue()}")
    return tuple(sorted(found.claims))


class _Claims:
    """The plugin that looks at the marks."""

    def __init__(self) -> None:
        self.claims: set[Claim] = set()

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: Iterable[pytest.Item]) -> None:
        for item in items:
            for mark in item.iter_markers("fault"):
                id, vendor = mark.args
                test = item.nodeid.partition("[")[0]
                if id not in _IDS or vendor not in VENDORS:
                    raise pytest.UsageError(f"{test}: there is no cell {id!r} x {vendor!r} in tests/fault_table.py")
                note = " ".join((getattr(getattr(item, "function", None), "__doc__", None) or "").split())
                apart = item.get_closest_marker("apart") is not None
                self.claims.add(Claim(fault=id, vendor=vendor, test=test, note=note, apart=apart))


def problems(claims: Iterable[Claim], reasons: Mapping[tuple[str, str], str]) -> list[str]:
    """What is wrong with the table, each as a line; empty where every cell is filled, and in one way."""
    tested = {(claim.fault, claim.vendor) for claim in claims}
    cells = [(each.id, vendor) for each in FAULTS for vendor in VENDORS]
    found = []
    for cell in cells:
        if cell in tested and cell in reasons:
            found.append(f"{' x '.join(cell)} is tested, and excused too")
        elif cell not in tested and not reasons.get(cell):
            found.append(f"{' x '.join(cell)} is empty")
    return found + [f"{' x '.join(cell)} is excused, and is no cell" for cell in sorted(reasons.keys() - set(cells))]


if __name__ == "__main__":
    import fault_page

    fault_page.write(Path(sys.argv[1]), collected())
