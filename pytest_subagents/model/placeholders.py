"""What stands in a recording where something of one machine, or a secret, was cut out.

Recordings are committed, so that they are the same wherever they were made, and hold no key.
"""

from __future__ import annotations

from typing import Final

WORKSPACE: Final = "<workspace>"
"""The folder that the agent worked in."""
HOME: Final = "<home>"
"""A home folder: the agent's private one, or the person's."""
TEMPORARY: Final = "<tmp>"
"""The agent's private folder for temporary files."""
SECRET: Final = "<redacted>"
"""A secret, or what looked like one."""
