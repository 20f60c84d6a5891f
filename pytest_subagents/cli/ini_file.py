"""What pytest's ini file says that the command goes by too: read as pytest reads it in the current folder."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import iniconfig

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.value import Value, field

_Table = Mapping[str, object]
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"stale": ("fail", "warn"), "partial": ("fail", "pass")}
)


class IniFile(Value, frozen=True, kw_only=True):
    """The keys `subagents_…` of pytest's ini file, without that prefix."""

    values: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def of(cls, rootdir: Path) -> IniFile:
        """The file that pytest takes in `rootdir`; empty where there is none. `BadUsage` for one that is damaged."""
        for name, read in _FILES.items():
            path = rootdir / name
            if not path.is_file():
                continue
            try:
                table = read(path)
            except (OSError, ValueError, AttributeError, iniconfig.ParseError) as error:
                raise BadUsage(name, f"it cannot be read as pytest reads it: {error}", hint="mend the file") from None
            if table is not None:
                return cls(values={key.removeprefix(_PREFIX): table[key] for key in table if key.startswith(_PREFIX)})
        return cls()

    def text(self, name: str) -> str | None:
        """One text, one of its choices where it has any; None where the file says nothing."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise BadUsage(f"ini {_PREFIX}{name}", "it is no text", hint="put it into quotes")
        if name in _CHOICES and value not in _CHOICES[name]:
            hint = f"use one of: {', '.join(_CHOICES[name])}"
            raise BadUsage(f"ini {_PREFIX}{name}", f"{value!r} is not a choice", hint=hint)
        return value

    def lines(self, name: str) -> tuple[str, ...]:
        """Several texts: lines of one, or a list of TOML."""
        value = self.values.get(name, "")
        items = value.split("\n") if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise BadUsage(f"ini {_PREFIX}{name}", "it is no list of texts", hint="write one text a line")
        return tuple(item.strip() for item in items if item.strip())


def lines_said(name: str, rootdir: Path, *, commas: bool = True) -> tuple[str, ...]:
    """Of the variable SUBAGENTS_<NAME>, or else of the ini file; with `commas` a variable has several in one line."""
    variable = os.environ.get(f"SUBAGENTS_{name.upper()}")
    if variable is None:
        return IniFile.of(rootdir).lines(name)
    text = variable.replace(",", "\n") if commas else variable
    return tuple(item.strip() for item in text.split("\n") if item.strip())


def defaults_of(command: str, rootdir: Path) -> dict[str, Any]:
    """What the options of a command are where neither the command line nor a variable says it."""
    said = _SAID.get(command, {})
    ini = IniFile.of(rootdir) if said else IniFile()
    found = {option: of(ini) for option, of in said.items()}
    return {option: value for option, value in found.items() if value}


def _report(ini: IniFile) -> str | None:
    folder = os.environ.get("SUBAGENTS_REPORT_DIR") or ini.text("report_dir")
    return None if folder is None else (Path(folder) / "report.json").as_posix()


def _text(name: str) -> Callable[[IniFile], str | None]:
    return lambda ini: ini.text(name)


def _redact(ini: IniFile) -> tuple[str, ...]:
    return ini.lines("redact")


_SAID: Final[Mapping[str, Mapping[str, Callable[[IniFile], str | tuple[str, ...] | None]]]] = MappingProxyType(
    {
        "approve": {"report": _report},
        "import": {"redact": _redact},
        "logs": {"run_dir": _text("run_dir"), "report": _report},
        "merge": {"redact": _redact, "report": _report},
        "plan": {"run_dir": _text("run_dir")},
        "replay": {"contract": _text("contract"), "stale": _text("stale"), "partial": _text("partial")},
        "report": {"path": _report, "run_dir": _text("run_dir")},
        "show": {"report": _report, "run_dir": _text("run_dir")},
        "status": {"run_dir": _text("run_dir")},
    }
)
"""Command to option to what the ini file says of it."""
_PREFIX: Final = "subagents_"


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _pytest_toml(path: Path) -> _Table | None:
    """These count without a table of pytest's too."""
    table: _Table = _toml(path).get("pytest", {})
    return table


def _pyproject(path: Path) -> _Table | None:
    table = _toml(path).get("tool", {}).get("pytest", {})
    found: _Table = table.get("ini_options") or {key: value for key, value in table.items() if key != "ini_options"}
    return found or None


def _ini(path: Path) -> _Table | None:
    """`pytest.ini` counts without a section of pytest's too."""
    return _section(path, "pytest") or {}


def _tox(path: Path) -> _Table | None:
    return _section(path, "pytest")


def _setup(path: Path) -> _Table | None:
    return _section(path, "tool:pytest")


def _section(path: Path, name: str) -> _Table | None:
    sections = iniconfig.IniConfig(str(path))
    return dict(sections[name].items()) if name in sections else None


_FILES: Final[Mapping[str, Callable[[Path], _Table | None]]] = MappingProxyType(
    {
        "pytest.toml": _pytest_toml,
        ".pytest.toml": _pytest_toml,
        "pytest.ini": _ini,
        ".pytest.ini": _ini,
        "pyproject.toml": _pyproject,
        "tox.ini": _tox,
        "setup.cfg": _setup,
    }
)
"""In pytest's order; the first that says anything of pytest is the one."""
