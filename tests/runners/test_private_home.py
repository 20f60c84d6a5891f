"""Private folders of a run: who can read them, what is copied into them, and that they are gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.model import limits
from pytest_subagents.runners.private_home import PrivateHome, private_home

NOBODY = 65534


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository, with a folder `run` for one run of an agent."""
    (tmp_path / "run").mkdir(mode=0o700)
    return tmp_path


def opened(root: Path, source: str | None = None) -> contextlib.AbstractContextManager[PrivateHome]:
    return private_home(root / "run", config_folder=".claude", rootdir=root, source=source, where="agents.yaml:3")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def put(path: Path, text: str = "x", mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_the_folders_are_there_for_their_owner_only_whatever_the_umask_and_gone_afterwards(root: Path) -> None:
    before = os.umask(0)
    try:
        with opened(root) as found:
            assert [mode(each) for each in (found.home, found.temporary, found.config)] == [0o700] * 3
            assert found.config == root / "run/home/.claude"
    finally:
        os.umask(before)
    assert list((root / "run").iterdir()) == []


def test_they_are_gone_where_the_run_raised_and_where_an_earlier_one_was_killed(root: Path) -> None:
    put(root / "run/home/.claude/credentials")
    seen: list[Path] = []
    with contextlib.suppress(KeyboardInterrupt), opened(root) as found:
        seen += [found.config, *found.config.iterdir()]
        raise KeyboardInterrupt
    assert seen == [root / "run/home/.claude"]
    assert list((root / "run").iterdir()) == []


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user may enter, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_cannot_look_into_them(shared: Path) -> None:
    (shared / "run").mkdir()
    (shared / "run").chmod(0o755)
    put(shared / "run/public")
    code = (
        f"import os; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "open('run/public').close()\n"  # the way there is open
        "for name in ('run/home', 'run/tmp', 'run/home/.claude'):\n"
        "    try: os.listdir(name)\n"
        "    except PermissionError: print('no', end=' ')\n"
        "try: open('run/home/.claude/key')\n"
        "except PermissionError: print('no', end='')\n"
    )
    with opened(shared) as found:
        found.write([(found.config / "key", "secret")])
        done = subprocess.run([sys.executable, "-c", code], cwd=shared, capture_output=True, text=True, check=True)
    assert done.stdout == "no no no no"


def test_a_home_is_copied_with_private_modes_and_the_original_stays_as_it_was(root: Path) -> None:
    put(root / ".ci/home/settings.json", '{"a": 1}', 0o644)
    put(root / ".ci/home/hooks/key.sh", "#!/bin/sh", 0o755)
    put(root / ".ci/home/read-only", "r", 0o444)
    (root / ".ci/home/hooks/link").symlink_to("../settings.json")
    (root / ".ci/home/hooks/dangling").symlink_to("nothing")
    with opened(root, ".ci/home") as found:
        assert found.text("settings.json") == '{"a": 1}'
        assert mode(found.config / "settings.json") == 0o600
        assert mode(found.config / "read-only") == 0o600
        assert mode(found.config / "hooks/key.sh") == 0o700
        assert mode(found.config / "hooks") == 0o700
        assert os.readlink(found.config / "hooks/link") == "../settings.json"
        assert (found.config / "hooks/link").read_text("utf-8") == '{"a": 1}'
        put(found.config / "settings.json", "changed")
    assert (root / ".ci/home/settings.json").read_text("utf-8") == '{"a": 1}'
    assert mode(root / ".ci/home/read-only") == 0o444


def test_a_link_within_the_repository_may_lead_to_the_home(root: Path) -> None:
    put(root / "shared/home/a")
    (root / ".ci").mkdir()
    (root / ".ci/home").symlink_to("../shared/home")
    with opened(root, ".ci/home") as found:
        assert found.text("a") == "x"


def fault(root: Path, source: str) -> str:
    with pytest.raises(BadUsage) as caught, opened(root, source):
        raise AssertionError("it was copied")
    assert caught.value.where == "agents.yaml:3"
    assert caught.value.hint
    assert list((root / "run").iterdir()) == []
    return caught.value.what


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("missing", "'missing' is not there: No such file or directory"),
        ("../../../root/.claude", "leads out of the repository"),
        ("/etc", "'/etc' leads out of the repository"),
        ("..", "'..' leads out of the repository"),
        ("out", "'out' leads out of the repository"),
        ("out/file", "'out/file' is not there"),
        ("file", "'file' is no folder"),
        ("loop", "'loop' is not there"),
        ("a\0b", "is no path"),
        (".", "'.' holds the run directory itself"),
        ("run", "'run' holds the run directory itself"),
    ],
)
def test_a_home_that_is_no_folder_of_the_repository_is_refused(tmp_path: Path, source: str, what: str) -> None:
    root = tmp_path / "repository"
    (root / "run").mkdir(parents=True)
    put(root / "file")
    (root / "out").symlink_to("/etc")
    (root / "loop").symlink_to("loop")
    if source == "../../../root/.claude":
        source = os.path.relpath("/etc", root)  # the same, and there on every machine
    assert what in fault(root, source)


@pytest.mark.parametrize("to", ["/etc/passwd", "../../secret", "../../.ci", "sub/../../../secret", "nothing/../../x"])
def test_a_link_in_it_that_leads_out_is_refused(root: Path, to: str) -> None:
    put(root / "secret")
    put(root / ".ci/home/sub/a")
    (root / ".ci/home/link").symlink_to(to)
    assert fault(root, ".ci/home") == "'link' is a link that leads out of it"


