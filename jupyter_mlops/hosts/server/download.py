"""An artifact's bytes as a download: never shown by the browser, as anybody may have written them."""

from __future__ import annotations

import tempfile
import zipfile
from functools import partial
from typing import IO, Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from jupyter_mlops.api import refusal
from jupyter_mlops.api.previews import filename
from jupyter_mlops.errors import MlopsError
from jupyter_mlops.hosts.server.places import Places
from jupyter_mlops.hosts.server.rest import RESOURCE, Handler
from jupyter_mlops.library import ArtifactHandle

CHUNK = 1 << 20
_MEMORY = 8 << 20  # bytes of a zip that isn't put on disk


class Content(Handler):
    """The file, or a directory's files as a zip."""

    @property
    def content_security_policy(self) -> str:
        return super().content_security_policy + "; sandbox"

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)  # type: ignore[untyped-decorator]
    async def get(self, uid: str) -> None:
        try:
            artifact = await self.service.work(partial(_found, self.service.places, self.place or "", uid))
            many = bool(artifact.meta.get("directory"))
            file, name, size = await self.service.work(partial(_opened, artifact), long=many)
        except MlopsError as error:
            self.refuse(refusal(error))
            return
        with file:
            self.set_header("Content-Type", "application/octet-stream")
            self.set_header("X-Content-Type-Options", "nosniff")
            self.set_header("Content-Length", str(size))
            self.set_attachment_header(name)
            await self._send(file)

    async def _send(self, file: IO[bytes]) -> None:
        """Send a piece at a time, each when the one before was taken."""
        try:
            while chunk := await self.service.work(partial(file.read, CHUNK)):
                self.write(chunk)
                await self.flush()
        except StreamClosedError:  # nobody wants it any more
            return

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """End the answer; the type of a refusal is JSON, that of bytes stays."""
        kept = self._headers.get("Content-Type")
        if self._headers_written or kept != "application/octet-stream":
            return super().finish(*args, **kwargs)
        return super().finish(*args, set_content_type=kept, **kwargs)


def _found(places: Places, place: str, uid: str) -> ArtifactHandle:
    return places.project(place).artifact_by_uid(uid)


def _opened(artifact: ArtifactHandle) -> tuple[IO[bytes], str, int]:
    """Return what is to be sent, what it is called, and how many bytes it has."""
    name = filename(artifact)
    if artifact.meta.get("directory"):
        file = _zipped(artifact, name)
        name = f"{name}.zip"
    else:
        file = artifact.library.blobs.open(artifact.hash)
    size = file.seek(0, 2)
    file.seek(0)
    return file, name, size


def _zipped(artifact: ArtifactHandle, folder: str) -> IO[bytes]:
    blobs = artifact.library.blobs
    target: IO[bytes] = tempfile.SpooledTemporaryFile(_MEMORY)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, stored in blobs.files(artifact.hash).items():
            with blobs.open(stored.hash) as source, archive.open(f"{folder}/{path}", "w", force_zip64=True) as entry:
                while chunk := source.read(CHUNK):
                    entry.write(chunk)
    return target
