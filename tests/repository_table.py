"""Every kind of repository, and everything that an agent may do to one, with what comes of it: a table in the docs.

A row is here because a test shows it. The tests in tests/conduct/test_every_repository.py are run once for each row
that names none; the others are named. `PYTHONPATH=tests python tests/repository_table.py docs/workspaces.md` makes the
tables anew; tests/conduct/test_repository_table.py fails where they are not up to date, or a named test is not there.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = "tests/conduct/test_every_repository.py"
WORKS: Final = "works"
_HOSTILE: Final = "tests/workspace/test_hostile_checkout.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    what: str
    outcome: str
    """`works`, with what that means; or the message with which the run ends (exit code 4)."""
    tests: tuple[str, ...] = ()
    """`file::test`; none: the test of the group, once for this row."""


REPOSITORIES: Final = (
    Case(id="dirty", what="changes that are not committed", outcome=f"{WORKS}; they are told, carried or refused"),
    Case(id="detached", what="a detached HEAD", outcome=WORKS),
    Case(id="bare", what="a bare clone", outcome="exit 4: `is a bare git repository`"),
    Case(id="shallow", what="a shallow clone", outcome=WORKS),
    Case(id="no-git", what="no git at all", outcome="exit 4: `is not in a git repository`; `isolation: copy` works"),
    Case(id="unborn", what="no commit yet", outcome="exit 4: `has no commit yet`; `isolation: copy` works"),
    Case(id="submodule", what="a submodule", outcome=f"{WORKS}; it is an empty folder, but for `isolation: copy`"),
    Case(id="lfs", what="a file in Git LFS", outcome=f"{WORKS}; it is its pointer, but for `isolation: copy`"),
    Case(id="large", what="10,000 files", outcome=WORKS),
    Case(id="names", what="blanks, line ends and bytes that are no UTF-8 in names", outcome=WORKS),
    Case(id="case", what="names that differ in case alone", outcome=f"{WORKS}, where the file system tells them apart"),
    Case(id="crlf", what="CRLF, by `.gitattributes` or `core.autocrlf`", outcome=f"{WORKS}; bytes are those of git"),
    Case(id="link", what="a link out of the tree", outcome=f"{WORKS}; it is a link, and nobody follows it"),
    Case(
        id="sparse",
        what="a sparse checkout, a linked worktree, a packed repository, SHA-256",
        outcome=f"{WORKS}; a checkout of its own is whole",
        tests=(
            "tests/workspace/test_checkout.py::test_a_sparse_checkout_is_whole_for_the_agent",
            "tests/workspace/test_checkout.py::test_shallow_and_shared_clones_and_linked_worktrees_can_be_worked_in",
            "tests/workspace/test_checkout.py::test_a_repository_with_sha256_can_be_worked_in",
        ),
    ),
    Case(
        id="partial",
        what="a partial clone without its files",
        outcome="exit 4: `is not complete here`; nothing is fetched",
        tests=(
            "tests/workspace/test_checkout.py::test_a_partial_clone_without_its_files_is_told_and_nothing_is_fetched",
        ),
    ),
)
"""Of the person's. An agent works in it, changes two files and deletes one."""

