"""`subagents schema`: the JSON Schemas that the package ships."""

from __future__ import annotations

from importlib.resources import files

import click

from pytest_subagents.cli.printing import print_file

_SCHEMAS = {
    "events": ("pytest_subagents.vendors.dialects", "subagents_events.schema.json"),
    "event": ("pytest_subagents.reports", "event.schema.json"),
    "workflow": ("pytest_subagents.specify", "workflow.schema.json"),
    "report": ("pytest_subagents.reports", "report.schema.json"),
    "shard": ("pytest_subagents.reports", "shard.schema.json"),
    "result": ("pytest_subagents.contract", "schemas/result.json"),
}


@click.command()
@click.argument("name", type=click.Choice(sorted(_SCHEMAS)), default="workflow")
def schema(name: str) -> None:
    """Print a JSON Schema: of workflow files, of report.json, of the events of a transcript, of the `event` that a
    `notify` command is told, of what a `shard` leaves, or of the contract `result`."""
    package, path = _SCHEMAS[name]
    print_file(files(package).joinpath(path).read_text(encoding="utf-8"))
