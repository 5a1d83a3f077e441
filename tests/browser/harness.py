"""A real JupyterLab, and a real Chrome or Chromium, for the browser tests, the screenshots and the benchmarks of the screen."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOKEN = "browser-tests"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
REMEDY = "Install Chrome or Chromium (Debian: apt-get install chromium), or set CHROMIUM to its path."


def find_browser() -> str:
    """Return the path of Chrome or Chromium; install Debian's where that is allowed.

    Raises
    ------
    RuntimeError
        There is none: says how to get one.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            raise RuntimeError(f"CHROMIUM={named!r} can't be run. {REMEDY}")
        return named
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None and hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], check=False, capture_output=True)
        packages = ["chromium", "fonts-dejavu-core"]  # without any font, text has no size
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(
            ["apt-get", "install", "-qy", "--no-install-recommends", *packages], check=False, capture_output=True, env=environ
        )
        found = shutil.which("chromium")
    if found is None:
        raise RuntimeError(f"The browser tests need a browser, and there is none. {REMEDY}")
    return found


class Lab:
    """A running JupyterLab: ``url`` with its token, ``root`` the folder that it serves."""

    def __init__(self, root: Path, home: Path, *, theme: str = "JupyterLab Light") -> None:
        self.root, self.home, self.theme = root, home, theme
        self.port = _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.settle()
        self.process = self.start()

    def settle(self) -> None:
        """Have the settings that it began with: the next page starts in its theme, whatever one before chose."""
        settings = self.home / "settings" / "@jupyterlab" / "apputils-extension"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "themes.jupyterlab-settings").write_text(json.dumps({"theme": self.theme}))
        (settings / "notification.jupyterlab-settings").write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, and wait until it answers."""
        environ = {
            **os.environ,
            "JUPYTERLAB_SETTINGS_DIR": str(self.home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(self.home / "workspaces"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
        }
        options = [
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--IdentityProvider.token={TOKEN}",
            "--ServerApp.open_browser=False",
            "--LabApp.expose_app_in_browser=True",
            *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        ]
        with (self.home / "lab.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *options], env=environ, stdout=log, stderr=log, start_new_session=True
            )
        self._wait(process)
        return process

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.base}/api/status?token={TOKEN}", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"JupyterLab didn't start:\n{(self.home / 'lab.log').read_text()[-3000:]}")

    def url(self, path: str = "lab") -> str:
        return f"{self.base}/{path}{'&' if '?' in path else '?'}token={TOKEN}"

    def stop(self) -> None:
        """End the server and its kernels."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


@contextmanager
def running_lab(root: Path, home: Path, **options: str) -> Iterator[Lab]:
    """Run a JupyterLab over ``root``, with all that it keeps in ``home``."""
    lab = Lab(root, home, **options)
    try:
        yield lab
    finally:
        lab.stop()


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])
