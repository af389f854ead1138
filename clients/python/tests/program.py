"""Runs the program under test as its users do: a data folder of its own, commands, and HTTP."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

import httpx

PASSWORD = "correct horse battery"
STARTS_WITHIN_S = 20
ENDS_WITHIN_S = 30
TESTS = Path(__file__).parent
PACKAGE = TESTS.parent


def program() -> str:
    """The binary, which the tests cannot do without."""
    path = os.environ.get("SUPERBOT_BIN")
    if not path:
        raise RuntimeError("SUPERBOT_BIN must name the program to test; `cargo xtask test` sets it")
    return os.path.abspath(path)


def without_superbot(environment: dict[str, str]) -> dict[str, str]:
    """An environment that neither settings nor proxies of whoever runs the tests get into."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("SUPERBOT_") and not name.lower().endswith("_proxy")
    }


class SuperBot:
    """One installation of Super-Bot."""

    ports: ClassVar[set[int]] = set()
    """Where one has been listening."""

    def __init__(self, **settings: object) -> None:
        """Starts one in an empty folder; `settings` are environment variables without their prefix."""
        self.folder = Path(tempfile.mkdtemp(prefix="superbot-test-"))
        self.port = 0
        self._environment = without_superbot(dict(os.environ))
        self._environment.update({f"SUPERBOT__{name.upper()}": str(value) for name, value in settings.items()})
        try:
            self.resume()
        except BaseException:
            shutil.rmtree(self.folder)
            raise

    def __enter__(self) -> SuperBot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def resume(self) -> None:
        """Starts the server, where it was before."""
        command = self._command(["serve", "--listen", f"127.0.0.1:{self.port}"])
        with open(self.folder / "log.txt", "ab") as log:
            self._server = subprocess.Popen(
                command, env=self._environment, cwd=self.folder, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self._server.stdout is not None
        late = threading.Timer(STARTS_WITHIN_S, self._server.kill)
        late.start()
        for line in self._server.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/$", line.rstrip())
            if found:
                self.port = int(found[1])
                self.ports.add(self.port)
                late.cancel()
                return
        late.cancel()
        raise RuntimeError(f"the server did not start: {(self.folder / 'log.txt').read_text()}")

    def stop(self) -> None:
        """Ends the server."""
        self._server.terminate()
        self._server.wait(ENDS_WITHIN_S)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def command(self, *args: str, given: str = "") -> str:
        """Runs a command beside the server and gives what it printed."""
        ran = subprocess.run(
            self._command(list(args)),
            env=self._environment,
            cwd=self.folder,
            input=given,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def add_user(self, name: str) -> None:
        self.command("user", "add", name, "--password-stdin", given=f"{PASSWORD}\n")

    def token(self, scope: str, user: str | None = None) -> str:
        owner = [] if user is None else ["--user", user]
        return self.command("token", "create", "--name", f"test {scope}", "--scope", scope, *owner)

    def _command(self, args: list[str]) -> list[str]:
        return [program(), "--data-dir", str(self.folder), *args]


class World:
    """A server with a user and what is needed to publish and to listen."""

    def __init__(self, superbot: SuperBot) -> None:
        self.superbot = superbot
        self.url = superbot.url
        self.publish_token = superbot.token("publish")
        superbot.add_user("ann")
        self.user_token = superbot.token("user", "ann")

    def get(self, path: str) -> Any:
        """Asks the REST API as the user."""
        response = httpx.get(self.url + path, headers=self._as_ann(), trust_env=False)
        response.raise_for_status()
        return response.json()

    def last_seq(self) -> int:
        """Puts a mark into the log, and says where."""
        headers = {"Authorization": f"Bearer {self.publish_token}"}
        body = {"message": "mark", "level": "info"}
        response = httpx.post(f"{self.url}/api/system-messages", json=body, headers=headers, trust_env=False)
        return int(response.raise_for_status().json()["seq"])

    def heard_since(self, seq: int) -> list[dict[str, Any]]:
        """What the log says the user was told from that place until now, each event with its name as `event`."""
        upto = self.last_seq()
        headers = {**self._as_ann(), "Last-Event-ID": str(seq)}
        heard: list[dict[str, Any]] = []
        with httpx.stream("GET", f"{self.url}/api/events", headers=headers, timeout=10, trust_env=False) as response:
            name = ""
            for line in response.iter_lines():
                if line.startswith("event: "):
                    name = line[len("event: ") :]
                elif line.startswith("data: ") and name != "connection_status":
                    event = json.loads(line[len("data: ") :])
                    if event.get("seq") == upto:
                        break
                    if "seq" in event:  # a snapshot has none
                        heard.append({**event, "event": name})
        return heard

    def _as_ann(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.user_token}"}
