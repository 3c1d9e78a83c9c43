"""Secrets that can be guessed are refused at start; logs, mails and secrets are nobody else's to read."""

import os
import stat
from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from cellops.checks import is_weak, secrets_are_set
from cellops.services.folders import ServiceFolder
from cellops.settings import EMAIL_BACKEND

GOOD = "3f9c1a7be2d84056918273645afbecd0112233445566778899aabbccddeeff00"


@pytest.mark.parametrize(
    ("secret", "weak"),
    [
        (GOOD, False), (GOOD[:50], False), (GOOD[:49], True), ("x" * 100, True), ("ab" * 50, True),
        ("build-only", True), ("abcdefgh" * 7, True), ("kq7Zp3xW" * 8, True), ("PleaseReplaceMe!" * 4, True),
        ("put-a-long-random-word-here-" + GOOD[:30], True), ("your-key-goes-here-" + GOOD, True),
        ("insecure-" + GOOD, True),
        ("django-insecure-" + GOOD, True), ("change-me-" + GOOD, True), ("my-secret-" + GOOD, True),
    ],
)  # fmt: skip
def test_a_weak_secret_is_known(settings, secret, weak):
    settings.SECRET_KEY = secret
    assert is_weak(secret) is weak
    assert [problem.id for problem in secrets_are_set()] == (["cellops.E008"] if weak else [])


def test_the_secrets_made_here_are_strong(tmp_path):
    folder = ServiceFolder(tmp_path)
    folder.prepare()
    assert not is_weak(folder.secret("secret_key"))


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_logs_and_secrets_are_private_also_those_of_former_versions(tmp_path):
    before = os.umask(0)
    try:
        (tmp_path / "log").mkdir()
        (tmp_path / "log" / "old.log").write_text("x")
        folder = ServiceFolder(tmp_path)
        folder.prepare()
        folder.secret("secret_key")
        files = [folder.log("web"), folder.log("old"), tmp_path / "secret_key"]
    finally:
        os.umask(before)
    assert [mode(path) for path in (folder.run, tmp_path / "log")] == ["0o700", "0o700"]
    assert [mode(path) for path in files] == ["0o600"] * 3


def test_mails_that_become_files_are_private(settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = EMAIL_BACKEND, str(tmp_path / "mail")
    before = os.umask(0)
    try:
        with mail.get_connection() as connection:
            connection.send_messages([EmailMessage("An invitation", "a link", to=["kari@ward.example"])])
    finally:
        os.umask(before)
    [letter] = (tmp_path / "mail").iterdir()
    assert (mode(tmp_path / "mail"), mode(letter)) == ("0o700", "0o600")
    assert b"a link" in letter.read_bytes()
