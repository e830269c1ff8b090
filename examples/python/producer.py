"""Prints the files that have the same content: `MUSTER_KEY=mst_... python3 examples/python/producer.py *`."""

import json
import sys
from pathlib import Path

from muster import Muster

with Muster() as muster:
    digests = [
        muster.create_task(str(Path(file).absolute()), task_type="digest", requirements=["files"])
        for file in sys.argv[1:]
    ]
    task = muster.create_task(
        "Group the files that have the same content",
        task_type="duplicates",
        requirements=["files"],
        dependencies=[digest.task_id for digest in digests],
        on_dependency_failure="cancel",
    )
    task = muster.wait_for(task)

print(json.dumps(task.result, indent=2))
sys.exit(0 if task.status == "completed" else 1)
