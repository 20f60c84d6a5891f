"""The part of SARIF 2.1.0 that a report is written in, as types. Names and meanings are those of the standard."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Level: TypeAlias = Literal["error", "warning", "note"]
BaselineState: TypeAlias = Literal["new", "unchanged"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    pass


class Message(_Part, frozen=True, kw_only=True):
    text: str


class Region(_Part, frozen=True, kw_only=True):
    start_line: int


class ArtifactLocation(_Part, frozen=True, kw_only=True):
    uri: str | None = None
    uri_base_id: str | None = None
    description: Message | None = None


class PhysicalLocation(_Part, frozen=True, kw_only=True):
    artifact_location: ArtifactLocation
    region: Region | None = None


class LogicalLocation(_Part, frozen=True, kw_only=True):
    name: str
    fully_qualified_name: str
    kind: str


class Location(_Part, frozen=True, kw_only=True):
    physical_location: PhysicalLocation | None = None
    logical_locations: tuple[LogicalLocation, ...] = ()


class ResultProperties(_Part, frozen=True, kw_only=True):
    """Ours, in the bag that the standard has for that."""

    agent: str
    nodeid: str | None = None
    severity: str | None = None
    status: str | None = None
    violations: int | None = None


class SarifResult(_Part, frozen=True, kw_only=True):
    rule_id: str
    rule_index: int
    level: Level
    message: Message
    locations: tuple[Location, ...] = ()
    partial_fingerprints: dict[str, str]
    baseline_state: BaselineState | None = None
    properties: ResultProperties


class Configuration(_Part, frozen=True, kw_only=True):
    level: Level


class Tags(_Part, frozen=True, kw_only=True):
    tags: tuple[str, ...]


class Descriptor(_Part, frozen=True, kw_only=True):
    """A rule."""

    id: str
    short_description: Message
    full_description: Message
    help: Message
    default_configuration: Configuration
    properties: Tags


class Driver(_Part, frozen=True, kw_only=True):
    name: str
    full_name: str
    rules: tuple[Descriptor, ...]


class Tool(_Part, frozen=True, kw_only=True):
    driver: Driver


class AutomationDetails(_Part, frozen=True, kw_only=True):
    id: str


class Notification(_Part, frozen=True, kw_only=True):
    level: Level
    message: Message


class Invocation(_Part, frozen=True, kw_only=True):
    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...] = ()


class SarifRun(_Part, frozen=True, kw_only=True):
    tool: Tool
    automation_details: AutomationDetails
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: dict[str, ArtifactLocation]
    results: tuple[SarifResult, ...]


class Log(msgspec.Struct, frozen=True, kw_only=True, rename={"schema": "$schema"}):
    schema: str = SCHEMA
    version: Literal["2.1.0"] = "2.1.0"
    runs: tuple[SarifRun, ...]
