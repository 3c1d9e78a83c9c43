"""What is installed is what was locked: every package by version and hash, for every machine, from any index."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {"requirements.txt": "requirements.lock", "requirements-dev.txt": "requirements-dev.lock"}
ANEW = "`make lock` writes it anew"


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def locked(name: str) -> list[Requirement]:
    """Each package of a lock, with its marker."""
    return [Requirement(line.removesuffix("\\").strip()) for line in text(name).splitlines() if re.match(r"\w", line)]


def asked(name: str) -> list[Requirement]:
    """Each package that we name ourselves."""
    return [Requirement(line) for line in text(name).splitlines() if re.match(r"\w", line)]


@pytest.mark.parametrize(("wanted", "lock"), LOCKS.items())
def test_a_lock_holds_what_we_ask_for(wanted, lock):
    found = {(canonicalize_name(one.name), str(one.specifier)) for one in locked(lock)}
    assert {(canonicalize_name(one.name), str(one.specifier)) for one in asked(wanted)} <= found, ANEW


@pytest.mark.parametrize("lock", LOCKS.values())
def test_every_package_has_one_version_and_its_hashes(lock):
    blocks = re.split(r"\n(?=\w)", text(lock))
    assert all(re.match(r"[\w.\[\],-]+==\S+", block) and "--hash=sha256:" in block for block in blocks)
    assert not re.search(r"https?://|index-url|find-links|@ file", text(lock))


def test_what_runs_is_the_same_in_both_locks():
    run, dev = ({(one.name, str(one.specifier)) for one in locked(lock)} for lock in LOCKS.values())
    assert run <= dev, ANEW


@pytest.mark.parametrize("package", ["psycopg2-binary", "numpy", "cryptography", "granian", "msgspec"])
def test_compiled_packages_are_locked_for_every_machine(package):
    """A wheel for one Python on one machine has one hash: four Pythons on two systems and two processors have many."""
    [block] = [block for block in re.split(r"\n(?=\w)", text("requirements.lock")) if block.startswith(f"{package}==")]
    assert block.count("--hash=") > 10


def test_the_licence_has_its_name():
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["license"] == "Apache-2.0"
    lock = json.loads(text("package-lock.json"))["packages"][""]
    assert {json.loads(text("package.json"))["license"], lock["license"]} == {"Apache-2.0"}


def test_the_bill_of_materials_names_every_locked_package(tmp_path):
    recipe = re.search(r"^\t\$\(VENV\)/(cyclonedx-py .*?)-o var/sbom/python\.cdx\.json$", text("Makefile"), re.S | re.M)
    program, *options = shlex.split(recipe[1].replace("\\\n", " "))
    bill = tmp_path / "bill.json"
    subprocess.run([Path(sys.executable).parent / program, *options, "-o", bill], cwd=ROOT, check=True, timeout=120)
    said = json.loads(bill.read_text())
    listed = {(canonicalize_name(one["name"]), f"=={one['version']}") for one in said["components"]}
    assert listed == {(canonicalize_name(one.name), str(one.specifier)) for one in locked("requirements.lock")}
    assert said["metadata"]["component"]["licenses"][0]["license"]["id"] == "Apache-2.0"
