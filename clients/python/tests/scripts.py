"""Runs Python programs as their users do: in a process of their own, with the server in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from program import PACKAGE, without_superbot

ENDS_WITHIN_S = 60


def environment(url: str, token: str, packages: Path = PACKAGE / "src") -> dict[str, str]:
    """What a program finds in its environment; it imports the package from `packages`."""
    return {
        **without_superbot(dict(os.environ)),
        "SUPERBOT_URL": url,
        "SUPERBOT_TOKEN": token,
        "PYTHONPATH": str(packages),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def run(script: str, environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end; `options` are those of Python."""
    command = [sys.executable, *options, "-c", script]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=ENDS_WITHIN_S)
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"
    return ran
