"""Teams of AI coding subagents as pytest items.

The names below are the public Python interface. Each is imported from its home when it is first used, so that
importing the package (as pytest does for every run, to reach the plugin) costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_subagents.errors import BadFile as BadFile
    from pytest_subagents.errors import BadUsage as BadUsage
    from pytest_subagents.errors import SubagentsError as SubagentsError
    from pytest_subagents.model.reason import Reason as Reason
    from pytest_subagents.model.report import Report as Report
    from pytest_subagents.model.result import Result as Result
    from pytest_subagents.model.scope import Scope as Scope
    from pytest_subagents.model.spec import Limits as Limits
    from pytest_subagents.model.spec import Retries as Retries
    from pytest_subagents.model.spec import Subagent as Subagent
    from pytest_subagents.model.spec import VendorSettings as VendorSettings
    from pytest_subagents.model.spec import Workflow as Workflow
    from pytest_subagents.model.verdict import Finding as Finding
    from pytest_subagents.runners.function_call import FunctionCall as FunctionCall

_HOMES = {
    "BadFile": "pytest_subagents.errors",
    "BadUsage": "pytest_subagents.errors",
    "Finding": "pytest_subagents.model.verdict",
    "FunctionCall": "pytest_subagents.runners.function_call",
    "Limits": "pytest_subagents.model.spec",
    "Reason": "pytest_subagents.model.reason",
    "Report": "pytest_subagents.model.report",
    "Result": "pytest_subagents.model.result",
    "Retries": "pytest_subagents.model.spec",
    "Scope": "pytest_subagents.model.scope",
    "Subagent": "pytest_subagents.model.spec",
    "SubagentsError": "pytest_subagents.errors",
    "VendorSettings": "pytest_subagents.model.spec",
    "Workflow": "pytest_subagents.model.spec",
}

__all__ = tuple(_HOMES)

if not TYPE_CHECKING:

    def __getattr__(name):
        try:
            home = _HOMES[name]
        except KeyError:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
        from importlib import import_module

        return getattr(import_module(home), name)

    def __dir__():
        return sorted([*globals(), *_HOMES])
