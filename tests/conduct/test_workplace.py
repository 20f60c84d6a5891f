"""Where each subagent works, what it finds there, and what is told of what it changed."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest
from as_owner import as_owner
from repositories import ARepository, Tripwire, digest_of, kinds, plain_git
from workplaces import an_assignment, begun, checked, ended, files_below, workplaces

from pytest_subagents.conduct.workplace import Workplace
from pytest_subagents.errors import BadUsage
from pytest_subagents.model.reason import Reason
from pytest_subagents.runners.supervision.stop import Stop
from pytest_subagents.workspace.slots import locked


@pytest.fixture
def person(tmp_path: Path) -> ARepository:
    """With changes of every kind that are not committed."""
    found = ARepository(tmp_path / "person")
    found.write(".gitignore", "ignored/\n.subagents/\n")
    found.commit()
    found.write("a.txt", "changed\n")
    found.write("staged.txt", "staged\n")
    found.git("add", "staged.txt")
    (found.path / "src/b.py").unlink()
    found.write("new folder/deep/new\n.txt", "new\n")
    (found.path / "new-link").symlink_to("/etc/passwd")
    found.write("ignored/x", "x\n")
    found.write("recordings/team/a.jsonl", "ours\n")
    return found


def test_what_is_not_committed_is_carried_and_stays_as_it_is(person: ARepository) -> None:
    before = {name: digest_of(person.path / name) for name in (".git", "new folder", "src")}
    places = workplaces(person.path, "carry")
    place = begun(places)
    found = files_below(place.folder)
    assert found["a.txt"] == "changed\n"
    assert found["staged.txt"] == "staged\n"
    assert found["new folder/deep/new\n.txt"] == "new\n"
    assert found["new-link"] == "-> /etc/passwd"
    assert not {"src/b.py", "ignored/x", "recordings/team/a.jsonl"} & found.keys()
    assert plain_git(place.folder, "status", "--porcelain") == ""
    assert plain_git(place.folder, "rev-parse", "HEAD^") == person.git("rev-parse", "HEAD")
    (place.folder / "a.txt").write_text("by the agent\n", encoding="utf-8")
    assert place.base_of is not None
    assert place.base_of.kind == "uncommitted"
    diff = ended(places, place)
    assert kinds(diff) == {"a.txt": "update"}
    assert b"-changed\n+by the agent\n" in diff.patch
    assert {name: digest_of(person.path / name) for name in before} == before


def test_what_is_carried_is_what_was_there_at_first(person: ARepository) -> None:
    places = workplaces(person.path, "carry")
    places.look_for_uncommitted()
    person.write("a.txt", "later\n")
    assert (begun(places).folder / "a.txt").read_text("utf-8") == "changed\n"


def test_a_clean_checkout_is_head_alone(tmp_path: Path) -> None:
    person = ARepository(tmp_path / "clean")
    assert begun(workplaces(person.path, "carry")).base_of is None


@pytest.mark.parametrize("kind", ["nested", "closed", "large"])
def test_what_cannot_be_carried_is_told(person: ARepository, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "nested":
        ARepository(person.path / "vendor/lib")
        words = "vendor/lib/ is a repository of its own: that cannot be part of a tree"
    elif kind == "closed":
        person.write("a.txt", "x", mode=0)
        words = "a.txt cannot be read: permission denied"
    else:
        monkeypatch.setattr("pytest_subagents.model.limits.CHANGED_FILE_BYTES", 3)
        words = "has 8 bytes, more than is kept"
    with as_owner():
        if kind == "closed":
            with pytest.raises(PermissionError):
                (person.path / "a.txt").read_text(encoding="utf-8")
        with pytest.raises(BadUsage, match=words):
            workplaces(person.path, "carry").look_for_uncommitted()


def test_in_the_middle_of_a_merge_nothing_is_carried(tmp_path: Path) -> None:
    """A file with git's conflict markers in it is nothing to start from."""
    person = ARepository(tmp_path / "person")
    person.git("checkout", "-q", "-b", "other")
    person.write("a.txt", "other\n")
    person.commit()
    person.git("checkout", "-q", "main")
    person.write("a.txt", "main\n")
    person.commit()
    with pytest.raises(AssertionError):
        person.git("merge", "-q", "other")
    before = digest_of(person.path / ".git")
    with pytest.raises(BadUsage, match=r"a.txt is not merged: git waits for you to resolve it"):
        workplaces(person.path, "carry").look_for_uncommitted()
    assert digest_of(person.path / ".git") == before


