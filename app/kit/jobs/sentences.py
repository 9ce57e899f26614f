"""What is said when a job did not end well."""

from __future__ import annotations

from app.kit.i18n import _l
from app.kit.problems import register

register(
    {
        "jobs.unknown_kind": _l("This release knows no job “%(kind)s”. Start the work anew."),
        "jobs.account_closed": _l("The account “%(username)s” is closed: its job was not done."),
        "jobs.unexpected": _l(
            "Something went wrong; nothing of this job was saved. Quote the number %(incident)s when you report it."
        ),
        "jobs.died": _l(
            "The job broke off %(times)s times and was given up; nothing of it was saved. Divide the file, or tell the system administrator."
        ),
    }
)
