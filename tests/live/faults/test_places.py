"""Where a run writes is full, read-only or somebody's trap: the row says so, and nothing is written elsewhere."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

from fault_table import VENDORS
from live.faults.cast import ANSWER, Answers, Chats, Part, Play, Runs, Theatre, make_play
from live.faults.claims import claims
from live.faults.mounts import mounted

from pytest_subagents.testing import steps
from pytest_subagents.testing.scripts import transcript_of

OWN: Final = ("command", "function")
"""Programs without a sandbox: they can do whatever their user can."""
_NO_SPACE: Final = "No space left on device"


@claims(
    "full-disk", "read-only-recordings", "links-redirect-writes", "fifos", vendors=VENDORS, apart=("gemini", "opencode")
)
def test_what_cannot_be_recorded_fails_alone(vendor: str, theatre: Theatre) -> None:
    """Three recordings have no place, one has a FIFO and a link where its own will be. Then the disk fills up."""
    parts = [Part(id=id, does=Answers()) for id in ("healthy", "full/a", "locked/a", "linked/a")]
    play = make_play(theatre, vendor, *parts, Part(id="chatty", does=Chats(size=700_000)), Part(id="late"))
    stage, victim = play.stage, _victim(theatre)
    place = stage.recording("healthy")
    place.parent.mkdir(parents=True)
    (place.parent / "linked").symlink_to(victim)
    os.mkfifo(place)
    place.with_name("healthy.meta.json").symlink_to(victim / "a.meta.json")
    with mounted() as mounts:
        mounts.full(place.parent / "full")
        mounts.read_only(place.parent / "locked")
        mounts.small(stage.folder / ".subagents", "600k")
        running = stage.run("-n", "0", mode="once")
        assert running.wait() == 1, running.said
        said = _reasons(play)
        assert said.pop("healthy") == ""
        assert said.pop("full/a").startswith("missing_recording: recordings/faults/full/a.jsonl: ")
        assert "read-only file system" in said.pop("locked/a")
        assert "it is a link or no folder (recordings/faults/linked)" in said.pop("linked/a")
        assert said == {
            "chatty": f"killed: its standard output cannot be written: {_NO_SPACE}",
            "late": f"launch: it cannot be started: {_NO_SPACE}",
        }
        for id in ("full/a", "locked/a", "linked/a"):
            assert (running.kept(id) / "recording.jsonl").stat().st_size > 0, "what would have been recorded"
        assert (running.kept("chatty") / "stream.jsonl").stat().st_size > 200_000, "all that there was room for"
        assert sorted(os.listdir(place.parent / "full")) == ["others"]
    assert place.is_file(), "no FIFO any more"
    assert not place.with_name("healthy.meta.json").is_symlink()
    assert _files(victim) == {"a.meta.json": "precious"}
    play.check_nothing_left()


@claims("links-redirect-writes", "fifos", vendors=OWN)
def test_what_an_agent_puts_in_the_way_of_its_own_run_redirects_nothing(vendor: str, theatre: Theatre) -> None:
    """Its files in the run directory become FIFOs or links to what nobody may read by way of us."""
    victim = _victim(theatre)
    traps = {
        "fifo": "rm {own}/stream.jsonl && mkfifo {own}/stream.jsonl",
        "errors": "rm {own}/stderr.log && mkfifo {own}/stderr.log",
        "reads": "ln -sf {victim}/a.meta.json {own}/stream.jsonl",
        "writes": "mv {own} {own}.away && ln -s {victim} {own}",
        "records": "mkdir -p {root}/recordings && mv {root}/recordings {root}/away && ln -s {victim} {root}/recordings",
        "moves": "run=$(readlink -f {root}/.subagents/latest) && mv $run $run.away && ln -s {victim} $run",
    }
    root = theatre.folder / "project"
    parts = []
    for id, trap in traps.items():
        own = f"'{root}/.subagents/latest/subagents.yaml%3a%3a{id}'"
        parts.append(Part(id=id, does=Runs(command=trap.format(own=own, root=root, victim=victim))))
    play = make_play(theatre, vendor, Part(id="healthy"), *parts, Part(id="late"))
    running = play.stage.run("-n", "0")
    assert running.wait() == 1, running.said
    said = _reasons(play)
    assert said.pop("healthy") == said.pop("errors") == ""
    assert {id: words.partition(": ")[0] for id, words in said.items()} == {
        "fifo": "no_message" if vendor == "command" else "killed",
        "reads": "no_message" if vendor == "command" else "killed",
        "writes": "killed",
        "records": "missing_recording",
        "moves": "killed",
        "late": "launch",
    }
    assert _files(victim) == {"a.meta.json": "precious"}
    assert "precious" not in (play.stage.folder / "artifacts/subagents/report.json").read_text()
    play.check_nothing_left()


@claims("links-redirect-writes", vendors=OWN)
def test_an_agent_cannot_lead_the_report_elsewhere(vendor: str, theatre: Theatre) -> None:
    victim, reports = _victim(theatre), theatre.folder / "project" / "artifacts" / "subagents"
    trap = f"rm -rf {reports} && ln -s {victim} {reports}"
    play = make_play(theatre, vendor, Part(id="moves", does=Runs(command=trap)))
    running = play.stage.run("-n", "0")
    assert running.wait() == 4, running.said
    assert "report.json: the report cannot be written: it is a link or no folder (artifacts/subagents)" in running.said
    assert _files(victim) == {"a.meta.json": "precious"}


def test_what_the_metadata_of_a_recording_says_is_neither_run_nor_copied(theatre: Theatre) -> None:
    """A pull request may bring any recording: in mode `once` those that are fresh are replayed, others made anew."""
    tripwire, answer = theatre.folder / "tripwire", transcript_of("subagents_events", steps.Answer(ANSWER))
    touch = ["sh", "-c", f"touch {tripwire}"]
    metas: dict[str, object] = {
        "bool": {"exit_code": False, "runtime_ms": True},
        "commands": {"command": touch, "argv": touch, "success_criteria": [{"run": f"touch {tripwire}"}]},
        "function": {"runner": "function", "function": "os:system"},
        "home": {"vendors": {"command": {"home": "../../../root", "env": ["*"], "args": touch}}},
        "list": [1],
        "types": {"exit_code": "0", "runtime_ms": -1, "killed": "no", "timed_out": [], "stderr_tail": 7},
    }
    play = make_play(theatre, "command", *(Part(id=id) for id in metas))
    for id, meta in metas.items():
        place = play.stage.recording(id)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(answer)
        place.with_name(f"{id}.meta.json").write_text(json.dumps(meta), encoding="utf-8")
    running = play.stage.run("-n", "0", mode="once")
    assert running.wait() == 0, running.said
    assert set(_reasons(play).values()) == {""}
    assert not tripwire.exists()


def _victim(theatre: Theatre) -> Path:
    """A folder of somebody else's."""
    victim = theatre.folder / "victim"
    victim.mkdir()
    (victim / "a.meta.json").write_text("precious", encoding="utf-8")
    return victim


def _files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def _reasons(play: Play) -> dict[str, str]:
    """The reasons of each row, by its id."""
    return {
        id: "; ".join(f"{reason['kind']}: {reason['message']}" for reason in row["reasons"])
        for id, row in play.stage.rows().items()
    }
