"""What a tool of an agent reads, by its name and by what it is given, as far as both tell."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import msgspec

from pytest_subagents.model.glob import glob_of
from pytest_subagents.vendors.command_reads import Touch

ToolForm: TypeAlias = Literal["read", "searched", "pattern", "listed", "delegates", "nothing"]

_TOOLS: Final[Mapping[str, ToolForm]] = MappingProxyType(
    {
        # Claude Code: Read, Grep, Glob, LS. OpenCode: read, grep, glob, list. Gemini CLI: the names with `_`.
        # Cursor and GitHub Copilot CLI: read, grep, glob, ls and view, rg.
        **dict.fromkeys(("read", "view", "notebookread", "read_file", "read_many_files", "view_image"), "read"),
        **dict.fromkeys(("grep", "rg", "grep_search", "search_file_content"), "searched"),
        "glob": "pattern",
        **dict.fromkeys(("ls", "list", "list_directory"), "listed"),
        **dict.fromkeys(("agent", "task"), "delegates"),
        **dict.fromkeys(
            (
                *("write", "edit", "multiedit", "notebookedit", "patch", "apply_patch", "delete", "create"),
                *("write_file", "create_file", "edit_file", "replace", "str_replace"),
                *("todowrite", "todoread", "write_todos", "update_plan", "update_todo", "updatetodos", "save_memory"),
                *("webfetch", "web_fetch", "websearch", "web_search", "google_web_search"),
                *("structuredoutput", "exitplanmode", "enterplanmode", "askuserquestion", "question", "invalid"),
                *("bashoutput", "killshell", "killbash", "kill_shell", "toolsearch", "tool_search", "sleep"),
            ),
            "nothing",
        ),
    }
)
"""By the name of a tool in lower case; of others it is not known what they read. Who writes a file may read it."""
_PATHS: Final = ("file_path", "filePath", "absolute_path", "notebook_path", "path", "dir_path")
_LISTS: Final = ("paths", "include")
_FILTERS: Final = ("glob", "include")


def form_of(tool: str) -> ToolForm | None:
    """What a tool of this name does; None where it is not known what it reads."""
    return _TOOLS.get(tool.lower())


def touches_of(form: ToolForm, given: Mapping[str, object]) -> tuple[Touch, ...]:
    """What a tool that is given this reads; nothing where that is not told."""
    path = next((value for name in _PATHS if isinstance(value := given.get(name), str) and value), "")
    match form:
        case "read":
            listed = [value for name in _LISTS if isinstance(value := given.get(name), list)]
            globs = [each for value in listed for each in value if isinstance(each, str) and each]
            one = (Touch(use="read", path=path),) if path else ()
            return (*one, *(Touch(use="searched", path=each, is_glob=True) for each in globs))
        case "pattern":
            pattern = given.get("pattern")
            if not isinstance(pattern, str) or not pattern:
                return ()
            return (Touch(use="listed", path=posixpath.join(glob_of(path), pattern), is_glob=True),)
        case "listed":
            return (Touch(use="listed", path=posixpath.join(glob_of(path), "*"), is_glob=True),)
        case _:
            narrowed = next((value for name in _FILTERS if isinstance(value := given.get(name), str)), "")
            if not path and "/" in narrowed.rstrip("/") and not narrowed.startswith(("!", "/")):
                return (Touch(use="searched", path=narrowed, is_glob=True),)
            return (Touch(use="searched", path=path or "."),)


def arguments_of(text: str) -> Mapping[str, object] | None:
    """What a tool is given, from the JSON text of its call; None where that is no object."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
