"""The report of the last run, from its file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from pytest_subagents.errors import BadUsage
from pytest_subagents.model.limits import REPORT_BYTES
from pytest_subagents.model.report import Report
from pytest_subagents.reports.reading import read_report


def stored_report(path: str) -> Report:
    """The report in the file `path`; raises `BadUsage` where there is none, or something else."""
    return read_report(content_of(path), where=path)


def content_of(path: str) -> bytes:
    """The bytes of a regular file that is no larger than a report may be; `BadUsage` for everything else."""
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):  # a FIFO would wait for ever, a device never end
            raise BadUsage(path, "it is no file")
        if found.st_size > REPORT_BYTES:
            raise BadUsage(path, f"it is larger than {REPORT_BYTES:,} bytes")
        return Path(path).read_bytes()
    except FileNotFoundError:
        hint = "run `pytest --subagents` first, or name a report.json"
        raise BadUsage(path, "there is no report", hint=hint) from None
    except (OSError, ValueError) as error:
        raise BadUsage(path, f"it cannot be read: {getattr(error, 'strerror', None) or error}") from None
