"""What hosts show and do, as operations with JSON in and out: the same for the server and the panel in a cell.

``labextension/src/model/contract.ts`` says what they take and answer; :class:`Feed` tells what happens meanwhile.
"""

from __future__ import annotations

from jupyter_mlops.api.feed import Feed, Listener
from jupyter_mlops.api.operations import OPERATIONS, Operation, call
from jupyter_mlops.api.outbox import Outbox
from jupyter_mlops.api.refusals import OperationError, refusal

__all__ = ["OPERATIONS", "Feed", "Listener", "Operation", "OperationError", "Outbox", "call", "refusal"]
