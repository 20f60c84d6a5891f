"""The vendor and the model that a subagent runs with: the command line, its own keys, its vendor's entry."""

from __future__ import annotations

from dataclasses import replace

from pytest_subagents.glue.options import Settings
from pytest_subagents.model.spec import Subagent


def overridden(agent: Subagent, settings: Settings) -> Subagent:
    """`agent` with the vendor and the model that hold for this run.

    Another vendor than its own leaves the agent's model behind, which is a name of its own vendor's.
    """
    vendor, model = agent.vendor, agent.model
    if agent.runner == "process" and settings.vendor is not None and settings.vendor != vendor:
        vendor, model = settings.vendor, None
    if settings.model is not None:
        model = settings.model
    if model is None:
        model = next((entry.model for entry in agent.vendors if entry.vendor == vendor), None)
    return agent if (vendor, model) == (agent.vendor, agent.model) else replace(agent, vendor=vendor, model=model)
