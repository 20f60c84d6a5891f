"""Live progress as a person sees it: real runs of real agents in a terminal, and in a log."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest
from progress_cases import HOSTILE
from puppet_stage import CONFTEST, LIVE, OFTEN, Stage, until
from screens import Terminal, environment

HEADER = re.compile(r" (status +)?subagent +time +")
ALONE = pytest.param((), id="alone")
N2 = pytest.param(("-n", "2"), id="n2")


@pytest.fixture
def stage(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    found = Stage(pytester, monkeypatch)
    yield found
    found.puppets.close()


def body(terminal: Terminal) -> list[str]:
    """The lines of pytest's from its collection to its summary."""
    lines = terminal.text.split("\n")
    first = next(number for number, line in enumerate(lines) if re.match(r"collected|\d workers \[", line))
    last = next(number for number, line in enumerate(lines) if re.match(r"=+ (subagents|FAILURES) =+", line))
    return [line for line in lines[first + 1 : last] if line]


def is_gone(terminal: Terminal) -> bool:
    return not HEADER.search(terminal.text) and " total " not in terminal.text


def test_a_table_stands_below_the_line_of_pytest_s_while_agents_run(stage: Stage) -> None:
    stage.team("math", "element", "parser")
    with stage.terminal() as terminal:
        stage.puppets.start("math", tokens=12_345, usd=0.0412, ran="pytest -q")
        terminal.wait_for("ran pytest -q")
        place = terminal.lines.index("subagents.yaml")
        assert re.match(r" status +subagent +time +turns +tokens +usd +last", terminal.lines[place + 1])
        assert re.fullmatch(r" running +math +\d+s +1 +12\.3k +\$0\.04 +ran pytest -q", terminal.lines[place + 2])
        assert re.fullmatch(r" +total +\d+s +12\.3k +\$0\.04 +0 of 3 done, 1 running", terminal.lines[place + 3])
        assert not any(terminal.lines[place + 4 :])
        assert (terminal.screen.cursor.y, terminal.screen.cursor.x) == (place, len("subagents.yaml "))
        stage.puppets.end("math")
        stage.puppets.start("element")
        terminal.wait_for("subagents.yaml .")
        terminal.wait_for(lambda: any(re.match(" success +math", line) for line in terminal.lines))
        assert terminal.line_with("running  element")
        stage.puppets.end("element", "{}")
        stage.puppets.end("parser")
        assert terminal.finish() == 1
        assert [line.split() for line in body(terminal)] == [["subagents.yaml", ".F.", "[100%]"]]
        assert is_gone(terminal)
        assert stage.left_behind() == []


def test_an_agent_that_says_nothing_is_seen_to_go_on(stage: Stage) -> None:
    stage.team("math")
    with stage.terminal() as terminal:
        terminal.wait_for(lambda: any(re.match(r" running +math +2s", line) for line in terminal.lines))
        stage.puppets.end("math")
        assert terminal.finish() == 0


def test_somebody_who_types_enter_leaves_a_line_and_no_rows(stage: Stage) -> None:
    stage.team("math")
    with stage.terminal() as terminal:
        stage.puppets.start("math", ran="one")
        terminal.wait_for("ran one")
        terminal.type("\n")
        stage.puppets.start("math", ran="two")
        terminal.wait_for("ran two")
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert [line.split() for line in body(terminal)] == [["subagents.yaml"], [".", "[100%]"]]
        assert is_gone(terminal)


