"""How long and how much an agent may run and say."""

from __future__ import annotations

import os

import pytest
from runners.supervision.scene import SOON, Running, Scene, until

from pytest_subagents.model import limits
from pytest_subagents.runners.supervision.ending_record import read_ending
from pytest_subagents.runners.supervision.supervise import supervise

ENDLESS = "say('x'); tell('ready'); for_ever()"


def test_the_wall_clock(scene: Scene) -> None:
    ending = scene.run(ENDLESS, timeout=SOON)
    assert (ending.cause, ending.exit_code) == ("timeout", -15)
    assert ending.message == "it ran for longer than 0.2 s"
    assert ending.runtime_ms >= 200
    assert read_ending(scene.end) == ending


def test_the_wall_clock_of_one_that_never_stops_talking(scene: Scene) -> None:
    ending = scene.run("while True: say('x' * 1000)", timeout=SOON)
    assert ending.cause == "timeout"
    assert set(scene.said()) == set(b"x\n")


def test_a_silent_program(scene: Scene) -> None:
    ending = scene.run("for_ever()", start_timeout=SOON)
    assert (ending.cause, ending.exit_code) == ("start_timeout", -15)
    assert ending.message == "it said nothing for 0.2 s"


def test_a_program_that_closes_its_output_is_silent(scene: Scene) -> None:
    assert scene.run("os.close(1); for_ever()", start_timeout=SOON).cause == "start_timeout"


def test_the_first_byte_ends_the_start(scene: Scene) -> None:
    code = "say('x'); tell('ready')\nwhile not os.path.exists('go'): time.sleep(0.01)"
    running = Running(scene.agent(code, start_timeout=30))
    scene.told("ready")
    (scene.folder / "go").touch()
    assert running.ending().cause == "exited"


def test_idle_after_some_words(scene: Scene) -> None:
    ending = scene.run(ENDLESS, idle_timeout=SOON, start_timeout=60)
    assert ending.cause == "idle_timeout"
    assert ending.message == "it said nothing more for 0.2 s"
    assert scene.said() == b"x\n"


def test_idle_without_a_word_where_no_start_is_bounded(scene: Scene) -> None:
    ending = scene.run("for_ever()", idle_timeout=SOON)
    assert (ending.cause, ending.message) == ("idle_timeout", "it said nothing for 0.2 s")


def test_errors_are_no_sign_of_life(scene: Scene) -> None:
    ending = scene.run("say('x')\nwhile True: print('e', file=sys.stderr, flush=True)", idle_timeout=SOON)
    assert ending.cause == "idle_timeout"


@pytest.mark.parametrize("size", [1, 4096, 65536, 1_000_000])
def test_output_up_to_its_bound_is_no_fault(scene: Scene, size: int) -> None:
    assert scene.run(f"sys.stdout.write('x' * {size})", output_bytes=size).cause == "exited"
    assert scene.said() == b"x" * size


@pytest.mark.parametrize("size", [0, 1, 4096, 65536, 1_000_000])
@pytest.mark.parametrize("then", ["", "; sys.stdout.flush(); for_ever()"])
def test_one_byte_more_than_the_bound_is_one_too_many(scene: Scene, size: int, then: str) -> None:
    """Whether the program ends before it is noticed or not."""
    ending = scene.run(f"sys.stdout.write('x' * {size + 1}){then}", output_bytes=size)
    assert ending.cause == "output_limit"
    assert str(size) in ending.message
    assert scene.said() == b"x" * size


FULL_FLOOD = 200_000_000 if os.environ.get("SUBAGENTS_REQUIRE") else 20_000_000


def test_a_flood_is_cut_to_the_byte(scene: Scene) -> None:
    code = f"for _ in range({FULL_FLOOD} // 100): say('x' * 99)\nfor_ever()"
    bound = FULL_FLOOD - 123
    ending = scene.run(code, output_bytes=bound)
    assert ending.cause == "output_limit"
    assert scene.stdout.stat().st_size == bound


def test_the_watcher_stops_a_run_with_its_words(scene: Scene) -> None:
    ending = scene.run(ENDLESS, watch=lambda size: "it took 3 turns, and may take 2")
    assert (ending.cause, ending.exit_code) == ("watch", -15)
    assert ending.message == "it took 3 turns, and may take 2"
    assert read_ending(scene.end) == ending


