"""The run directory: its shape and modes, two runs at once, what is hostile in the way, what a kill leaves."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.transcript import run_directory
from pytest_subagents.transcript.run_directory import RunDirectory, alive, folder_name, latest, runs_of, trusted_above
from pytest_subagents.transcript.run_state import StateError
from pytest_subagents.writing import write_file

NOON = datetime(2025, 1, 2, 12, 0, 0, 5, tzinfo=UTC)


def _begin(rootdir: Path, *, after: int = 0, root: str = ".subagents") -> RunDirectory:
    return RunDirectory.create(rootdir / root, below=rootdir, started=NOON + timedelta(seconds=after))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_run_has_a_folder_that_git_ignores_and_nobody_else_reads(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    root = tmp_path / ".subagents"
    assert run.name.startswith("20250102T120000.000005Z-")
    assert run.path == root / "runs" / run.name
    assert run.root == root
    assert (root / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert os.readlink(root / "latest") == f"runs/{run.name}"
    assert {_mode(path) for path in (root, root / "runs", run.path)} == {0o700}
    assert {_mode(path) for path in (root / ".gitignore", run.path / "run.lock")} == {0o600}


def test_two_processes_may_make_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sees what the other has made so far, in the middle of writing a file."""
    begun = []

    def written_by_two(path: Path, *args: object, **keywords: object) -> None:
        monkeypatch.undo()
        half = path.with_name(f"{path.name}.part")
        half.touch()
        begun.append(_begin(tmp_path, after=1))
        half.unlink()
        write_file(path, *args, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(run_directory, "write_file", written_by_two)
    begun.append(_begin(tmp_path))
    assert set(runs_of(tmp_path / ".subagents")) == {run.path for run in begun}
    assert len(begun) == 2


def test_a_run_is_named_by_utc_whatever_the_zone_is(tmp_path: Path) -> None:
    zone = datetime.fromisoformat("2025-01-02T02:00:00+05:00")
    run = RunDirectory.create(tmp_path / ".subagents", below=tmp_path, started=zone)
    assert run.name.startswith("20250101T210000.000000Z-")


def test_a_folder_that_was_open_to_all_is_closed(tmp_path: Path) -> None:
    (tmp_path / ".subagents/runs").mkdir(parents=True)
    (tmp_path / ".subagents").chmod(0o777)
    assert _mode(_begin(tmp_path).root) == 0o700


def test_runs_are_listed_from_the_oldest_and_the_newest_is_the_latest(tmp_path: Path) -> None:
    made = [_begin(tmp_path, after=seconds) for seconds in (30, 10, 20)]
    root = tmp_path / ".subagents"
    assert runs_of(root) == (made[1].path, made[2].path, made[0].path)
    assert latest(root) == made[2].path
    (root / "latest").unlink()
    assert latest(root) == made[0].path


def test_where_nothing_ran_there_is_no_run(tmp_path: Path) -> None:
    assert runs_of(tmp_path / ".subagents") == ()
    assert latest(tmp_path / ".subagents") is None
    assert not alive(tmp_path / ".subagents/runs/none")


@pytest.mark.parametrize("target", ["../../elsewhere", "runs/../../elsewhere", "/etc", "runs/none", "runs/link"])
def test_a_latest_that_somebody_bent_is_not_believed(tmp_path: Path, target: str) -> None:
    run = _begin(tmp_path)
    (run.root / "runs/link").symlink_to("/etc")
    (run.root / "latest").unlink()
    (run.root / "latest").symlink_to(target)
    assert latest(run.root) == run.path


def test_what_is_no_run_is_not_listed(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    runs = run.root / "runs"
    (runs / "20250102T120000.000005Z-0000000g").mkdir()
    (runs / "20250102T120000.000005Z-00000000").symlink_to("/etc")
    (runs / "20250102T120000.000005Z-00000001").touch()
    (runs / ".new-20250102T120000.000005Z-00000002").mkdir()
    assert runs_of(run.root) == (run.path,)


def test_a_worker_opens_the_run_by_its_path(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    opened = RunDirectory.open(Path(str(run.path)))
    assert opened == RunDirectory(path=run.path)
    opened.write_json("run.json", {"a": 1})
    assert run.read_json("run.json", dict[str, int]) == {"a": 1}
    opened.release()
    assert alive(run.path)
    for wrong in (tmp_path, run.root, run.path / "nothing", run.root / "latest"):
        with pytest.raises(BadUsage, match="is no run"):
            RunDirectory.open(wrong)


# --- life --------------------------------------------------------------------------------------------------------

_OTHER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pytest_subagents.transcript.run_directory import RunDirectory
rootdir = Path(sys.argv[1])
run = RunDirectory.create(rootdir / ".subagents", below=rootdir, started=datetime(2025, 1, 2, tzinfo=UTC))
print(run.path, flush=True)
sys.stdin.read()
"""


def _other_process(rootdir: Path) -> tuple[subprocess.Popen[str], Path]:
    """A process that has begun a run and holds it until its stdin ends, or it is killed."""
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", _OTHER, str(rootdir)], stdin=pipe, stdout=pipe, text=True)
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_run_lives_as_long_as_its_process_also_if_that_is_killed(tmp_path: Path) -> None:
    process, path = _other_process(tmp_path)
    with process:
        assert alive(path)
        own = _begin(tmp_path)
        assert alive(own.path)
        process.kill()
        process.wait()
    assert not alive(path)
    assert alive(own.path)
    own.release()
    assert not alive(own.path)


def test_a_program_that_is_started_does_not_keep_the_run_alive(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, close_fds=False) as child:
        run.release()
        assert not alive(run.path)
        assert child.stdin is not None
        child.stdin.close()


def test_old_runs_are_removed_and_those_that_live_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNS_KEPT", 3)
    runs = [_begin(tmp_path, after=number) for number in range(3)]
    (runs[1].path / "deep/er").mkdir(parents=True)
    (runs[1].path / "deep/link").symlink_to(tmp_path)
    for run in runs[1:]:
        run.release()
    root = tmp_path / ".subagents"
    for name in (".gone-1", ".new-20240102T120000.000005Z-00000000"):
        (root / "runs" / name).mkdir()
    (root / "runs/.new-20250102T130000.000005Z-00000000").mkdir()
    new = [_begin(tmp_path, after=number) for number in (3, 4)]
    assert runs_of(root) == (runs[0].path, runs[2].path, new[0].path, new[1].path)
    assert sorted(name for name in os.listdir(root / "runs") if name.startswith(".")) == [
        ".new-20250102T130000.000005Z-00000000"
    ]
    assert latest(root) == new[1].path


def test_runs_that_begin_at_once_do_not_disturb_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RUNS_KEPT", 1)
    made: list[RunDirectory] = []
    errors: list[BaseException] = []

    def begin(number: int) -> None:
        try:
            for turn in range(10):
                run = _begin(tmp_path, after=number + turn)
                run.write_json("run.json", {"number": number})
                made.append(run)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert len({run.name for run in made}) == 40
    assert all(run.read_json("run.json", dict[str, int]) for run in made)
    assert latest(tmp_path / ".subagents") in {run.path for run in made}


def test_old_runs_removed_from_two_sides_at_once_are_gone_and_nothing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        run = _begin(tmp_path, after=number)
        for file in range(20):
            run.write_json(f"{file}.json", file)
        run.release()
    monkeypatch.setattr(limits, "RUNS_KEPT", 2)
    errors: list[BaseException] = []

    def begin(number: int) -> None:
        try:
            _begin(tmp_path, after=100 + number).release()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _begin(tmp_path, after=200)
    assert not errors
    assert len(runs_of(tmp_path / ".subagents")) == 2


# --- agents ------------------------------------------------------------------------------------------------------


def test_an_item_has_a_folder_and_each_attempt_one_below_it(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    folder = run.agent_folder("subagents.yaml::math")
    assert folder == run.path / "subagents.yaml%3a%3amath"
    assert run.agent_folder("subagents.yaml::math", 2) == folder / "2"
    assert run.agent_folder("subagents.yaml::math") == folder
    assert {_mode(path) for path in (folder, folder / "2")} == {0o700}


_NODEIDS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="ab/.[]:-0123@%", max_size=12),
    st.sampled_from(["run.json", "run.lock", "../x", "/etc", "a/run.json", "x" * 2000, "x" * 1999 + "y", "\ud800"]),
)


@given(st.lists(st.tuples(_NODEIDS, st.none() | st.integers(1, 3)), max_size=8, unique=True))
def test_other_items_and_attempts_have_other_folders(keys: list[tuple[str, int | None]]) -> None:
    names = [folder_name(nodeid, attempt) for nodeid, attempt in keys]
    assert len(set(names)) == len(keys)
    for name in names:
        assert not name.startswith("/")
        assert ".." not in name.split("/")
        assert len(os.fsencode(name)) <= limits.PATH_BYTES + 2
        assert name.split("/")[0] not in {"run.json", "run.lock"}
        assert not name.endswith((".json", ".lock", ".jsonl", ".tmp"))


def test_a_link_in_the_place_of_an_items_folder_is_not_followed(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    victim = tmp_path / "victim"
    victim.mkdir()
    (run.path / "a").symlink_to(victim)
    with pytest.raises(StateError, match="a link"):
        run.agent_folder("a")
    with pytest.raises(StateError, match="a link"):
        run.write_json("a/result.json", 1)
    with pytest.raises(StateError, match="a link"):
        run.read_json("a/result.json", int)
    assert os.listdir(victim) == []


def test_a_run_directory_that_becomes_a_link_in_the_middle_of_a_run_is_not_followed(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    run.root.rename(tmp_path / "victim")
    run.root.symlink_to(tmp_path / "victim")
    with pytest.raises(StateError, match="a link"):
        run.write_json("run.json", 1)
    with pytest.raises(StateError, match="a link"):
        run.agent_folder("a")
    assert sorted(os.listdir(tmp_path / "victim/runs" / run.name)) == ["run.lock"]


# --- what is in the way --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", [".subagents", "state/run"])
def test_a_link_in_the_place_of_the_run_directory_is_refused(tmp_path: Path, place: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    rootdir = tmp_path / "project"
    rootdir.mkdir()
    (rootdir / place).parent.mkdir(exist_ok=True)
    (rootdir / place).symlink_to(victim)
    with pytest.raises(BadUsage, match="it is a link or no folder") as caught:
        _begin(rootdir, root=place)
    assert caught.value.where == str(rootdir / place)
    assert "--subagents-run-dir" in (caught.value.hint or "")
    assert os.listdir(victim) == []


@pytest.mark.parametrize("inner", ["runs", ".gitignore", "latest"])
def test_links_inside_of_the_run_directory_are_refused_or_replaced(tmp_path: Path, inner: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    root = tmp_path / ".subagents"
    root.mkdir()
    (root / ".gitignore").write_text("*\n", encoding="utf-8")
    (root / inner).unlink(missing_ok=True)
    (root / inner).symlink_to(tmp_path / "file" if inner == ".gitignore" else victim)
    if inner == "latest":
        assert latest(_begin(tmp_path).root)
    else:
        with pytest.raises(BadUsage, match="cannot be the run directory"):
            _begin(tmp_path)
    assert os.listdir(victim) == []
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


def test_a_file_in_the_place_of_the_run_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".subagents").write_text("x", encoding="utf-8")
    with pytest.raises(BadUsage, match="it is a link or no folder"):
        _begin(tmp_path)


def test_a_folder_in_the_place_of_latest_is_refused(tmp_path: Path) -> None:
    run = _begin(tmp_path)
    (run.root / "latest").unlink()
    (run.root / "latest").mkdir()
    with pytest.raises(BadUsage, match="cannot be the run directory"):
        _begin(tmp_path)


@pytest.mark.parametrize("root", [".", "..", "src"])
def test_a_folder_with_a_persons_files_does_not_become_a_run_directory(tmp_path: Path, root: str) -> None:
    """All in it would be hidden from git."""
    project = tmp_path / "project"
    (project / "src").mkdir(parents=True)
    (project / "src/a.py").touch()
    place = Path(os.path.normpath(project / root))
    with pytest.raises(BadUsage, match="cannot be the run directory"):
        RunDirectory.create(place, below=project, started=NOON)
    assert not (place / ".gitignore").exists()


def test_a_run_directory_outside_of_the_project_is_made_with_its_parents(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    run = RunDirectory.create(tmp_path / "far/away/state", below=tmp_path / "project", started=NOON)
    assert latest(tmp_path / "far/away/state") == run.path
    assert trusted_above(tmp_path / "far/away/state", tmp_path / "project") == tmp_path / "far/away"
    assert trusted_above(tmp_path / "project/.subagents", tmp_path / "project") == tmp_path / "project"
