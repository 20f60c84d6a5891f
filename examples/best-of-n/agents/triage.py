"""Stands in for an agent that mostly answers as it was asked to, and now and then in prose."""

import json
import random

if random.random() < 0.8:
    print(json.dumps({"status": "success", "summary": "A bug: it divides by zero.", "findings": []}))
else:
    print("Sure! In my opinion that is a bug.")
