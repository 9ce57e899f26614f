"""Settings from the environment, with absolute paths. No secret has a default in production."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from click import ClickException, get_current_context

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent


def data_dir(name: str) -> Path:
    """The folder `name` (migrations, translations, seed): beside the package in a checkout, inside it in a wheel."""
    inside = PACKAGE / "_data" / name
    return inside if inside.is_dir() else ROOT / name


LANGUAGES = {
    "zh_Hans_CN": {"flag": "cn", "name": "简体中文"},
    "en": {"flag": "us", "name": "English"},
    "ko": {"flag": "kr", "name": "조선말"},
}


class UnsafeConfiguration(ClickException):
    """The start is refused; the message says which setting to change, without a traceback on the command line."""


def _base() -> dict[str, Any]:
    instance = Path(os.environ.get("QINGDAN_INSTANCE", ROOT / "instance"))
    return {
        "INSTANCE_DIR": instance,
        "SQLALCHEMY_DATABASE_URI": database_uri(os.environ.get("DATABASE_URL"), instance),
        # What a statement carried is personal data; it stands in no error and so in no log.
        "SQLALCHEMY_ENGINE_OPTIONS": {"pool_pre_ping": True, "hide_parameters": True},
        "PROXIES": _whole_number("QINGDAN_PROXIES", 0),
        "DISK_FREE_MB": _whole_number("QINGDAN_DISK_FREE_MB", 200),
        "BACKUP_DIR": Path(os.environ.get("QINGDAN_BACKUPS", instance / "backups")),
        "LOG_FORMAT": os.environ.get("QINGDAN_LOG", "json"),
        "CHECK_SCHEMA": True,
        "AUDIT_RETENTION_DAYS": _retention(),
        "UPLOAD_DAYS": _whole_number("QINGDAN_UPLOAD_DAYS", 180),
        "EXPORT_AT_ONCE_ROWS": _whole_number("QINGDAN_EXPORT_AT_ONCE", 10_000),
        "EXPORT_FILE_ROWS": _whole_number("QINGDAN_EXPORT_FILE_ROWS", 3_000_000),
        "MADE_FILE_DAYS": _whole_number("QINGDAN_MADE_FILE_DAYS", 7),
        "MADE_FILE_MB": _whole_number("QINGDAN_MADE_FILE_MB", 500),
        "LONG_FILE_KB": _whole_number("QINGDAN_LONG_FILE_KB", 1024),
        "LONG_FILE_ROWS": _whole_number("QINGDAN_LONG_FILE_ROWS", 2_000),
        # About so many steps are enough for all but major matters; more are warned about, never refused.
        "LIST_STEPS_MOST": _whole_number("QINGDAN_LIST_STEPS", 5),
        # Ratings of departments are shown from so many villages on, so that none can be told by what it said.
        "FEWEST_RATERS": _whole_number("QINGDAN_FEWEST_RATERS", 5),
        # The document by which prefecture and county agree that this portal reaches down to villages.
        "CONSENT_DOCUMENT": os.environ.get("QINGDAN_CONSENT", "").strip(),
        "SECRET_KEY_FALLBACKS": [key for key in os.environ.get("QINGDAN_FORMER_KEYS", "").split(",") if key],
        "LANGUAGES": LANGUAGES,
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "BABEL_TRANSLATION_DIRECTORIES": str(data_dir("translations")),
        "APP_NAME": "清单",
        "FAB_BASE_TEMPLATE": "portal/base.html",
        "FAB_CREATE_DB": False,
        "FAB_UPDATE_PERMS": False,
        "FAB_ADD_SECURITY_VIEWS": True,
        "FAB_ADD_SECURITY_API": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEW": False,
        "FAB_ADD_SECURITY_VIEW_MENU_VIEW": False,
        "FAB_ADD_SECURITY_PERMISSION_VIEWS_VIEW": False,
        "FAB_ADD_OPENAPI_VIEWS": False,
        "FAB_ADD_MENU_API": False,
        "FAB_SAFE_REDIRECT_HOSTS": [],
        "WTF_CSRF_CHECK_DEFAULT": False,
        "WTF_CSRF_TIME_LIMIT": None,
        "SESSION_COOKIE_NAME": "qingdan_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_IDLE_MINUTES": 30,
        "SESSION_ABSOLUTE_HOURS": 12,
        "MAX_CONTENT_LENGTH": 50 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
        "MAX_FORM_PARTS": 20_000,
        "MAX_JSON_LENGTH": 4 * 1024 * 1024,
        "MAX_QUERY_LENGTH": 8 * 1024,
        "LIMITS": _limits(),
        "RATELIMIT_ENABLED": False,  # Flask-AppBuilder's own, which knows addresses alone; ours is app/kit/limits.py
        "RATELIMIT_STORAGE_URI": "memory://",
        "JOB_STORE": os.environ.get(
            "QINGDAN_JOB_STORE", ""
        ),  # redis://… or postgresql://…; else a file of the instance
        "JOBS_AT_ONCE": False,
        "JOB_DAYS": _whole_number("QINGDAN_JOB_DAYS", 30),
        "TEMPLATES_AUTO_RELOAD": False,
        "DEMO": False,
    }


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if text and not text.isdecimal():
        raise UnsafeConfiguration(f"{name} is a whole number, not {text!r}.")
    return int(text or default)


def _limits() -> dict[str, str]:
    """Requests a minute by what they cost, for one account (sign-ins: one address); 0 is no limit."""
    asked = {
        "sign_in": _whole_number("QINGDAN_LIMIT_SIGN_IN", 300),
        "write": _whole_number("QINGDAN_LIMIT_WRITE", 240),
        "upload": _whole_number("QINGDAN_LIMIT_UPLOAD", 30),
        "export": _whole_number("QINGDAN_LIMIT_EXPORT", 60),
    }
    return {name: f"{number} per minute" if number else "" for name, number in asked.items()}


KEPT_AT_LEAST = 180
"""Days: the law wants logs kept for six months at least; the database refuses to delete younger entries too."""


def _retention() -> int:
    days = _whole_number("QINGDAN_AUDIT_DAYS", 1095)
    if days < KEPT_AT_LEAST:
        raise UnsafeConfiguration(f"QINGDAN_AUDIT_DAYS is {days}: the law wants logs kept for six months, 180 days.")
    return days


def database_uri(url: str | None, instance: Path) -> str:
    """`DATABASE_URL` with the driver we ship; without it a SQLite file in the instance folder."""
    if not url:
        return f"sqlite:///{instance / 'qingdan.db'}"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def development() -> dict[str, Any]:
    """Settings of `make run`: loopback only, demo accounts allowed, a key made at each start unless one is given."""
    return _base() | {
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secrets.token_hex(32),
        "DEMO": os.environ.get("QINGDAN_DEMO", "1") == "1",
        "TRUSTED_HOSTS": ["127.0.0.1", "localhost"],
        "LOG_FORMAT": os.environ.get("QINGDAN_LOG", "plain"),
    }


def testing() -> dict[str, Any]:
    """Settings of the tests: cheap password hashes, no CSRF unless a test asks for it."""
    return _base() | {
        "TESTING": True,
        "SECRET_KEY": "tests-only-0123456789abcdef0123456789abcdef",
        "FAB_PASSWORD_HASH_METHOD": "pbkdf2:sha256:1",
        "WTF_CSRF_ENABLED": False,
        "LIMITS": {},
        "DEMO": True,
        "LOG_FORMAT": "",
        "CHECK_SCHEMA": False,
        "JOBS_AT_ONCE": True,
    }


KEY_FILE = "secret-key"
LOOPBACK = ["127.0.0.1", "localhost"]


def production() -> dict[str, Any]:
    """Settings of a real installation.

    The key is SECRET_KEY, or the one `flask portal init` made for this installation; none ships with the product. Without
    QINGDAN_HOSTS only this machine is answered.
    Errors: UnsafeConfiguration for a weak key, for debug mode, and for serving without any key.
    """
    base = _base()
    if os.environ.get("FLASK_DEBUG", "0") not in ("", "0", "false"):
        raise UnsafeConfiguration(
            "FLASK_DEBUG is on. Debug mode shows the inside of the portal to everybody: unset it."
        )
    hosts = [host for host in os.environ.get("QINGDAN_HOSTS", "").split(",") if host] or LOOPBACK
    return base | {
        "SECRET_KEY": _secret_key(base["INSTANCE_DIR"]),
        "SESSION_COOKIE_SECURE": True,
        "PREFERRED_URL_SCHEME": "https",
        "TRUSTED_HOSTS": hosts,
        "FAB_SAFE_REDIRECT_HOSTS": hosts,
        "DEMO": False,
    }


def is_command() -> bool:
    """True inside one of our commands, which may set right what would stop a server; `flask run` is a server."""
    context = get_current_context(silent=True)
    return context is not None and context.info_name != "run" and context.find_root().info_name != "granian"


def _secret_key(instance: Path) -> str:
    key = lasting_key(instance)
    if not key and is_command():
        return secrets.token_hex(32)  # a command signs nothing that outlives it
    if len(key) < 32 or len(set(key)) < 10:
        raise UnsafeConfiguration(
            "SECRET_KEY is missing, too short or too simple. Run `flask portal init`, which makes one for this installation, "
            "or set it: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    return key


def _kept_key(instance: Path) -> str:
    file = instance / KEY_FILE
    return file.read_text(encoding="ascii").strip() if file.exists() else ""


def keep_secret_key(instance: Path) -> bool:
    """Make the key of this installation, readable by its owner alone, unless there is one; True when it was made."""
    file = instance / KEY_FILE
    if os.environ.get("SECRET_KEY") or file.exists():
        return False
    file.touch(mode=0o600)
    file.write_text(secrets.token_hex(32), encoding="ascii")
    return True


def lasting_key(instance: Path) -> str:
    """The key that outlives this process; empty while there is none."""
    return os.environ.get("SECRET_KEY", "") or _kept_key(instance)


def has_secret_key(instance: Path) -> bool:
    """True when a key outlives this process."""
    return bool(lasting_key(instance))


PROFILES = {"development": development, "testing": testing, "production": production}


def settings(profile: str | None = None) -> dict[str, Any]:
    """The settings of a profile; without a name, of `QINGDAN_PROFILE`, which is production unless it says otherwise."""
    return PROFILES[profile or os.environ.get("QINGDAN_PROFILE", "production")]()
