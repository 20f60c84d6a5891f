"""How an agent ended, as the one line of JSON that its warden writes."""

from __future__ import annotations

import os


def ending_text(cause: str, exit_code: int | None, message: str, runtime_ms: int, left_behind: int) -> str:
    """By hand, as the json module would double the time that a warden takes to start; ASCII only."""
    return (
        f'{{"cause": {quoted(cause)}, "exit_code": {"null" if exit_code is None else exit_code}, '
        f'"message": {quoted(message)}, "runtime_ms": {runtime_ms}, "left_behind": {left_behind}}}'
    )


def quoted(text: str) -> str:
    """`text` as a JSON string."""
    units = text.encode("utf-16-be", "surrogatepass")
    return '"' + "".join(_character(units[place] << 8 | units[place + 1]) for place in range(0, len(units), 2)) + '"'


def _character(unit: int) -> str:
    plain = 0x20 <= unit < 0x7F and unit not in (0x22, 0x5C)
    return chr(unit) if plain else f"\\u{unit:04x}"


def write_ending(folder: int, name: bytes, text: str) -> None:
    """At once, in a folder that is open: who reads it finds all or nothing. `OSError` where the disk is full, say."""
    beside = b"." + name[:60] + b"." + os.urandom(8).hex().encode()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    file = os.open(beside, flags, 0o600, dir_fd=folder)
    try:
        data = text.encode() + b"\n"
        if os.write(file, data) != len(data):
            raise OSError("the disk is full")
        os.replace(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(beside, dir_fd=folder)
        raise
    finally:
        os.close(file)
