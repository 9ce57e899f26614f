"""`python -m app`: the portal's commands, as `flask --app app`."""

from __future__ import annotations

import os

from flask.cli import main

os.environ.setdefault("FLASK_APP", "app")
main()
