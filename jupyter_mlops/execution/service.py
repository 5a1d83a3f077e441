"""The worker's ear: clients connect, prove who they are, and ask. One thread a connection, so a silent client hinders nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener

from jupyter_mlops.errors import MlopsError
from jupyter_mlops.execution import wire
from jupyter_mlops.execution.wire import Message

Answer = Callable[[Message], Message]


class Service:
    """Listens until closed.

    Parameters
    ----------
    answers
        For each ``op`` what answers it: a function from the request to the fields of the reply. It may take its time.
    """

    def __init__(self, listener: Listener, key: bytes, answers: dict[str, Answer]) -> None:
        self._listener, self._key, self._answers = listener, key, answers
        self._busy = 0
        self._lock = threading.Lock()
        self._closed = False

    @property
    def busy(self) -> int:
        """How many requests are being answered."""
        return self._busy

    def start(self) -> None:
        threading.Thread(target=self._accept, name="service", daemon=True).start()

    def close(self) -> None:
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closed:
            try:
                connection = self._listener.accept()
            except OSError:  # closed, or a client that was gone before it was there
                continue
            threading.Thread(target=self._serve, args=(connection,), name="client", daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            try:
                wire.admit(connection, self._key)
                while (request := wire.receive(connection)) is not None:
                    wire.send(connection, self._reply(request))
            except (EOFError, OSError, AuthenticationError):  # it left, or isn't one of ours
                return
            except WORDS as problem:
                _say(connection, problem)

    def _reply(self, request: Message) -> Message:
        answer = self._answers.get(str(request.get("op")))
        if answer is None:
            return {"error": f"{request.get('op')!r} isn't something a worker does; known are {', '.join(self._answers)}."}
        with self._lock:
            self._busy += 1
        try:
            return answer(request)
        except WORDS as problem:
            return {"error": str(problem) or repr(problem)}
        finally:
            with self._lock:
                self._busy -= 1


# what a request can be wrong in: a field that is missing, of another type, or refused
WORDS = (MlopsError, KeyError, TypeError, ValueError)


def _say(connection: Connection, problem: Exception) -> None:
    try:
        wire.send(connection, {"error": str(problem)})
    except OSError:
        return
