"""Patches in the one form that recordings have, made without git."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = "0" * 40
BINARY = b"GIT binary patch\nliteral 3\nKcmZQzWC8#H2LJ>B\n\nliteral 0\nHcmV?d00001\n\n"


def new_file(path: str, lines: Sequence[str] = ("x",), *, id: str = "1") -> bytes:
    """One that adds a file of these lines."""
    body = "".join(f"+{line}\n" for line in lines)
    count = "" if len(lines) == 1 else f",{len(lines)}"
    text = f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex {NOTHING}..{id * 40}\n"
    return f"{text}--- /dev/null\n+++ b/{path}\n@@ -0,0 +1{count} @@\n{body}".encode()


def changed_line(path: str, old: str = "old", new: str = "new") -> bytes:
    """One that changes the one line of a file."""
    text = f"diff --git a/{path} b/{path}\nindex {'2' * 40}..{'3' * 40} 100644\n--- a/{path}\n+++ b/{path}\n"
    return f"{text}@@ -1 +1 @@\n-{old}\n+{new}\n".encode()


def new_binary(path: str) -> bytes:
    text = f"diff --git a/{path} b/{path}\nnew file mode 100644\nindex {NOTHING}..{'4' * 40}\n"
    return text.encode() + BINARY
