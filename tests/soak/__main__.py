"""`make soak`: a real server under mixed load for minutes; prints memory, open files, errors, and whether the trail is whole.

Exit code 1 when a request failed, when memory or open files grew, or when the trail does not verify.
"""

from __future__ import annotations

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from factories.world import PASSWORD, make_world  # noqa: E402
from soak.browser import Browser  # noqa: E402

WARM_UP = 0.2  # of the time; then memory must stand still
GROWTH = 0.10


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


# -- the installation ------------------------------------------------------------------------------


def install(folder: Path) -> int:
    """Make the small county with a round to score; answers the id of the round."""
    os.environ |= {"QINGDAN_INSTANCE": str(folder), "QINGDAN_PROFILE": "production", "FLASK_APP": "app"}
    os.environ |= {"QINGDAN_SECOND_FACTOR": "off"}
    os.environ |= {
        f"QINGDAN_LIMIT_{cost}": "0" for cost in ("WRITE", "UPLOAD", "EXPORT", "SIGN_IN")
    }  # the load is wanted
    flask("portal", "init", "--no-admin")
    from factories.small_round import load_pack_schemes, open_round, scheme_by_name

    from app import create_app
    from app.features.checklists.pack import caojing
    from app.kit import access
    from app.kit.db import db

    app = create_app()
    with app.app_context(), access.acting_as(access.OPERATOR):
        world = make_world()
        load_pack_schemes(caojing()["assessment_list"]["schemes"], [world.units["C"]])
        round_ = open_round("V2025", scheme_by_name("CJ-VILLAGE-DEMO", world.units["C1"]), "2025", world.units["C1"])
        number, villages = round_.id, [world.units["C1A"].id, world.units["C1B"].id]
        db.session.remove()
        db.engine.dispose()
    Work.round_id, Work.villages = number, villages
    return number


