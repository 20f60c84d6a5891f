"""Where jsonschema-rs may say yes: for schemas of which it is shown that jsonschema would say the same.

Found by comparing both on millions of documents (`benchmarks/contract.py`, and research/performance.md section 0).
Known to differ, and so left to jsonschema alone:

- `pattern`, `patternProperties`: ECMA-262 against Python's `re` (`\\d` and Arabic digits, `$` before a last line feed).
- `multipleOf`, of integers too: 9223372036854775808.0 is a multiple of 10 for jsonschema-rs 0.60 and 0.3 one of 0.1,
  for jsonschema 4.26 neither.
- `contentEncoding`, `contentMediaType`: asserted by jsonschema-rs in draft-07.
- `unevaluatedProperties`, `unevaluatedItems`: their cost has no bound that we could give.
- drafts other than 2020-12 and draft-07: they were not compared.
- keywords of other drafts, which one library may honour and the other pass over.

`format` is asserted by neither as we build them. `uniqueItems` differs in one direction: jsonschema overlooks equal
arrays where `1` and `true` stand between them, jsonschema-rs does not.
"""

from __future__ import annotations

from typing import Final

from pytest_subagents.contract.drafts import foreign_keywords
from pytest_subagents.contract.graph import Graph

_DIFFERENT: Final = frozenset(
    [
        "pattern",
        "patternProperties",
        "multipleOf",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "unevaluatedProperties",
        "unevaluatedItems",
    ]
)


def is_guarded(graph: Graph) -> bool:
    """Whether both libraries judge every answer in the same way, as far as any answer can get in the schema."""
    if not graph.draft.compared:
        return False
    different = _DIFFERENT | foreign_keywords(graph.draft)
    return not any(
        isinstance(node.schema, dict) and not different.isdisjoint(node.schema) for node in graph.reachable()
    )