def test_the_watcher_is_heard_of_an_agent_that_has_ended(scene: Scene) -> None:
    """Whether it ended first is a race, and must not decide whether a limit was passed."""
    ending = scene.run("say('x')", watch=lambda size: "too much")
    assert (ending.cause, ending.message) == ("watch", "too much")
    assert ending.exit_code in (0, -15)
    assert read_ending(scene.end) == ending


def test_what_the_watcher_says_of_last_words_does_not_hide_what_ended_the_run(scene: Scene) -> None:
    code = "signal.signal(signal.SIGTERM, lambda *_: (say('bye'), os._exit(9)))\nsay('x'); for_ever()"

    def watch(size: int) -> str | None:
        return "too much" if size > 2 else None

    ending = scene.run(code, watch=watch, idle_timeout=SOON, start_timeout=60)
    assert (ending.cause, ending.exit_code) == ("idle_timeout", 9)
    assert scene.said() == b"x\nbye\n"


def test_the_watcher_finds_on_disk_what_it_is_told_of(scene: Scene) -> None:
    seen: list[int] = []

    def watch(size: int) -> None:
        assert scene.stdout.stat().st_size >= size
        seen.append(size)

    assert scene.run("for i in range(2000): say(str(i) * 50)", watch=watch).cause == "exited"
    assert seen == sorted(set(seen))
    assert seen[-1] == scene.stdout.stat().st_size


def test_words_are_coalesced_for_a_flood(scene: Scene) -> None:
    calls: list[int] = []
    ending = scene.run("for i in range(200_000): say('x')", watch=calls.append)
    assert calls[-1] == 400_000
    assert len(calls) <= ending.runtime_ms / 1000 / limits.WATCH_SECONDS + 2


def test_a_slow_watcher_does_not_hold_the_agent_back(scene: Scene) -> None:
    """The warden takes what comes; only the ending waits."""

    def watch(size: int) -> None:
        scene.told("done")

    ending = scene.run("say('first')\nfor i in range(200): say('x' * 10_000)\ntell('done')", watch=watch)
    assert ending.cause == "exited"
    assert scene.stdout.stat().st_size == 6 + 200 * 10_001


def test_a_silent_agent_is_not_watched(scene: Scene) -> None:
    seen: list[int] = []
    scene.run("os._exit(0)", watch=seen.append)
    assert seen == []


def test_a_stop_that_was_asked_before_starts_nothing(scene: Scene) -> None:
    scene.stop.ask("-x")
    ending = scene.run("tell('ran')")
    assert (ending.cause, ending.exit_code, ending.message) == ("stopped", None, "-x")
    assert not (scene.folder / "ran").exists()
    assert (scene.said(), read_ending(scene.end)) == (b"", ending)


def test_a_stop_from_another_thread(scene: Scene) -> None:
    running = Running(scene.agent(ENDLESS), stop=scene.stop)
    scene.told("ready")
    scene.stop.ask("Ctrl-C\nin a terminal")
    ending = running.ending()
    assert (ending.cause, ending.exit_code, ending.message) == ("stopped", -15, "Ctrl-C in a terminal")
    assert scene.said() == b"x\n"


def test_one_stop_ends_all_that_wait_for_it(scene: Scene) -> None:
    scenes = []
    for name in "abc":
        (scene.folder / name).mkdir()
        other = Scene(scene.folder / name)
        other.stop.close()
        scenes.append(other)
    running = [Running(other.agent(ENDLESS), stop=scene.stop) for other in scenes]
    for other in scenes:
        other.told("ready")
    scene.stop.ask("-x")
    assert [each.ending().cause for each in running] == ["stopped"] * 3
    assert [other.alive() for other in scenes] == [[], [], []]


def test_a_stop_while_the_watcher_looks_is_heard_after_it(scene: Scene) -> None:
    def watch(size: int) -> None:
        scene.stop.ask("meanwhile")

    assert supervise(scene.agent(ENDLESS), watch=watch, stop=scene.stop).message == "meanwhile"


def test_last_words_are_kept(scene: Scene) -> None:
    code = (
        "signal.signal(signal.SIGTERM, lambda *_: (say('bye ' * 50_000), os._exit(9)))\n"
        "say('x'); tell('ready'); for_ever()"
    )
    running = Running(scene.agent(code), stop=scene.stop)
    scene.told("ready")
    scene.stop.ask("enough")
    assert running.ending().exit_code == 9
    assert scene.said() == b"x\n" + b"bye " * 50_000 + b"\n"
    until(lambda: not scene.alive(), "no process")
