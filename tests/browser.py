"""A real browser for tests of pages: Chromium without a window, spoken to through a pipe. Needs no other package."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCE = 60.0
_FREE = 10
"""Descriptors from here on are nobody's."""


def chromium() -> str:
    """The program; the test is skipped, saying so, where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser on this machine ({', '.join(_NAMES)})")
    return found


class Tab:
    """One page of a browser. An error in the page's own script is kept in `errors`."""

    def __init__(self, into: int, out: int) -> None:
        self._into = into
        self._out = out
        self._held = b""
        self._count = 0
        self._session: str | None = None
        self.errors: list[str] = []
        target = self._say("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._say("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._say(f"{domain}.enable")

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file of this machine; `fragment` is what stands behind the #."""
        self._say("Page.navigate", url="about:blank")
        self._say("Page.navigate", url=path.as_uri() + (f"#{fragment}" if fragment else ""))
        self.until("document.readyState === 'complete' && location.protocol === 'file:'")

    def does(self, script: str) -> Any:
        """The value of a script in the page."""
        said = self._say("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until a script is true."""
        ends = time.monotonic() + _PATIENCE
        while not self.does(script):
            assert time.monotonic() < ends, script
            time.sleep(0.02)

    def press(self, key: str, *, text: str = "") -> None:
        """Press a key as a person does, in what has the focus."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27}
        for kind in ("keyDown", "keyUp"):
            self._say(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                text=text,
                windowsVirtualKeyCode=codes.get(key, 0),
            )

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._say("Input.insertText", text=text)

    def size(self, width: int, height: int) -> None:
        """The size of the window."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._say("Emulation.setDeviceMetricsOverride", **screen)

    def prefers(self, scheme: str) -> None:
        """Light or dark."""
        self._say("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self) -> str:
        """What the window shows, a PNG in base64."""
        return str(self._say("Page.captureScreenshot")["data"])

    def names(self) -> list[tuple[str, str]]:
        """What a screen reader is told: role and name of everything that has a name."""
        nodes = self._say("Accessibility.getFullAXTree")["nodes"]
        return [
            (str(node["role"]["value"]), str(node["name"]["value"]))
            for node in nodes
            if not node.get("ignored") and node.get("name", {}).get("value") is not None and "role" in node
        ]

    def _say(self, method: str, **arguments: Any) -> dict[str, Any]:
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._into, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            self._note(answer)
            if answer.get("id") == self._count:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def _note(self, answer: dict[str, Any]) -> None:
        told = answer.get("params", {})
        if answer.get("method") == "Runtime.exceptionThrown":
            self.errors.append(str(told["exceptionDetails"]))
        if answer.get("method") == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.errors.append(str(told["entry"]["text"]))

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._held:
            ready, _, _ = select.select([self._out], [], [], _PATIENCE)
            assert ready, "the browser does not answer"
            self._held += os.read(self._out, 1 << 20)
        text, _, self._held = self._held.partition(b"\0")
        answer: dict[str, Any] = json.loads(text)
        return answer


@contextlib.contextmanager
def browser(profile: Path) -> Iterator[Tab]:
    """A tab of a browser of its own, which ends with the test."""
    program = chromium()
    (read, into), (out, write) = os.pipe(), os.pipe()
    theirs = [fcntl.fcntl(each, fcntl.F_DUPFD, _FREE) for each in (read, write)]
    command = [
        program, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage",
        "--hide-scrollbars", "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank",
    ]  # fmt: skip
    plugged = f'exec "$@" 3<&{theirs[0]} 4>&{theirs[1]}'  # it listens at 3 and answers at 4
    running = subprocess.Popen(
        ["bash", "-c", plugged, "bash", *command],
        pass_fds=theirs,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for each in (read, write, *theirs):
        os.close(each)
    try:
        yield Tab(into, out)
    finally:
        os.close(into)
        os.close(out)
        running.terminate()
        running.wait(timeout=_PATIENCE)
