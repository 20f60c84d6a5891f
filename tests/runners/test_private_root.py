"""Where private homes are: for their user alone, and gone with the run that they belong to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.runners.private_root import homes_of, private_root, remove_private_root

LONG_AGO = 1_000_000_000


def _root(tmp_path: Path, name: str, *living: str) -> Path:
    """The private root of a run, while the runs `living` live."""
    return private_root(tmp_path / "runs" / name, temporary=tmp_path, alive=lambda run: run.name in living)


def test_it_is_for_its_user_alone_and_outside_of_the_run_directory(tmp_path: Path) -> None:
    mine = _root(tmp_path, "one")
    assert mine == homes_of(tmp_path / "runs" / "one", tmp_path)
    assert not mine.is_relative_to(tmp_path / "runs")
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (mine, mine.parent)] == [0o700, 0o700]


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_lives_is_not(tmp_path: Path) -> None:
    killed, living = _root(tmp_path, "killed"), _root(tmp_path, "living", "killed")
    (killed / "home" / ".codex").mkdir(parents=True)
    (killed / "home" / ".codex" / "auth.json").touch()
    mine = _root(tmp_path, "mine", "living")
    assert sorted(mine.parent.iterdir()) == sorted([living, mine])


def test_it_goes_with_its_run(tmp_path: Path) -> None:
    mine = _root(tmp_path, "mine")
    (mine / "home").mkdir()
    remove_private_root(mine)
    assert list(mine.parent.iterdir()) == []


def test_what_an_agent_made_again_while_it_was_ended_is_removed_some_day(tmp_path: Path) -> None:
    """It does not say whose it is; nor does one that another run is about to make."""
    everyone = _root(tmp_path, "mine").parent
    for name in ("again", "new"):
        (everyone / name / "home").mkdir(parents=True)
    os.utime(everyone / "again", (LONG_AGO, LONG_AGO))
    _root(tmp_path, "next", "mine")
    assert sorted(path.name for path in everyone.iterdir()) == ["mine", "new", "next"]


@pytest.mark.parametrize("trick", ["a link", "a file", "open to others"])
def test_a_place_that_somebody_else_holds_is_refused(tmp_path: Path, trick: str) -> None:
    place = homes_of(tmp_path / "run", tmp_path).parent
    match trick:
        case "a link":
            (tmp_path / "theirs").mkdir(mode=0o700)
            place.symlink_to(tmp_path / "theirs")
        case "a file":
            place.touch()
        case _:
            place.mkdir()
            place.chmod(0o755)
    with pytest.raises(BadUsage, match="cannot hold private homes: it is not a folder that only you may use"):
        _root(tmp_path, "mine")
