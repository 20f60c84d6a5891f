"""The vendor and the model that a subagent runs with: the command line, its own keys, its vendor's entry."""

from __future__ import annotations

from msgspec.structs import replace

from pytest_subagents.model.spec import Subagent


def overridden(agent: Subagent, *, vendor: str | None, model: str | None) -> Subagent:
    """`agent` with the vendor and the model that hold for this run, which may ask for others (`vendor`, `model`).

    Another vendor than its own leaves the agent's model behind, which is a name of its own vendor's.
    """
    its_vendor, its_model = agent.vendor, agent.model
    if agent.runner == "process" and vendor is not None and vendor != its_vendor:
        its_vendor, its_model = vendor, None
    if model is not None:
        its_model = model
    if its_model is None:
        its_model = next((entry.model for entry in agent.vendors if entry.vendor == its_vendor), None)
    if (its_vendor, its_model) == (agent.vendor, agent.model):
        return agent
    return replace(agent, vendor=its_vendor, model=its_model)
