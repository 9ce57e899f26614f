"""Django on a copy of our database: the same tables as models, an admin, and django-import-export's resources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.county import PASSWORD
from bench.web import LOG

APPS = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
MIDDLEWARE = (
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
)
CONTEXT = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)


def set_up(database: str) -> Any:
    """Configure Django on the file, define the models once, and give them; `urlpatterns` is this module's."""
    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY="bench" * 8,
        ALLOWED_HOSTS=["*"],
        DEBUG_PROPAGATE_EXCEPTIONS=True,
        ROOT_URLCONF="bench.peers_django",
        INSTALLED_APPS=[f"django.contrib.{name}" for name in APPS] + ["import_export", "bench"],
        MIDDLEWARE=list(MIDDLEWARE),
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": list(CONTEXT)},
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": database,
                "OPTIONS": {
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                    "transaction_mode": "IMMEDIATE",
                },
            }
        },
        LANGUAGE_CODE="zh-hans",
        STATIC_URL="/static/",
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    )
    django.setup()
    return _models()


def _models() -> Any:
    from django.db import connection, models

    class Unit(models.Model):
        name = models.CharField(max_length=120)
        level = models.CharField(max_length=16)
        code = models.CharField(max_length=64, unique=True)

        class Meta:
            app_label, db_table, managed = "bench", "org_unit", False

        def __str__(self) -> str:
            return str(self.name)

    class Person(models.Model):
        name = models.CharField(max_length=60)

        class Meta:
            app_label, db_table, managed = "bench", "person", False

        def __str__(self) -> str:
            return str(self.name)

    class Post(models.Model):
        person = models.ForeignKey(Person, models.CASCADE)
        unit = models.ForeignKey(Unit, models.CASCADE)
        township = models.ForeignKey(Unit, models.CASCADE, related_name="+")
        role = models.CharField(max_length=40)
        from_on = models.DateField(null=True)
        to_on = models.DateField(null=True)
        is_certified = models.BooleanField()

        class Meta:
            app_label, db_table, managed = "bench", "post", False

    def counted() -> Any:
        return models.IntegerField(null=True, blank=True)

    fields: dict[str, Any] = {name: counted() for name in LOG if name != "main_work"}
    fields |= {
        "code": models.CharField(max_length=80, unique=True),
        "unit": models.ForeignKey(Unit, models.CASCADE),
        "month": models.CharField(max_length=7),
        "main_work": models.CharField(max_length=1000, blank=True),
        "Meta": type("Meta", (), {"app_label": "bench", "db_table": "django_log"}),
        "__module__": __name__,
    }
    log = type("MonthlyLog", (models.Model,), fields)
    if "django_log" not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(log)
    return {"Unit": Unit, "Person": Person, "Post": Post, "MonthlyLog": log}


urlpatterns: list[Any] = []


def application(database: str) -> Any:
    """The admin as a WSGI application, with the accounts `county` and `township`."""
    found = set_up(database)
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.urls import path

    call_command("migrate", verbosity=0, interactive=False)
    for username in ("county", "township"):
        if not User.objects.filter(username=username).exists():
            User.objects.create_superuser(username, f"{username}@x.cn", PASSWORD)
    first = found["Unit"].objects.filter(level="township").order_by("id").first()

    class PostAdmin(admin.ModelAdmin):
        list_display = ("person", "role", "unit", "from_on", "to_on", "is_certified")
        list_select_related = ("person", "unit")
        list_per_page = 20
        show_full_result_count = False
        search_fields = ("role",)
        ordering = ("-id",)

        def get_queryset(self, request: Any) -> Any:
            rows = super().get_queryset(request)
            return rows.filter(township=first) if request.user.username == "township" else rows

    class LogAdmin(admin.ModelAdmin):
        raw_id_fields = ("unit",)

    admin.site.register(found["Post"], PostAdmin)
    admin.site.register(found["MonthlyLog"], LogAdmin)
    urlpatterns.append(path("admin/", admin.site.urls))
    return get_wsgi_application()


def copy_of(database: Path, name: str) -> Path:
    """A copy of our database beside it, without our accounts, for a peer to build its own tables in."""
    import sqlite3

    target = database.with_name(name)
    target.unlink(missing_ok=True)
    with sqlite3.connect(database) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
        copy.execute("PRAGMA foreign_keys=OFF")
        tables = [
            row[0]
            for row in copy.execute(
                "SELECT name FROM sqlite_master WHERE name LIKE 'ab\\_%' ESCAPE '\\' AND type='table'"
            )
        ]
        for table in tables:
            copy.execute(f"DROP TABLE {table}")
    return target