def test_agents_of_several_workers_are_shown_together(stage: Stage) -> None:
    stage.team("math", "element", "parser")
    with stage.terminal("-n", "2", "-v") as terminal:
        stage.puppets.start("math", tokens=12_345, ran="pytest -q")
        stage.puppets.start("element", tokens=700, ran="git diff")
        terminal.wait_for("ran pytest -q")
        terminal.wait_for("ran git diff")
        assert terminal.line_with(" total ").endswith(" 13.0k  0 of 3 done, 2 running")
        stage.puppets.end("math")
        terminal.wait_for("PASSED subagents.yaml::math")
        stage.puppets.start("parser", ran="cat x")
        terminal.wait_for("ran cat x")
        assert [line.split()[1] for line in terminal.lines if re.match(" (running|success) ", line)] == [
            "element",
            "parser",
            "math",
        ]
        stage.puppets.end("parser")
        terminal.wait_for("PASSED subagents.yaml::parser")
        stage.puppets.end("element")
        assert terminal.finish() == 0
        lines = body(terminal)
        assert sorted(line for line in lines if not line.startswith(("[gw", "scheduling"))) == [
            "subagents.yaml::element",
            "subagents.yaml::math",
            "subagents.yaml::parser",
        ]
        assert [re.sub(r"gw\d", "gw", line) for line in lines if line.startswith("[gw")] == [
            "[gw] [ 33%] PASSED subagents.yaml::math",
            "[gw] [ 66%] PASSED subagents.yaml::parser",
            "[gw] [100%] PASSED subagents.yaml::element",
        ]
        assert is_gone(terminal)
        assert stage.left_behind() == []