DEEDS: Final = (
    Case(id="commits", what="commits", outcome="its changes are those of its files, committed or not"),
    Case(id="rebases", what="rewrites the history, tags, stashes, and packs", outcome="the same"),
    Case(id="deletes-git", what="deletes its `.git`, or makes it a file or a link", outcome="the same"),
    Case(
        id="fills",
        what="fills the disk",
        outcome="fails (`killed`, the disk is full), and nothing of the repository changes",
    ),
    Case(
        id="main",
        what="changes the main checkout",
        outcome="fails (`scope`) where nobody else can have done it; else that is told",
        tests=("tests/glue/test_live_sentinels.py::test_who_alone_can_have_changed_the_checkout_fails",),
    ),
    Case(
        id="leads-out",
        what="leaves a link out of the repository, a repository of its own, a name with control characters",
        outcome="fails (`scope`), whatever its scope",
        tests=(
            "tests/workspace/test_leading_out.py::test_a_link_out_of_the_repository",
            "tests/workspace/test_leading_out.py::test_a_repository_inside_and_a_name_that_no_terminal_shows",
        ),
    ),
    Case(
        id="hides",
        what="hides a change from git, or has git run its programs",
        outcome="every change is seen, nothing runs",
        tests=(
            f"{_HOSTILE}::test_whatever_an_agent_does_to_its_git_nothing_runs_and_every_change_is_seen",
            f"{_HOSTILE}::test_whatever_a_repository_brings_nothing_of_it_runs",
            "tests/merge/test_hostile_merge.py::test_no_driver_filter_or_hook_runs",
        ),
    ),
    Case(
        id="unkept",
        what="leaves a FIFO, a nested repository, names that git refuses, too deep or too large a tree",
        outcome="fails (`scope`): no patch can carry it",
        tests=(
            "tests/workspace/test_unkept.py::test_names_that_git_refuses_and_what_is_no_file_are_named",
            "tests/workspace/test_unkept.py::test_files_of_a_nested_repository_are_seen_and_its_git_directory_is_named",
            "tests/workspace/test_unkept.py::test_a_tree_that_is_too_deep_is_named_and_the_rest_is_seen",
            "tests/workspace/test_unkept.py::test_what_is_too_large_is_named_and_not_kept",
        ),
    ),
    Case(
        id="forges",
        what="forges a recorded patch: other names, mail around it, `.git`, links, modes, hunks that lie",
        outcome="the patch is not used",
        tests=(
            "tests/workspace/test_patch_reading.py::test_what_is_not_ours_is_refused",
            "tests/workspace/test_patch_reading.py::test_a_patch_that_somebody_changed_is_refused_or_read_as_git_reads_it",
            "tests/conduct/test_every_repository.py::test_a_hostile_patch_changes_nothing_that_is_not_told",
        ),
    ),
)
"""Of an agent, in a checkout of its own."""

KILLS: Final = (
    Case(id="store", what="while a base is made", outcome=WORKS),
    Case(id="place", what="while a checkout is begun", outcome=WORKS),
    Case(id="fill", what="while its files are written", outcome=WORKS),
    Case(id="agent", what="while the agent works", outcome=WORKS),
    Case(id="diff", what="while the diff is taken", outcome=WORKS),
    Case(id="leave", what="while the checkout is removed", outcome=WORKS),
    Case(
        id="publish",
        what="while the recording is written, or anywhere else",
        outcome="the old recording, the new one, or one that says that it is half written",
        tests=(
            "tests/transcript/test_recording.py::test_a_kill_between_two_files_leaves_the_old_the_new_or_a_refused_recording",
            "tests/glue/test_live_resume.py::test_after_a_kill_only_what_was_not_finished_runs",
        ),
    ),
)
"""SIGKILL. The next run finds what was left and removes it; the repository is as it was."""

_GROUPS: Final = {"repositories": REPOSITORIES, "deeds": DEEDS, "kills": KILLS}


def of_its_own(cases: tuple[Case, ...]) -> list[str]:
    """The ids of those that the test of their group is run for."""
    return [case.id for case in cases if not case.tests]


def tables() -> dict[str, str]:
    return {name: "".join(_lines(name, cases)) for name, cases in _GROUPS.items()}


def renewed(page: str) -> str:
    for name, table in tables().items():
        begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->"
        before, _, rest = page.partition(begin)
        page = before + begin + table + end + rest.partition(end)[2]
    return page


def named() -> list[str]:
    """Every test that a row names."""
    return sorted({test for cases in _GROUPS.values() for case in cases for test in _tests(case, cases)})


def _tests(case: Case, cases: tuple[Case, ...]) -> tuple[str, ...]:
    own = {id(REPOSITORIES): "test_a_repository", id(DEEDS): "test_an_agent", id(KILLS): "test_a_kill"}
    return case.tests or (f"{HERE}::{own[id(cases)]}",)


def _lines(name: str, cases: tuple[Case, ...]) -> list[str]:
    head = {"repositories": "repository", "deeds": "an agent", "kills": "SIGKILL"}[name]
    rows = [f"| {head} | outcome | tested by |\n", "|---|---|---|\n"]
    for case in cases:
        links = (test.partition("::") for test in _tests(case, cases))
        shown = ", ".join(f"[`{test}`](../{file})" for file, _, test in links)
        rows.append(f"| {case.what} | {case.outcome} | {shown} |\n")
    return rows


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text("utf-8")), encoding="utf-8", newline="\n")
