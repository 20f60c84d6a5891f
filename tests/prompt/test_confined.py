"""The process that renders templates: what it cannot do, and that it ends."""

from __future__ import annotations

import ast
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_subagents.prompt import confined
from pytest_subagents.prompt.confined import Job, Setup, run
from pytest_subagents.prompt.faults import TemplateFault

VALUES = Setup(values={"results": {}, "scope": {}, "context": {}, "subagent": {}, "workflow": {}})


class Started:
    """Every process that was started meanwhile."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self.arguments: list[dict[str, Any]] = []
        real = subprocess.Popen

        def start(*words: Any, **how: Any) -> subprocess.Popen[bytes]:
            process = real(*words, **how)
            self.processes.append(process)
            self.arguments.append(how)
            return process

        monkeypatch.setattr(subprocess, "Popen", start)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    return Started(monkeypatch)


def program(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Runs `code` in the place of the renderer."""
    monkeypatch.setattr(confined, "_PROGRAM", code)


def test_one_process_answers_in_order_and_is_gone(started: Started) -> None:
    jobs = [Job(source=f"{{{{ {number} }}}}", render=True) for number in range(50)]
    assert run(VALUES, jobs) == tuple(str(number) for number in range(50))
    (process,) = started.processes
    assert process.returncode is not None
    assert process.stdout is not None
    assert process.stdout.closed


def test_it_has_no_environment_and_a_session_of_its_own(started: Started) -> None:
    run(VALUES, [Job(source="{{ 1 }}")])
    (how,) = started.arguments
    assert how["env"] == {}
    assert how["start_new_session"]
    assert how["cwd"] == "/"


def test_it_loads_nothing_but_jinja2_and_ours() -> None:
    """So it needs no other folder, and starts quickly."""
    code = "import pytest_subagents.prompt.child, sys; print({name.split('.')[0] for name in sys.modules})"
    program = f"import sys; sys.path += sys.argv[1:]; {code}"
    command = [sys.executable, "-I", "-S", "-c", program, *confined._folders()]
    loaded = ast.literal_eval(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert loaded - sys.stdlib_module_names - {"__main__"} == {"pytest_subagents", "jinja2", "markupsafe"}


def test_the_fault_tells_which_template_it_is_in() -> None:
    jobs = [Job(source="{{ 1 }}"), Job(source="\n{{ x }}"), Job(source="{{ y }}")]
    with pytest.raises(TemplateFault) as caught:
        run(VALUES, jobs)
    assert (caught.value.job, caught.value.line, caught.value.what) == (1, 2, "'x' is undefined")


def test_each_template_has_its_own_time() -> None:
    """Together they take more than one may."""
    loops = "{% set s = '" + "x" * 200 + "' %}" + "{% for a in s %}" * 3 + "{% endfor %}" * 3 + "ok"
    assert run(VALUES, [Job(source=loops, render=True)] * 20) == ("ok",) * 20


def test_one_that_does_not_answer_is_killed(monkeypatch: pytest.MonkeyPatch, started: Started) -> None:
    program(monkeypatch, "import signal; signal.pause()")
    with pytest.raises(TemplateFault) as caught:
        run(VALUES, [Job(source="{{ 1 }}")], seconds=0.2)
    assert caught.value.what == "it takes too long"
    assert [process.returncode for process in started.processes] == [-signal.SIGKILL]


def test_its_children_are_killed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    real = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *words, **how: real(*words, **how, pass_fds=(write,)))
    program(monkeypatch, "import os, signal; os.fork(); signal.pause()")
    with pytest.raises(TemplateFault):
        run(VALUES, [Job(source="{{ 1 }}")], seconds=0.2)
    os.close(write)
    assert os.read(read, 1) == b""  # the end comes when the last that holds the other end is gone
    os.close(read)


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "it ended the process that renders it (signal 11)"),
        ("raise SystemExit(3)", "the process that renders it came to no answer"),
        ("print('no JSON')", "the process that renders it came to no answer"),
        ("print('{\"text\": 1}')", "the process that renders it came to no answer"),
        ("print('x' * 100_000_000)", "the process that renders it came to no answer"),
    ],
)
def test_one_that_breaks_is_a_fault_of_the_template(monkeypatch: pytest.MonkeyPatch, code: str, what: str) -> None:
    program(monkeypatch, code)
    with pytest.raises(TemplateFault) as caught:
        run(VALUES, [Job(source="{{ 1 }}")])
    assert caught.value.what == what


def test_even_code_that_got_out_of_the_sandbox_opens_and_starts_nothing(tmp_path: Path) -> None:
    """The last line of defence, tried on Python itself: what the child forbids once it has confined itself."""
    code = (
        "import json, os, socket, subprocess\n"
        "from pytest_subagents.prompt.child import _confine\n"
        "_confine()\n"
        "def tried(act):\n"
        "    try: act(); return 'done'\n"
        "    except Exception as error: return type(error).__name__\n"
        "print(json.dumps([tried(act) for act in (\n"
        f"    lambda: open({str(tmp_path / 'x')!r}, 'w'),\n"
        "    lambda: open('/etc/passwd'),\n"
        "    lambda: os.listdir('/'),\n"
        "    lambda: os.system('true'),\n"
        "    lambda: subprocess.Popen(['true']),\n"
        "    lambda: socket.socket().connect(('127.0.0.1', 9)),\n"
        "    lambda: os.remove('/nowhere'),\n"
        "    lambda: __import__('ctypes'),\n"
        ")]))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == ["SecurityError"] * 8
    assert not (tmp_path / "x").exists()