@pytest.mark.parametrize(
    ("words", "variables", "coloured"),
    [
        ((), {}, True),
        (("-q",), {}, True),
        (("--color=no",), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        (("-s", "-q"), {}, True),
        (("-n", "2", "-q", "--color=no"), {}, False),
    ],
    ids=["as it is", "q", "color=no", "NO_COLOR", "s", "n2"],
)
def test_colours_are_as_pytest_s(
    stage: Stage, words: tuple[str, ...], variables: dict[str, str], coloured: bool
) -> None:
    stage.team("math")
    with stage.terminal(*words, env=variables) as terminal:
        stage.puppets.start("math")
        terminal.wait_for("ran ls")
        assert (b"\x1b[1mrunning" in terminal.bytes) is coloured
        assert (b"\x1b[1m" in terminal.bytes) is coloured
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert is_gone(terminal)


@pytest.mark.parametrize("width", [40, 100, 200])
def test_it_fits_into_any_width(stage: Stage, width: int) -> None:
    stage.team("math", "packages/element-web/accessibility/日本語")
    with stage.terminal(width=width) as terminal:
        stage.puppets.end("math")
        stage.puppets.start("packages/element-web/accessibility/日本語", ran="日本語 " * 40)
        terminal.wait_for("ran 日")
        rows = [line for line in terminal.lines if "packages/" in line or " total " in line or " math " in line]
        assert len(rows) == 3
        assert HEADER.search(terminal.text)
        stage.puppets.end("packages/element-web/accessibility/日本語")
        assert terminal.finish() == 0
        assert is_gone(terminal)


def test_a_test_of_its_own_prints_where_the_table_was(stage: Stage) -> None:
    command = stage.puppets.agent("math").split("command: ", 1)[1].rsplit(", instructions", 1)[0]
    stage.write(
        "test_team.py",
        "import pytest\n"
        f"@pytest.mark.subagent(id='math', vendor='command', command={command}, instructions='Look.')\n"
        "def test_review(subagent_result):\n"
        "    print('the body: ' + subagent_result.status, flush=True)\n"
        "    import time; time.sleep(0.4)  # longer than what is drawn again takes to come\n"
        "    print('the end', flush=True)\n",
    )
    with stage.terminal("-s") as terminal:
        stage.puppets.start("math")
        terminal.wait_for("ran ls")
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert body(terminal) == ["test_team.py the body: success", "the end", "."]


def test_what_an_agent_says_is_escaped(stage: Stage) -> None:
    stage.team("math")
    hostile = HOSTILE.replace("\ud800", "")
    with stage.terminal(width=200) as terminal:
        stage.puppets.start("math", ran=hostile)
        terminal.wait_for("ran evil")
        assert terminal.line_with("running  math")
        assert b"pwn\x07" not in terminal.bytes
        assert b"\x1b[2J" not in terminal.bytes
        stage.puppets.end("math")
        assert terminal.finish() == 0


def test_of_sixty_the_running_are_shown_and_the_others_counted(stage: Stage) -> None:
    """As many at once as no machine runs: told by a plugin in the place of their workers."""
    stage.team("math")
    stage.write(
        "sixty.py",
        "import pytest\n"
        "from pytest_subagents.glue.run import RUN_KEY\n"
        "from pytest_subagents.model.progress import AgentProgress\n"
        "@pytest.hookimpl(tryfirst=True)\n"
        "def pytest_runtest_call(item):\n"
        "    for number in range(60):\n"
        "        id, ended = f'a{number:02}', number < 50\n"
        "        item.config.stash[RUN_KEY].tell(AgentProgress(nodeid=id, id=id, state='ended' if ended else 'running',"
        " started=2.0e9 + number, ended=2.1e9 if ended else None, status='failed' if number == 7 else 'success'))\n",
    )
    with stage.terminal("-p", "sixty", height=24) as terminal:
        terminal.wait_for("and 44 more: 44 success")
        rows = [line.split()[:2] for line in terminal.lines if re.match(" (running|FAILED|success) ", line)]
        assert sorted(rows[:11]) == [*(["running", f"a{number}"] for number in range(50, 60)), ["running", "math"]]
        assert rows[11] == ["FAILED", "a07"]
        assert len(rows) == 17
        terminal.resize(100, 12)
        terminal.wait_for("and 56 more: 6 running, 1 FAILED, 49 success")
        stage.puppets.end("math")


def test_a_fault_of_the_showing_ends_nothing_else(stage: Stage) -> None:
    stage.team("math")
    fault = "import pytest_subagents.glue.board as board\ndef progress_table(*_, **__): raise ValueError('oops')\n"
    stage.write("conftest.py", f"{CONFTEST}\n{fault}board.progress_table = progress_table\n")
    with stage.terminal() as terminal:
        until(lambda: bool(stage.status().get("agents")))
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert "warning: progress was not shown any more: ValueError: oops" in terminal.text
        assert stage.left_behind() == []


@pytest.mark.parametrize("words", [ALONE, N2])
def test_ctrl_c_leaves_nothing_on_the_screen(stage: Stage, words: tuple[str, ...]) -> None:
    stage.team("math", "element")
    with stage.terminal(*words) as terminal:
        stage.puppets.start("math")
        terminal.wait_for("ran ls")
        os.kill(terminal.program.pid, signal.SIGINT)
        assert terminal.finish() == 2
        assert "KeyboardInterrupt" in terminal.text
        assert is_gone(terminal)
        assert stage.left_behind() == []
    found = stage.status()
    assert found["state"] == "over"
    assert {agent["state"] for agent in found["agents"]} == {"ended"}


def test_a_second_terminal_sees_the_run_and_that_it_was_killed(stage: Stage) -> None:
    stage.team("math", "element")
    with stage.terminal() as terminal:
        stage.puppets.end("math")
        stage.puppets.start("element", tokens=700, usd=0.25)
        until(lambda: bool(found := stage.status()) and found["totals"]["tokens"] == 700)
        found = stage.status()
        assert (found["state"], found["mode"], found["planned"], found["done"]) == ("running", "live", 2, 1)
        math, element = found["agents"]
        assert (math["state"], math["status"]) == ("ended", "success")
        assert (element["state"], element["did"], element["usd"]) == ("running", "ran ls", 0.25)
        terminal.program.kill()
        terminal.program.wait()
    found = stage.status()
    assert found["state"] == "cut off"
    assert [(agent["id"], agent["state"], agent["status"]) for agent in found["agents"]] == [
        ("math", "ended", "success"),
        ("element", "ended", ""),
    ]


def test_an_agent_whose_worker_died_does_not_run_for_ever(stage: Stage) -> None:
    stage.team("math", "element")
    with stage.terminal("-n", "2") as terminal:
        stage.puppets.start("math", ran="in math")
        stage.puppets.start("element", ran="in element")
        terminal.wait_for("in math")
        terminal.wait_for("in element")
        os.kill(int((stage.path / "gw0.pid").read_text(encoding="utf-8")), signal.SIGKILL)
        terminal.wait_for(lambda: any(line.startswith(" FAILED ") for line in terminal.lines))
        lost = next(line.split()[1] for line in terminal.lines if line.startswith(" FAILED "))
        assert "1 of 2 done, 1 running" in terminal.line_with(" total ")
        stage.puppets.end("element" if lost == "math" else "math")
        assert terminal.finish() == 1
        assert is_gone(terminal)


@pytest.mark.parametrize("words", [ALONE, N2])
def test_in_a_log_a_line_is_printed_now_and_then(stage: Stage, words: tuple[str, ...]) -> None:
    stage.team("math", "element")
    stage.write("conftest.py", CONFTEST + OFTEN)
    log = stage.path / "log"
    with log.open("w", encoding="utf-8") as file:
        command = [sys.executable, "-m", *LIVE, "-v", *words]
        program = subprocess.Popen(command, cwd=stage.path, stdin=subprocess.DEVNULL, stdout=file, env=environment())
    try:
        stage.puppets.start("math", tokens=12_345)
        until(lambda: "12.3k tokens (ran ls)" in log.read_text(encoding="utf-8"))
        stage.puppets.end("math")
        stage.puppets.end("element")
        program.wait(60)
    finally:
        program.kill()
        program.wait()
    said = log.read_text(encoding="utf-8").splitlines()
    first = next(line for line in said if "12.3k tokens (ran ls)" in line)
    assert re.match(r"subagents: [12] running: .*math \d+s 12\.3k tokens \(ran ls\).*; 0 of 2 done; ", first)
    assert program.returncode == 0
    assert "\x1b" not in "".join(said)
    results = [line for line in said if "PASSED" in line]
    assert len(results) == 2
    assert all(re.search("subagents.yaml::(math|element)", line) for line in results)
    summary = next(number for number, line in enumerate(said) if re.match("=+ subagents =+", line))
    assert not any(line.startswith("subagents: ") and "running" in line for line in said[summary:])


@pytest.mark.parametrize("variables", [{"TERM": "dumb"}, {"CI": "true"}], ids=["dumb", "ci"])
def test_a_terminal_that_nobody_looks_at_is_a_log(stage: Stage, variables: dict[str, str]) -> None:
    stage.team("math")
    stage.write("conftest.py", CONFTEST + OFTEN)
    with stage.terminal(env=variables) as terminal:
        stage.puppets.start("math")
        terminal.wait_for("subagents: 1 running: math")
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert is_gone(terminal)
        lines = body(terminal)
        assert lines[0] == "subagents.yaml"
        assert lines[-1].split() == ["subagents.yaml", ".", "[100%]"]
        assert all(line.startswith("subagents: 1 running: math ") for line in lines[1:-1])


def test_where_nothing_runs_a_log_stays_as_it_is(stage: Stage) -> None:
    stage.write("conftest.py", CONFTEST + OFTEN)
    stage.write("test_plain.py", "import time\ndef test_plain(): time.sleep(0.6)\n")
    done = subprocess.run(
        [sys.executable, "-m", *LIVE], cwd=stage.path, capture_output=True, text=True, env=environment(), check=False
    )
    assert done.returncode == 0
    told = [line for line in done.stdout.partition("collected")[2].splitlines() if line.startswith("subagents: ")]
    assert [line for line in told if not line.startswith("subagents: none was found in ")] == []


def test_without_a_terminal_reporter_nothing_is_printed(stage: Stage) -> None:
    stage.team("math")
    with stage.terminal("-p", "no:terminal") as terminal:
        until(lambda: bool(stage.status().get("agents")))
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert terminal.text == ""
    assert stage.status()["agents"][0]["status"] == "success"


def test_a_run_directory_that_cannot_be_written_to_ends_nothing(stage: Stage) -> None:
    stage.team("math")
    with stage.terminal() as terminal:
        stage.puppets.start("math")
        terminal.wait_for("ran ls")
        run = (stage.path / ".subagents/latest").resolve()
        (run / "status.json").unlink()
        (run / "status.json").mkdir()
        stage.puppets.end("math")
        assert terminal.finish() == 0
        assert is_gone(terminal)
