"""What a run wrote to stdout and stderr, a piece at a time."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from jupyter_mlops.api.context import Context
from jupyter_mlops.api.tracked import whole
from jupyter_mlops.errors import ParameterError
from jupyter_mlops.execution.folder import LOG

MOST = 512_000  # bytes of one answer
TAIL = 64_000


class Log(Struct, forbid_unknown_fields=True, kw_only=True):
    """From ``offset`` on, or the last ``tail`` bytes."""

    run: str
    offset: int | None = None
    tail: int | None = None


def text(context: Context, args: Log) -> dict[str, Any]:
    if (args.offset or 0) < 0 or (args.tail or 0) < 0:
        raise ParameterError("offset and tail are numbers of bytes: give 0 or more.")
    path = context.run(args.run).folder / LOG
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            begin = min(args.offset, size) if args.offset is not None else max(0, size - min(args.tail or TAIL, MOST))
            file.seek(begin)
            data = file.read(MOST)
    except FileNotFoundError:
        return {"text": "", "offset": 0, "end": 0, "size": 0}
    found, taken = whole(data, inside=args.offset is None and begin > 0)
    return {"text": found, "offset": begin, "end": begin + taken, "size": size}
