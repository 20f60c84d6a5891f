"""Drawing below pytest's cursor: whatever is drawn and whenever, pytest's own text is as if nothing had been."""

from __future__ import annotations

import fcntl
import io
import os
import pty
import struct
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from progress_cases import HOSTILE

from pytest_subagents.glue.below import Below

WIDTH, HEIGHT = 80, 24


class Shared:
    """A file that pytest's own reporter and a `Below` write to, read as a terminal would."""

    def __init__(self, config: pytest.Config, folder: Path) -> None:
        path = folder / "terminal"
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._file = os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8")
        self._path = path
        self.reporter = pytest.TerminalReporter(config, self._file)
        self.writer = self.reporter._tw
        self.below = Below(self.writer, os.open(path, flags))

    def screen(self) -> pyte.HistoryScreen:
        screen = pyte.HistoryScreen(WIDTH, HEIGHT, history=10_000, ratio=0.5)
        screen.set_mode(pyte.modes.LNM)  # as the system's own terminal driver turns \n into \r\n
        self._file.flush()
        pyte.ByteStream(screen).feed(self._path.read_bytes())
        return screen

    def text(self) -> str:
        return text_of(self.screen())

    def content(self) -> str:
        self._file.flush()
        return self._path.read_text(encoding="utf-8")

    def close(self) -> None:
        self.below.close()
        self._file.close()


def text_of(screen: pyte.HistoryScreen) -> str:
    gone = ["".join(line[column].data for column in range(WIDTH)) for line in screen.history.top]
    return "\n".join(line.rstrip() for line in [*gone, *screen.display]).rstrip()


@contextmanager
def shared(config: pytest.Config, folder: Path) -> Iterator[Shared]:
    found = Shared(config, folder)
    try:
        yield found
    finally:
        found.close()


def always() -> bool:
    return True


_STATUS = "\r" + "gw0 [3]".ljust(79)
_writes = st.sampled_from(
    [
        ".",
        "F",
        "subagents.yaml ",
        "\n",
        "PASSED\n",
        "=" * 80,
        "=" * 79,
        "x" * 160,
        "  [ 50%]",
        "\n\n",
        "日本語",
        _STATUS,
        "\rab",
    ]
) | st.text("abc \n", min_size=1, max_size=90)
_rows = st.lists(st.sampled_from(["a row", "x" * 200, "日本語" * 40, "\x1b[1mbold\x1b[0m", ""]), max_size=20)