def flask(*words: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def serve(port: int, log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as stream:
        command = [sys.executable, "-m", "flask", "portal", "serve", "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)
    for _ in range(300):
        time.sleep(0.2)
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return server
    raise SystemExit(f"the server did not start: {log.read_text()}")


# -- what people do --------------------------------------------------------------------------------


class Work:
    """One person: signs in, then does the same things again and again, with pauses as people make them."""

    round_id, villages = 0, [0, 0]

    def __init__(
        self, port: int, username: str, stop: threading.Event, counts: Counter[str], errors: list[str]
    ) -> None:
        self.browser, self.username, self.stop = Browser(port), username, stop
        self.counts, self.errors, self.random = counts, errors, random.Random(username)
        self.cells: dict[str, str] = {}

    def run(self) -> None:
        began, steps = 0.0, STEPS[self.username.removesuffix("_2")]
        while not self.stop.is_set():
            if time.monotonic() - began > 120:  # a new session now and then
                self._do("sign in", lambda: self.sign_in())
                began = time.monotonic()
            name = self.random.choice(steps)
            self._do(name, getattr(self, name))
            self.stop.wait(self.random.uniform(0.4, 1.4))

    def _do(self, name: str, step: Callable[[], object]) -> None:
        try:
            step()
            self.counts[name] += 1
        except Exception as error:
            self.errors.append(f"{self.username} {name}: {error}")

    def sign_in(self) -> None:
        self.browser.cookie = ""
        self.browser.post("/login/", "/login/", {"username": self.username, "password": PASSWORD})
        assert "login" not in self.browser.location, self.browser.location

    def first_page(self) -> None:
        self.browser.get("/home/")

    def read_leads(self) -> None:
        self.browser.get("/leads/")

    def read_persons(self) -> None:
        self.browser.get("/persons/list/")

    def own_work(self) -> None:
        self.browser.get("/duties/")

    def report_lead(self) -> None:
        words = f"{self.username} {self.random.random()}"
        self.browser.post("/leads/new", "/leads/new", {"category": "civility", "place": "桥头", "words": words})

    def score_cells(self) -> None:
        page = f"/assessment-scores/{self.round_id}"
        token, item = self.browser.token_of(page), self.random.choice(["A2", "D3", "A7"])
        text = {"A2": f"{self.random.randint(1, 12)}/12", "D3": self.random.choice("AB"), "A7": "+1"}[item]
        cell = {"unit": self.villages[0], "item": item, "text": text, "was": self.cells.get(item, "")}
        answer = self.browser.send(token, f"{page}/cells", {"cells": [cell]})
        self.cells[item] = answer["sheets"][0]["cells"][item]["text"]

    def export_roster(self) -> None:
        page = "/exchange/export/roster"
        self.browser.post(page, f"{page}.xlsx", {"unit": "C1"}, accept=(200,))


STEPS = {
    "sub_grid_leader": ["report_lead", "own_work", "first_page", "read_leads"],
    "chief_grid_leader": ["read_leads", "first_page", "own_work", "report_lead"],
    "evaluator": ["score_cells", "score_cells", "first_page"],
    "county_administrator": ["read_persons", "first_page", "export_roster"],
}


# -- what is measured ------------------------------------------------------------------------------


def family(pid: int) -> list[int]:
    """The process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def measured(pid: int) -> tuple[int, int]:
    """Resident memory in kB and open files of the server and its workers."""
    memory = files = 0
    for one in family(pid):
        lines = Path(f"/proc/{one}/status").read_text().splitlines()
        memory += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        files += len(os.listdir(f"/proc/{one}/fd"))
    return memory, files


def median(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


def load(
    port: int, server: subprocess.Popen[bytes], seconds: float
) -> tuple[list[tuple[int, int]], Counter[str], list[str]]:
    stop, counts, errors = threading.Event(), Counter(), []
    users = [name + suffix for name in STEPS for suffix in ("", "_2") if name != "county_administrator" or not suffix]
    users = [name for name in users if name != "evaluator_2"]
    people = [threading.Thread(target=Work(port, name, stop, counts, errors).run) for name in users]
    for one in people:
        one.start()
    samples, began = [], time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(min(5, seconds / 20))
        samples.append(measured(server.pid))
        if len(samples) % 12 == 0:
            say(
                f"{time.monotonic() - began:5.0f} s  {samples[-1][0]} kB  {samples[-1][1]} files  {sum(counts.values())} acts"
            )
    stop.set()
    for one in people:
        one.join()
    return samples, counts, errors


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak")
    parser.add_argument("--minutes", type=float, default=10)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="qingdan-soak-") as name:
        folder = Path(name)
        install(folder)
        port = free_port()
        server = serve(port, folder / "server.log")
        try:
            samples, counts, errors = load(port, server, minutes * 60)
        finally:
            server.terminate()
            server.wait(30)
        verified = subprocess.run(
            [sys.executable, "-m", "flask", "audit", "verify"], cwd=ROOT, capture_output=True, text=True
        )
        log = (folder / "server.log").read_text(errors="replace")
    return report(samples, counts, errors, verified, log)


def report(samples: list[tuple[int, int]], counts: Counter[str], errors: list[str], verified: object, log: str) -> int:
    warm = samples[int(len(samples) * WARM_UP) :]
    third = max(1, len(warm) // 3)
    first, last = (
        ([pair[n] for pair in warm[:third]] for n in (0, 1)),
        ([pair[n] for pair in warm[-third:]] for n in (0, 1)),
    )
    (memory_first, files_first), (memory_last, files_last) = (
        [median(values) for values in part] for part in (first, last)
    )
    growth = memory_last / memory_first - 1
    failures = [line for line in log.splitlines() if '"level": "ERROR"' in line]
    say(f"acts: {sum(counts.values())} {dict(counts)}")
    say(f"memory after warm-up: {memory_first} kB, at the end: {memory_last} kB ({growth:+.1%})")
    say(f"open files after warm-up: {files_first}, at the end: {files_last}")
    say(f"failed: {len(errors)}; errors in the log: {len(failures)}")
    for line in (errors + failures)[:10]:
        say(f"  {line[:300]}")
    say(f"trail: {verified.stdout.strip().splitlines()[-1] if verified.stdout else verified.stderr}")
    bad = errors or failures or abs(growth) > GROWTH or files_last > files_first + 5 or verified.returncode
    say("FELL SHORT" if bad else "held")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
