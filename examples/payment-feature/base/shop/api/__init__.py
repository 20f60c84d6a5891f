"""What the shop answers over HTTP."""
