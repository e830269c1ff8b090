"""Client and worker for Muster, a task queue, agent registry and capability router for fleets of AI agents."""

from . import models
from ._async_client import AsyncMuster
from ._client import Muster
from ._errors import FieldError, MusterError, MusterErrorCode
from ._generated.version import VERSION as __version__
from ._worker.agent import Agent
from ._worker.context import Context
from ._worker.errors import AttemptStopped, NotMe, PermanentError
from ._worker.execution import Handler
from .models import ClaimedTask, Task, TaskSummary

__all__ = [
    "Agent",
    "AsyncMuster",
    "AttemptStopped",
    "ClaimedTask",
    "Context",
    "FieldError",
    "Handler",
    "Muster",
    "MusterError",
    "MusterErrorCode",
    "NotMe",
    "PermanentError",
    "Task",
    "TaskSummary",
    "__version__",
    "models",
]
