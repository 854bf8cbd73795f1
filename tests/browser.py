"""A real browser for tests of pages: Chromium without a window, spoken to through a pipe. Needs no other package."""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
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
_AXE = ("axe_playwright_python", "axe_core_python")
"""Packages that bring axe.min.js, a checker of accessibility."""
_FREE = 10
"""Descriptors from here on are nobody's."""


def chromium() -> str:
    """The program; the test is skipped, saying so, where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser on this machine ({', '.join(_NAMES)})")
    return found


def axe() -> str:
    """The script of axe; the test is skipped, saying so, where no package brings it."""
    for name in _AXE:
        found = importlib.util.find_spec(name)
        for folder in found.submodule_search_locations or () if found else ():
            script = Path(folder) / "axe.min.js"
            if script.is_file():
                return script.read_text(encoding="utf-8")
    pytest.skip(f"no package with axe.min.js is installed ({', '.join(_AXE)})")


class Tab:
    """One page of a browser: `errors` of the page's own script, `requests` for every address that it asked for."""

    def __init__(self, into: int, out: int) -> None:
        self._into = into
        self._out = out
        self._held = b""
        self._count = 0
        self._session: str | None = None
        self.errors: list[str] = []
        self.requests: list[str] = []
        target = self._say("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._say("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
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

    def press(self, key: str, *, text: str = "", shift: bool = False) -> None:
        """Press a key as a person does, in what has the focus."""
        codes = {
            "Tab": 9,
            "Enter": 13,
            "Escape": 27,
            "End": 35,
            "Home": 36,
            "ArrowLeft": 37,
            "ArrowRight": 39,
        }
        codes |= {" ": 32, "ArrowDown": 40}
        for kind in ("keyDown", "keyUp"):
            self._say(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=key,
                text=text,
                modifiers=8 if shift else 0,
                windowsVirtualKeyCode=codes.get(key, 0),
            )

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._say("Input.insertText", text=text)

    def size(self, width: int, height: int) -> None:
        """The size of the window."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._say("Emulation.setDeviceMetricsOverride", **screen)

    def zoom(self, percent: int, width: int = 1280, height: int = 900) -> None:
        """What a reader sees of a window of that size who has enlarged the page to so many per cent."""
        factor = percent / 100
        screen = {"width": round(width / factor), "height": round(height / factor)}
        self._say("Emulation.setDeviceMetricsOverride", **screen, deviceScaleFactor=factor, mobile=False)

    def prints(self) -> None:
        """Show the page as it is printed, until `prefers` says otherwise."""
        self._say("Emulation.setEmulatedMedia", media="print", features=[])

    def faults(self) -> list[str]:
        """What axe finds serious or critical in the page; the test is skipped where there is no axe."""
        self.does(f"{axe()};0")
        found = self.does(
            "axe.run().then(said => said.violations.map(each => [each.impact, each.id, each.nodes[0].html]))"
        )
        return [" ".join(each) for each in found if each[0] in ("serious", "critical")]

    def prefers(self, scheme: str) -> None:
        """Light or dark."""
        self._say(
            "Emulation.setEmulatedMedia",
            media="",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )

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
        if answer.get("method") == "Network.requestWillBeSent":
            self.requests.append(str(told["request"]["url"]))
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
