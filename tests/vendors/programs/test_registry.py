"""Names to programs: ours, and what other packages register."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from pytest_subagents.errors import BadUsage
from pytest_subagents.vendors import third_parties
from pytest_subagents.vendors.dialects import registry as dialects
from pytest_subagents.vendors.programs import registry as programs
from pytest_subagents.vendors.programs.interface import FEATURES
from pytest_subagents.vendors.reading import read_transcript
from pytest_subagents.vendors.registry import VENDORS, Vendor

OURS = ("claude", "codex", "command", "gemini", "opencode")

MODULE = """
from pytest_subagents.vendors.registry import Vendor
from pytest_subagents.vendors.dialects.role_messages import RoleMessages

class Bot:
    vendor = "bot"

class Other:
    vendor = "other"

class Needy:
    vendor = "needy"
    def __init__(self, given): ...

BOT2 = Vendor(name="bot2", program="acme_bot:Bot2", exit_meanings=((3, "auth"),))
MISNAMED = Vendor(name="bot3", program="acme_bot:Bot")
NO_CLASS = Vendor(name="noclass", program="acme_bot:NUMBER")
NUMBER = 5

class Bot2:
    vendor = "bot2"

class Stream(RoleMessages):
    name = "bot_stream"
    vendor = "bot"
    def claims(self, record):
        return record.get("bot") == 1
    def decode(self, line, number):
        from pytest_subagents.model.event import End, Message
        return (Message(line=number, text="hi"), End(line=number, ok=True)) if b'"bot"' in line else None
    def digest(self, lines, first, sink):
        return 0
"""

Install = Callable[..., None]


def forget() -> None:
    third_parties.registered.cache_clear()
    programs.program.cache_clear()
    dialects._class_of.cache_clear()
    sys.modules.pop("acme_bot", None)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes packages with entry points, as an installer would; forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "acme_bot.py").write_text(MODULE, encoding="utf-8")

    def make(package: str, **groups: Mapping[str, str]) -> None:
        folder = tmp_path / f"{package.replace('-', '_')}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        lines = [
            f"[pytest_subagents.{group}]\n" + "".join(f"{name} = {address}\n" for name, address in points.items())
            for group, points in groups.items()
        ]
        (folder / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
        forget()

    yield make
    forget()


@pytest.mark.parametrize("vendor", OURS)
def test_each_of_ours_has_its_program(vendor: str) -> None:
    found = programs.program(vendor)
    assert found.vendor == vendor
    assert set(found.parity) == set(FEATURES)
    assert programs.program(vendor) is found


def test_a_vendor_that_is_only_read_has_none() -> None:
    for name in ("cursor", "copilot", "nobody"):
        with pytest.raises(KeyError):
            programs.program(name)
    assert set(OURS) <= set(programs.startable())
    assert not {"cursor", "copilot"} & set(programs.startable())


def test_a_class_registers_a_vendor(install: Install) -> None:
    install("acme-bot", vendors={"bot": "acme_bot:Bot"})
    assert "bot" in VENDORS
    assert "bot" in list(VENDORS)
    assert len(VENDORS) == len(VENDORS.ours) + 1
    assert VENDORS["bot"] == Vendor(name="bot", program="acme_bot:Bot")
    assert programs.program("bot").vendor == "bot"
    assert programs.startable() == tuple(sorted((*OURS, "bot")))


def test_a_vendor_registers_itself_with_what_its_exit_codes_mean(install: Install) -> None:
    install("acme-bot", vendors={"bot2": "acme_bot:BOT2"})
    assert VENDORS["bot2"].exit_meanings == ((3, "auth"),)
    assert programs.program("bot2").vendor == "bot2"


def test_ours_cannot_be_replaced(install: Install) -> None:
    install("acme-bot", vendors={"codex": "acme_bot:Bot", "cursor": "acme_bot:Bot"})
    assert type(programs.program("codex")).__name__ == "Codex"
    assert VENDORS["cursor"].program is None
    assert list(VENDORS).count("codex") == 1


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("gone", "acme_gone:Bot", "'acme_gone:Bot' cannot be imported: ModuleNotFoundError"),
        ("gone", "acme_bot:Gone", "'acme_bot:Gone' cannot be imported: AttributeError"),
        ("bot", "acme_bot:NUMBER", "is neither a Program class nor a Vendor"),
        ("bot4", "acme_bot:MISNAMED", "is the vendor 'bot3'"),
        ("bot", "acme_bot:Other", "is the program of 'other'"),
        ("needy", "acme_bot:Needy", "cannot be made without arguments: TypeError"),
        ("noclass", "acme_bot:NO_CLASS", "'acme_bot:NUMBER' is no Program class"),
    ],
)
def test_a_broken_entry_point_is_said_when_it_is_used(install: Install, name: str, address: str, words: str) -> None:
    install("acme-bot", vendors={name: address})
    assert name in VENDORS
    assert name in programs.startable()
    with pytest.raises(BadUsage) as raised:
        programs.program(name)
    assert f"entry point {name!r} of pytest_subagents.vendors (acme-bot 1.0)" in str(raised.value)
    assert words in str(raised.value)


def test_a_name_that_two_packages_register_is_nobody_s(install: Install) -> None:
    install("acme-bot", vendors={"bot": "acme_bot:Bot"})
    install("best-bot", vendors={"bot": "acme_bot:Bot"})
    with pytest.raises(
        BadUsage, match=r"\((acme-bot 1.0, best-bot 1.0|best-bot 1.0, acme-bot 1.0)\): several packages"
    ):
        programs.program("bot")


def test_a_dialect_of_another_package_is_read(install: Install, tmp_path: Path) -> None:
    install("acme-bot", dialects={"bot_stream": "acme_bot:Stream"}, vendors={"bot": "acme_bot:Bot"})
    stream = tmp_path / "stream.jsonl"
    stream.write_text('{"bot": 1}\n', encoding="utf-8")
    outcome = read_transcript(stream)
    assert outcome.dialects == ("bot_stream",)
    assert outcome.vendor == "bot"
    assert list(dialects.ADDRESSES)[-1] == "bot_stream"


def test_a_broken_dialect_is_said_when_a_line_is_offered_to_it(install: Install, tmp_path: Path) -> None:
    install("acme-bot", dialects={"bot_stream": "acme_bot:NUMBER"})
    stream = tmp_path / "stream.jsonl"
    stream.write_text('{"bot": 1}\n', encoding="utf-8")
    with pytest.raises(BadUsage, match="'acme_bot:NUMBER' is no Dialect class"):
        read_transcript(stream)


def test_nobody_looks_for_other_packages_while_only_ours_are_used(tmp_path: Path) -> None:
    """To look for them takes a walk over all that is installed, and importlib.metadata."""
    stream = tmp_path / "stream.jsonl"
    stream.write_text(
        '{"type":"thread.started","thread_id":"a"}\n{"type":"turn.started"}\nno protocol\n', encoding="utf-8"
    )
    code = (
        "import sys\n"
        "from pytest_subagents.vendors.registry import VENDORS\n"
        "from pytest_subagents.vendors.programs.registry import program\n"
        "from pytest_subagents.vendors.reading import read_transcript\n"
        "assert 'codex' in VENDORS and VENDORS.get('') is None\n"
        "for name in VENDORS.ours: VENDORS[name]\n"
        "program('codex'), program('command')\n"
        "assert read_transcript(sys.argv[1]).vendor == 'codex'\n"
        "assert 'importlib.metadata' not in sys.modules, 'looked for other packages'\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(stream)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
