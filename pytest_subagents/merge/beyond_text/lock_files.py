"""Files that a program writes from others, told by their names: two versions of one are never merged as text."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

_LOCK: Final = (
    *("*.lock", "*.lockb", "*.lockfile", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum"),
    *("packages.lock.json", "gradle.lockfile", "Package.resolved", "mix.lock", "pubspec.lock", "deno.lock"),
)
_GENERATED: Final = (
    *("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*.pb.go", "*.pb.cc", "*.pb.h", "*.g.dart", "*.freezed.dart"),
    *("*.generated.*", "*_generated.go", "*.designer.cs", "*.min.js", "*.min.css", "*.js.map", "*.css.map"),
)


def kind_by_name(path: bytes) -> str | None:
    """`lock file`, `generated file`, or None for what people write."""
    name = path.rpartition(b"/")[2].decode("utf-8", "replace")
    if any(fnmatchcase(name, glob) for glob in _LOCK):
        return "lock file"
    return "generated file" if any(fnmatchcase(name, glob) for glob in _GENERATED) else None