@pytest.mark.parametrize("kind", ["repository", "unborn", "none"])
def test_a_copy_has_the_files_as_they_are(person: ARepository, kind: str) -> None:
    if kind != "repository":
        (person.path / ".git").rename(person.path.parent / "away")
    if kind == "unborn":
        plain_git(person.path, "init", "-q")
    person.write(".venv/bin/python", "x")
    places = workplaces(person.path)
    place = begun(places, "copy")
    ignored = {"ignored/x": "x\n"} if kind == "none" else {".venv/bin/python": "x"}
    assert files_below(place.folder) == {
        ".gitignore": "ignored/\n.subagents/\n",
        "a.txt": "changed\n",
        "link": "-> a.txt",
        "new folder/deep/new\n.txt": "new\n",
        "new-link": "-> /etc/passwd",
        "run.sh": "#!/bin/sh\n",
        "src/deep/c.bin": "\0\1\2binary\xff",
        "staged.txt": "staged\n",
        **ignored,
    }
    assert not (place.folder / ".git").exists()
    assert os.access(place.folder / "run.sh", os.X_OK)
    (place.folder / "src/deep/c.bin").write_bytes(b"\0other")
    (place.folder / "link").unlink()
    diff = ended(places, place)
    assert kinds(diff) == {"link": "delete", "src/deep/c.bin": "update"}
    assert b"GIT binary patch" in diff.patch


def test_a_copy_has_what_is_in_a_submodule(person: ARepository, tmp_path: Path) -> None:
    inner = ARepository(tmp_path / "inner")
    plain_git(person.path, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.path), "libs/inner")
    person.commit()
    places = workplaces(person.path)
    place = begun(places, "copy")
    assert (place.folder / "libs/inner/a.txt").read_text("utf-8") == "one\n"
    assert not (place.folder / "libs/inner/.git").exists()
    (place.folder / "libs/inner/a.txt").write_text("two\n", encoding="utf-8")
    assert kinds(ended(places, place)) == {"libs/inner/a.txt": "update"}


def test_a_copy_runs_nothing_of_the_repository(person: ARepository, tmp_path: Path) -> None:
    trip = Tripwire(tmp_path)
    for key in ("core.fsmonitor", "filter.x.clean", "filter.x.smudge", "filter.x.process"):
        person.git("config", key, str(trip.script))
    person.write(".gitattributes", "* filter=x text eol=crlf ident\n")
    for isolation in ("copy", "none", "worktree"):
        person.write("a.txt", "before\n")
        places = workplaces(person.path, "carry")
        trip.disarm()
        place = begun(places, isolation)
        (place.folder / "a.txt").write_text("$Id$\r\n", encoding="utf-8")
        assert kinds(ended(places, place)) == {"a.txt": "update"}
        assert not trip.ran
        places.work.rmdir()


