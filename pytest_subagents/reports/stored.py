"""A report in a file: read, if it is a regular file of a size that a report has."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import REPORT_BYTES
from pytest_subagents.model.report import Report
from pytest_subagents.reports.reading import read_report

_MAKE: Final = "run `pytest --subagents` first, or name a report.json"


def stored_report(
    path: str | Path, *, where: str | None = None, missing: str = "there is no report", hint: str = _MAKE
) -> Report:
    """The report in the file `path`, called `where` in errors.

    Raises `BadUsage` where there is none (`missing`, `hint`), or something else.
    """
    where = where or str(path)
    return read_report(content_of(path, where=where, missing=missing, hint=hint), where=where)


def content_of(
    path: str | Path, *, where: str | None = None, missing: str = "there is no report", hint: str = _MAKE
) -> bytes:
    """The bytes of a regular file that is no larger than a report may be; `BadUsage` for everything else."""
    where = where or str(path)
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):  # a FIFO would wait for ever, a device never end
            raise BadUsage(where, "it is no file")
        if found.st_size > REPORT_BYTES:
            raise BadUsage(where, f"it is larger than {REPORT_BYTES:,} bytes")
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise BadUsage(where, missing, hint=hint) from None
    except (OSError, ValueError) as error:
        raise BadUsage(where, f"it cannot be read: {getattr(error, 'strerror', None) or error}") from None
