"""Prints the files that have the same content: `MUSTER_KEY=mst_... python3 examples/python/producer.py *`."""

import json
import os
import sys
import time
import uuid

from muster import call


def create(**task):
    """Creates a task, once, however often the request has to be sent."""
    return call("POST", "/v1/tasks", {**task, "requirements": ["files"], "idempotency_key": str(uuid.uuid4())})


digests = [create(task_type="digest", content=os.path.abspath(file)) for file in sys.argv[1:]]
task = create(
    task_type="duplicates",
    content="Group the files that have the same content",
    dependencies=[digest["task_id"] for digest in digests],
    on_dependency_failure="cancel",
)
while task["status"] not in ("completed", "failed", "cancelled"):
    time.sleep(0.2)
    task = call("GET", f"/v1/tasks/{task['task_id']}")
print(json.dumps(task.get("result"), indent=2))
sys.exit(0 if task["status"] == "completed" else 1)