@pytest.mark.parametrize("repository", [True, False])
def test_a_writer_in_the_persons_files_is_known_by_what_is_another_one(person: ARepository, repository: bool) -> None:
    """Whatever it tells git to overlook."""
    if not repository:
        (person.path / ".git").rename(person.path.parent / "away")
    places = workplaces(person.path)
    place = begun(places, "none")
    assert place.folder == person.path
    if repository:
        person.git("update-index", "--skip-worktree", "run.sh")
        person.write(".git/info/exclude", "*\n")
        person.git("config", "core.fileMode", "false")
        person.git("commit", "-q", "-a", "-m", "mine")
    state = (person.path / "staged.txt").stat()
    person.write("staged.txt", "STAGED\n")
    os.utime(person.path / "staged.txt", ns=(state.st_atime_ns, state.st_mtime_ns))
    (person.path / "run.sh").chmod(0o644)
    person.write("ignored/x", "y\n")
    person.write("hidden.txt", "new\n")
    (person.path / "new-link").unlink()
    person.write(".pytest_cache/x", "x")
    os.mkfifo(person.path / "pipe")
    diff = ended(places, place)
    assert kinds(diff) == {
        "hidden.txt": "add",
        "ignored/x": "update",
        "new-link": "delete",
        "run.sh": "update",
        "staged.txt": "update",
    }
    assert [(each.path, each.kind) for each in diff.unkept] == [("pipe", "special")]
    assert b"-staged\n+STAGED\n" in diff.patch


def test_a_second_try_in_the_persons_files_counts_what_the_first_one_left(person: ARepository) -> None:
    places = workplaces(person.path)
    begun(places, "none")
    person.write("one.txt", "x")
    place = begun(places, "none")
    assert kinds(ended(places, place)) == {"one.txt": "add"}


def test_one_writer_at_a_time_is_in_the_persons_files(person: ARepository) -> None:
    stop = Stop()
    places = workplaces(person.path, stop=stop)
    held = locked(places.work.parent / "checkout.lock", below=person.path)
    assert held is not None
    stop.ask("the budget is spent")
    assert places.of(an_assignment(isolation="none")) == Reason(kind="stopped", message="the budget is spent")
    os.close(held)
    with closing(stop):
        assert isinstance(places.of(an_assignment(isolation="none")), Workplace)


def test_a_reader_works_where_it_can_see_what_it_needs(person: ARepository) -> None:
    reader, writer = an_assignment("look", write=()), an_assignment("write")
    places = workplaces(person.path)
    found = places.of(reader)
    assert isinstance(found, Workplace)
    assert (found.folder, found.diff()) == (person.path, None)
    places.beneath = lambda nodeid: (writer,)
    reason = places.of(reader)
    assert isinstance(reason, Reason)
    assert (reason.kind, reason.ceiling, reason.message) == (
        "dependency",
        "not_run",
        "needs the work of 'write', and its recording has no patch",
    )


def test_what_cannot_be_is_said_before_anything_starts(person: ARepository, tmp_path: Path) -> None:
    apart, here = an_assignment("apart"), an_assignment("here", isolation="none")
    assert checked(person.path, apart, here) == []
    assert checked(person.path, here, apart, beneath=[here]) == [
        " (agent 'apart'): it cannot have the work of 'here' in a place of its own, as that works in your files"
    ]
    assert checked(person.path, apart, here, beneath=[apart]) == [
        " (agent 'here'): it cannot have the work of 'apart' in your files, as that works in a place of its own"
    ]
    assert checked(person.path, apart, here, elsewhere=True) == [
        " (agent 'here'): 'isolation: none' cannot be had on another machine"
    ]
    assert checked(person.path, apart, uncommitted="refuse") == [
        "--subagents-uncommitted=refuse: there are 5 uncommitted changes: a.txt, new folder/, new-link, …"
    ]
    assert checked(person.path, here, uncommitted="refuse") == []
    assert checked(person.path, apart, uncommitted="carry", elsewhere=True) == [
        "--subagents-uncommitted=carry: what is not committed here cannot be carried to another machine"
    ]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert checked(empty, here, an_assignment("copied", isolation="copy")) == []
    assert checked(empty, apart) == [f" (agent 'apart'): writes, and {empty} is not in a git repository"]
    looks = an_assignment("looks", write=(), isolation="worktree")
    assert checked(empty, looks) == [
        f" (agent 'looks'): has a place of its own, and {empty} is not in a git repository"
    ]