def test_a_link_over_a_link_that_leads_out_is_refused(root: Path) -> None:
    (root / ".ci/home").mkdir(parents=True)
    (root / ".ci/home/a").symlink_to("b/passwd")
    (root / ".ci/home/b").symlink_to("/etc")
    assert "leads out of it" in fault(root, ".ci/home")


def test_what_is_no_file_is_refused_and_does_not_hang(root: Path) -> None:
    (root / ".ci/home/sub").mkdir(parents=True)
    os.mkfifo(root / ".ci/home/sub/pipe")
    assert fault(root, ".ci/home") == "'sub/pipe' is neither a file nor a folder nor a link"
    os.unlink(root / ".ci/home/sub/pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        here = Path.cwd()
        os.chdir(root / ".ci/home/sub")  # the path of a socket is short
        try:
            listening.bind("s")
        finally:
            os.chdir(here)
    assert fault(root, ".ci/home") == "'sub/s' is neither a file nor a folder nor a link"


def test_size_number_and_depth_are_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        put(root / f"home/sub/{name}", "x" * 100)
    with opened(root, "home"):
        pass
    monkeypatch.setattr(limits, "HOME_BYTES", 299)
    assert fault(root, "home") == "the folder holds more than 299 bytes"
    monkeypatch.setattr(limits, "HOME_FILES", 3)
    assert fault(root, "home") == "the folder holds more than 3 files"
    monkeypatch.setattr(limits, "HOME_FILES", 100)
    monkeypatch.setattr(limits, "HOME_DEPTH", 0)
    assert fault(root, "home") == "'sub' lies more than 0 folders deep"


def test_files_of_a_launch_are_written_below_the_home_for_their_owner_only(root: Path) -> None:
    with opened(root) as found:
        found.write([(found.config / "deep/er/settings.json", "{}"), (found.home / "policy.toml", "ü")])
        assert mode(found.config / "deep") == 0o700
        assert mode(found.config / "deep/er/settings.json") == 0o600
        assert (found.home / "policy.toml").read_bytes() == "ü".encode()
        with pytest.raises(ValueError, match="not in the subpath"):
            found.write([(root / "elsewhere", "")])


def test_a_file_of_a_launch_replaces_a_link_and_follows_no_folder_that_is_one(root: Path) -> None:
    put(root / "home/real.json", "theirs")
    (root / "home/settings.json").symlink_to("real.json")
    (root / "home/sub").mkdir()
    (root / "home/folder").symlink_to("sub")
    with opened(root, "home") as found:
        found.write([(found.config / "settings.json", "ours")])
        assert found.text("real.json") == "theirs"
        assert found.text("settings.json") == "ours"
        with pytest.raises(OSError, match="link"):
            found.write([(found.config / "folder/x", "ours")])


@pytest.mark.parametrize("name", ["missing", "binary", "sub", "sub/../../../../etc/passwd\0"])
def test_what_is_no_text_is_none(root: Path, name: str) -> None:
    (root / "home/sub").mkdir(parents=True)
    (root / "home/binary").write_bytes(b"\xff\xfe")
    with opened(root, "home") as found:
        assert found.text(name) is None


def deep(folder: Path, levels: int) -> None:
    """Folders in folders, deeper than a path or a stack can be."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("leaf", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def test_what_an_agent_leaves_behind_is_removed_however_it_is_made(root: Path) -> None:
    victim = put(root / "victim/file", "mine")
    with opened(root) as found:
        deep(found.temporary, 3_000)
        put(found.home / "locked/a/b").parent.chmod(0o500)
        (found.home / "locked").chmod(0o000)
        (found.home / "to-victim").symlink_to(victim.parent)
        (found.config / "to-file").symlink_to(victim)
        os.mkfifo(found.home / "pipe")
        put(found.home / os.fsdecode(b"\xff\xfe name\n"))
    assert list((root / "run").iterdir()) == []
    assert victim.read_text("utf-8") == "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_user_who_is_not_root_gets_rid_of_folders_that_were_locked(shared: Path) -> None:
    """Root may enter every folder, so only another user shows it."""
    os.chown(shared, NOBODY, NOBODY)
    code = f"""if True:
        import os
        from pathlib import Path
        from pytest_subagents.runners.private_home import private_home
        os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})  # who may not read the modules
        os.mkdir("run", 0o700)
        with private_home(Path.cwd() / "run", config_folder=".x", rootdir=Path.cwd()) as found:
            inner = found.home / "locked" / "inner"
            inner.mkdir(parents=True)
            (inner / "file").write_text("x")
            inner.chmod(0)
            inner.parent.chmod(0)
            found.temporary.chmod(0)
            try: os.listdir(inner.parent)
            except PermissionError: print("locked", end=" ")
        print(os.listdir("run"), end="")
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=shared, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("locked []", "")


def test_what_cannot_be_removed_is_told_and_the_rest_is_gone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[OSError] = []
    stuck = OSError(16, "Device or resource busy", "home")
    real = private_home.__wrapped__.__globals__["remove_tree"]  # type: ignore[attr-defined]
    started = False

    def remove(path: Path, *, below: Path) -> OSError | None:
        result: OSError | None = stuck if started and path.name == "home" else real(path, below=below)
        return result

    monkeypatch.setattr("pytest_subagents.runners.private_home.remove_tree", remove)
    with private_home(root / "run", config_folder=".x", rootdir=root, left=told.append):
        started = True
    assert told == [stuck]
    assert not (root / "run/tmp").exists()
    with pytest.raises(OSError, match="busy"), private_home(root / "run", config_folder=".x", rootdir=root):
        raise AssertionError("what is left of an earlier run is not used again")
