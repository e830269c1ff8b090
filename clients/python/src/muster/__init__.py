"""Client and worker for Muster, a task queue, agent registry and capability router for fleets of AI agents."""

from . import models
from ._async_client import AsyncMuster
from ._client import Muster
from ._errors import FieldError, MusterError, MusterErrorCode
from ._generated.version import VERSION as __version__

__all__ = [
    "AsyncMuster",
    "FieldError",
    "Muster",
    "MusterError",
    "MusterErrorCode",
    "__version__",
    "models",
]
