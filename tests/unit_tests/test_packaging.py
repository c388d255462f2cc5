"""What is published: the wheel's and the source distribution's contents and metadata."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import langchain_novastack

if TYPE_CHECKING:
    from email.message import Message

ROOT = Path(__file__).parents[2]
PACKAGE = "langchain_novastack"
PYTHONS = {f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 15)}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source distribution of the tree, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=100)
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(next(built.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
    return message_from_bytes(wheel.read(name))


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    """Every file of the package, its data files and the marker of its types included."""
    names = {name for name in wheel.namelist() if ".dist-info/" not in name}
    files = [path for path in (ROOT / PACKAGE).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert names == {path.relative_to(ROOT).as_posix() for path in files}
    assert f"{PACKAGE}/py.typed" in names


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/entry_points.txt"))
    module, _, function = wheel.read(name).decode().partition("langchain-novastack = ")[2].strip().partition(":")
    assert callable(getattr(import_module(module), function))


def test_the_source_distribution_can_test_itself(built: Path) -> None:
    """Whatever the tests read lies beside them."""
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE", "PKG-INFO", ".ci/run"} <= names
    folders = ("langchain_novastack", "tests", "benchmarks", "notebooks", "docs", "findings")
    wanted = {path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()}
    kinds = (".py", ".md", ".json", ".sh", ".jinja", ".ipynb")
    assert {path.relative_to(ROOT).as_posix() for path in wanted if path.suffix in kinds} <= names


def test_the_metadata_names_what_is_supported(metadata: Message) -> None:
    classifiers = set(metadata.get_all("Classifier", ()))
    assert classifiers >= PYTHONS
    assert "Typing :: Typed" in classifiers
    assert metadata["Requires-Python"] == "<4,>=3.10"
    assert metadata["License-Expression"] == "MIT"


def test_the_version_is_told_in_one_place(metadata: Message) -> None:
    assert langchain_novastack.__version__ == version("langchain-novastack") == metadata["Version"]


def test_the_changelog_knows_the_version(metadata: Message) -> None:
    assert metadata["Version"] in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_helpers_are_not_taken_from_conftest() -> None:
    """Its fixtures are; what a test imports is in `helpers`."""
    taken = re.compile(r"^\s*(from conftest import|import conftest)", re.MULTILINE)
    assert not [path for path in (ROOT / "tests").rglob("*.py") if taken.search(path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("script", sorted((ROOT / "findings").glob("*.sh")), ids=lambda script: script.stem)
def test_a_finding_tells_before_it_shows(script: Path) -> None:
    """What, which version, and when it was seen; and it installs that version, and not this package."""
    text = script.read_text(encoding="utf-8")
    comment, _, code = text.partition("\nset -euo pipefail\n")
    assert re.search(r"Seen \d{4}-\d\d-\d\d", comment)
    assert re.search(r"\d+\.\d+", comment.splitlines()[1])
    assert "==" in code
    assert PACKAGE not in code
    assert subprocess.run(["bash", "-n", str(script)], check=False, timeout=10).returncode == 0  # noqa: S607 - on the PATH