@example(steps=[("write", _STATUS), ("write", "."), ("write", _STATUS), ("draw", ["a row"])])
@given(steps=st.lists(st.tuples(st.just("write"), _writes) | st.tuples(st.just("draw"), _rows), max_size=40))
def test_what_pytest_writes_is_as_if_nothing_had_been_drawn(
    steps: list[tuple[str, str | list[str]]],
    pytestconfig: pytest.Config,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with shared(pytestconfig, tmp_path_factory.getbasetemp()) as found:
        for _, what in steps:
            if isinstance(what, str):
                found.writer.write(what)
            else:
                found.below.draw(what, only_if=always)
        found.below.clear()
        plain = pyte.HistoryScreen(WIDTH, HEIGHT, history=10_000, ratio=0.5)
        plain.set_mode(pyte.modes.LNM)
        pyte.Stream(plain).feed("".join(what for _, what in steps if isinstance(what, str)))
        seen = found.screen()
        assert text_of(seen) == text_of(plain)
        assert seen.cursor.x == plain.cursor.x
        assert pyte.modes.DECAWM in seen.mode


@given(steps=st.lists(st.text("ab\n", max_size=9) | st.none(), max_size=40))
def test_lines_of_a_log_take_nothing_from_pytest_s(
    steps: list[str | None], pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Each line of pytest's is there as a whole, and in its order."""
    with shared(pytestconfig, tmp_path_factory.getbasetemp()) as found:
        for text in steps:
            if text is None:
                found.below.tell("#")
            else:
                found.writer.write(text)
        found.writer.line()
        seen = iter(found.content().split("\n"))
        for line in ("".join(text for text in steps if text) + "\n").split("\n"):
            assert line in seen  # from where the line before it was found


def test_what_is_drawn_stands_below_the_line_that_pytest_is_at(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    with shared(pytestconfig, tmp_path) as found:
        found.writer.write("subagents.yaml .")
        found.below.draw(["one", "x" * 200], only_if=always)
        assert found.text() == f"subagents.yaml .\none\n{'x' * WIDTH}"
        assert (found.screen().cursor.x, found.screen().cursor.y) == (16, 0)
        found.below.draw(["two"], only_if=always)
        assert found.text() == "subagents.yaml .\ntwo"
        found.below.draw(["three"], only_if=lambda: False)
        assert found.text() == "subagents.yaml ."


def test_where_it_does_not_fit_nothing_is_drawn(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    with shared(pytestconfig, tmp_path) as found:
        found.writer.write("." * 3)
        found.below.draw(["row"] * (HEIGHT - 3), only_if=always)
        assert found.text() == "..."


def test_a_line_in_a_log_ends_pytest_s_which_then_goes_on(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    with shared(pytestconfig, tmp_path) as found:
        found.writer.write("a.yaml ")
        found.below.tell("subagents: 1 running")
        found.below.tell("subagents: 2 running")
        found.writer.write(".")
        found.writer.write("F")
        found.below.tell("subagents: 3 running")
        found.writer.line()
        found.below.tell("subagents: 4 running")
        found.writer.line("the end")
        assert found.text().split("\n") == [
            "a.yaml",
            "subagents: 1 running",
            "subagents: 2 running",
            "a.yaml .F",
            "subagents: 3 running",
            "subagents: 4 running",
            "the end",
        ]


def test_two_threads_do_not_tear_what_they_write(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    with shared(pytestconfig, tmp_path) as found:
        over = threading.Event()

        def draw() -> None:
            number = 0
            while not over.is_set():
                number += 1
                found.below.draw([f"row {number}"], only_if=always)

        thread = threading.Thread(target=draw)
        thread.start()
        for number in range(300):
            found.writer.write(f"line {number}\n")
        over.set()
        thread.join()
        found.below.clear()
        assert found.text() == "\n".join(f"line {number}" for number in range(300))


def test_it_gives_the_file_back(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    with shared(pytestconfig, tmp_path) as found:
        assert found.writer._file is found.below
        assert found.below.isatty() is False
        assert found.below.encoding.lower() == "utf-8"
    assert not isinstance(found.writer._file, Below)


def test_a_terminal_that_is_gone_stops_nobody(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    file = io.StringIO()
    reporter = pytest.TerminalReporter(pytestconfig, file)
    below = Below(reporter._tw, writing)
    below.draw(["row"], only_if=always)
    reporter._tw.write("text")
    below.close()
    assert file.getvalue() == "text"


@pytest.mark.parametrize(
    ("environment", "draws"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({}, False), ({"TERM": "xterm", "CI": "true"}, False)],
)
def test_it_draws_where_somebody_looks(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], draws: bool
) -> None:
    for name in ("TERM", "CI"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 50, 0, 0))
        reporter = pytest.TerminalReporter(pytestconfig, io.StringIO())
        below = Below(reporter._tw, os.dup(slave))
        assert below.draws is draws
        assert below.size() == (50, 26)
        below.close()
    finally:
        os.close(master)
        os.close(slave)


def test_hostile_text_is_no_matter_of_drawing_but_letters_that_an_encoding_lacks_are(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    path = tmp_path / "ascii"
    with path.open("w", encoding="ascii") as file:
        reporter = pytest.TerminalReporter(pytestconfig, file)
        below = Below(reporter._tw, os.open(path, os.O_WRONLY | os.O_APPEND))
        below.draw(["≥1 ", HOSTILE], only_if=always)
        reporter._tw.write("日本")
        below.close()
    assert b"?1 " in path.read_bytes()
    assert rb"\u65e5\u672c" in path.read_bytes()
