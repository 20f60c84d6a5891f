"""Ready texts of a merge in files: an issue for each validation that failed, a pull request for each branch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from pytest_subagents.errors import BadUsage
from pytest_subagents.integration.recorded_work import Request
from pytest_subagents.model.ids import file_name
from pytest_subagents.model.integration import Integration
from pytest_subagents.reports.merge_markdown import issue, pull_request
from pytest_subagents.writing import remove_tree, shared_mode, write_file


def write_texts(request: Request, found: Integration, folder: Path) -> tuple[Path, ...]:
    """The files, in the place of those of the last merge; `BadUsage` where one cannot be written."""
    texts, mode = tuple(_texts(request, found)), shared_mode()
    below = request.rootdir if folder.is_relative_to(request.rootdir) else folder.parent
    try:
        for name in ("issues", "pull-requests"):
            remove_tree(folder / name, below=below)
        for path, text in texts:
            write_file(folder / path, text.encode("utf-8", "replace"), below=below, mode=mode)
    except OSError as error:
        raise BadUsage(str(error.filename or folder), f"cannot be written: {error.strerror or error}") from None
    return tuple(folder / path for path, _ in texts)


def _texts(request: Request, found: Integration) -> Iterator[tuple[PurePosixPath, str]]:
    for validation in found.validations:
        if validation.of in found.issues and validation.state == "failed":
            yield PurePosixPath("issues", f"{file_name(validation.of)}.md"), issue(found, validation)
    rows = {row.planned.nodeid: row for row in request.report.agents}
    for each in found.branches:
        if not each.why:
            text = pull_request(found, each, rows[f"{request.file}::{each.agent}"])
            yield PurePosixPath("pull-requests", f"{file_name(each.agent)}.md"), text
