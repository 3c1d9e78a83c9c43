"""E-mails as files that only their owner may read: they name patients' orders and hold links that set a password."""

import os
from typing import Any

from django.core.mail.backends.filebased import EmailBackend


class PrivateMailFiles(EmailBackend):
    """Django's mail files in a folder 0700, each 0600."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        os.chmod(self.file_path, 0o700)

    def open(self) -> bool:
        """Open this message's file."""
        if self.stream is not None:
            return False
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.stream = os.fdopen(os.open(self._get_filename(), flags, 0o600), "ab")
        return True
