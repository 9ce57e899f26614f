"""Long work: it goes on with the page closed, tells how far it is, can be stopped, and survives a restart.

A feature registers a kind at start-up and starts jobs of it; see `register` and `start`. The row in `job` is the truth,
the queue (app/kit/jobs/board.py) carries its number and the signs of life. What a job does must be safe to do twice: a
worker that dies in the midst leaves nothing half (one transaction), and the job is run again.
"""

from app.kit.jobs import sentences as _sentences  # noqa: F401 - registers them
from app.kit.jobs.asking import address, all_jobs, mine, purge, start, stop
from app.kit.jobs.kinds import Leaving, Progress, Stopped, register
from app.kit.jobs.models import Job

__all__ = ["Job", "Leaving", "Progress", "Stopped", "address", "all_jobs", "mine", "purge", "register", "start", "stop"]
