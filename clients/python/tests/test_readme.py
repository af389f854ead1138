"""The README's snippets do what it says, on the package as it is installed."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from program import PACKAGE, World, program
from scripts import environment, run

SNIPPETS: list[tuple[str, str]] = re.findall(
    r"^```(\w+)\n(.*?)^```$", (PACKAGE / "README.md").read_text("utf-8"), re.S | re.M
)
PYTHON = [text for language, text in SNIPPETS if language == "python"]
SETTING_UP, WORKING_ON_IT = [text for language, text in SNIPPETS if language == "sh"]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, world: World) -> Path:
    """Does what the README says to set it up, and gives where the package is then."""
    folder = tmp_path_factory.mktemp("installed")
    commands = folder / "commands"
    commands.mkdir()
    (commands / "superbot").symlink_to(program())
    # Into a folder of its own, from what is here already.
    options = f'--target "{folder}/packages" --no-build-isolation --no-deps --no-index --disable-pip-version-check'
    (commands / "pip").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pip "$@" {options}\n')
    (commands / "pip").chmod(0o755)
    settings = {
        **environment("", ""),
        "PATH": f"{commands}:{os.environ['PATH']}",
        "SUPERBOT__SERVER__DATA_DIR": str(world.superbot.folder),
    }
    script = f'set -eu\n{SETTING_UP}\necho "$SUPERBOT_URL $SUPERBOT_TOKEN"'
    ran = subprocess.run(["sh", "-c", script], cwd=PACKAGE.parent.parent, env=settings, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    url, token = ran.stdout.splitlines()[-1].split()
    assert url == "http://127.0.0.1:5000", "the server's default"
    (folder / "token").write_text(token)
    return folder


def test_the_package_is_whole_and_typed(installed: Path) -> None:
    package = installed / "packages" / "websocket_manager"
    shipped = {path.name for path in package.iterdir() if path.is_file()}
    assert shipped == {path.name for path in (PACKAGE / "src" / "websocket_manager").iterdir() if path.is_file()}
    assert "py.typed" in shipped


def test_the_snippets_run_as_they_stand(installed: Path, world: World) -> None:
    settings = environment(world.url, (installed / "token").read_text(), installed / "packages")
    assert len(PYTHON) == 5
    printed = [run(snippet, settings).stdout.splitlines() for snippet in PYTHON]
    first, many, wrong, message, client = printed
    assert re.fullmatch(r"created \d+ 28000", first[0])
    assert re.fullmatch(r"A bike without a link - link: .*", many[0]) and len(many) == 1
    assert [line.split()[0] for line in wrong] == ["title"]
    assert message == []
    assert re.fullmatch(r"\d+ users are connected", client[0])


def test_the_sources_are_python_3_9() -> None:
    for path in (PACKAGE / "src").rglob("*.py"):
        ast.parse(path.read_text("utf-8"), feature_version=(3, 9))


def test_what_is_said_about_working_on_it_is_so() -> None:
    lines = [line.split(" #")[0].split() for line in WORKING_ON_IT.splitlines()]
    [install, [_, folder], *tools] = lines
    root = PACKAGE.parent.parent
    assert (root / install[-1]).is_file()
    assert root / folder == PACKAGE
    for [tool] in tools:
        ran = subprocess.run([sys.executable, "-m", tool, "--version"], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
