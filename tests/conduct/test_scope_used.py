"""What is kept of what a live run read and wrote: its real diff, and nothing secret."""

from __future__ import annotations

from pathlib import Path

from pytest_subagents.conduct.candidate import Facts
from pytest_subagents.conduct.scope_used import scope_used
from pytest_subagents.model import limits
from pytest_subagents.model.scope_use import ScopeUse
from pytest_subagents.runners.live_interface import Executed
from pytest_subagents.runners.supervision.order import Ending
from pytest_subagents.transcript.redaction.redactor import Redactor, redactor_for
from pytest_subagents.workspace.change import Diff, Entry, FileDifference

FILE = Entry(mode="100644", id="0" * 40)


def facts(used: ScopeUse | None, *changed: str, diffed: bool = True) -> Facts:
    differences = tuple(FileDifference(raw=path.encode(), path=path, before=None, after=FILE) for path in changed)
    executed = Executed(
        ending=Ending(cause="exited", exit_code=0), vendor="command", stream=Path("s"), stderr=Path("e"), used=used
    )
    diff = Diff(patch=b"", differences=differences, base_tree="", tree="") if diffed else None
    return Facts(executed=executed, workspace=Path("/w"), diff=diff)


def test_the_diff_is_all_that_was_written() -> None:
    told = ScopeUse(read=("a",), written=("lie",), unknown=1)
    assert scope_used(facts(told, "b", "a"), Redactor()) == ScopeUse(
        read=("a",), written=("a", "b"), unknown=1, diffed=True
    )
    assert scope_used(facts(told, diffed=False), Redactor()) == told


def test_who_never_ran_has_used_nothing() -> None:
    assert scope_used(facts(None), Redactor()) is None


def test_secrets_and_paths_of_the_machine_are_cut_out() -> None:
    redactor = redactor_for(secrets=["hunter2hunter2"], homes=["/home/ann"])
    told = ScopeUse(outside=("/home/ann/.npmrc",), read=("hunter2hunter2.txt",), searched=("x/hunter2hunter2*",))
    found = scope_used(facts(told, "out/hunter2hunter2"), redactor)
    assert found == ScopeUse(
        outside=("<home>/.npmrc",),
        read=("<redacted>.txt",),
        searched=("x/<redacted>*",),
        written=("out/<redacted>",),
        diffed=True,
    )


def test_of_a_large_diff_a_part_is_kept() -> None:
    found = scope_used(facts(ScopeUse(), *(f"{number:05}" for number in range(limits.SCOPE_PATHS + 1))), Redactor())
    assert found is not None
    assert (len(found.written), found.more) == (limits.SCOPE_PATHS, True)
