"""Each step of the Dockerfile is carried out in a Debian of its own, then the service is started.

No image is built. `debootstrap` makes the Debian, which takes the place of the base image: what
that brings besides (the names `python` and `pip`, and leave to install) is added first.
"""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.installation import free_port
from tests.container import recipe

WRITTEN_PORT = "8080"
SUITE, PYTHON = "bookworm", "3.11"
STEP_SECONDS, START_SECONDS, END_SECONDS = 900, 120, 30
PASSED_ON = ("pip_cert", "ssl_cert_file", "http_proxy", "https_proxy", "no_proxy", "pip_index_url")

pytestmark = pytest.mark.long  # a whole Debian is fetched and unpacked: two minutes


@dataclass(kw_only=True)
class Container:
    """A Debian in a folder. `folder`, `user` and `environment` are as the steps so far have set
    them."""

    root: Path
    folder: str = "/"
    user: str = "root"
    environment: dict[str, str] = field(default_factory=dict)

    def command(self, words: list[str]) -> list[str]:
        there = f'cd {shlex.quote(self.folder)} && exec "$@"'
        shell = ["/bin/sh", "-c", there, "sh"]
        return ["chroot", f"--userspec={self.user}", str(self.root), *shell, *words]

    def run(self, words: list[str], **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(words),
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS,
            check=False,
        )

    def does(self, words: list[str], **more: str) -> str:
        """What a command prints that must succeed."""
        done = self.run(words, **more)
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def inside(self, path: str) -> Path:
        return self.root / str(Path(self.folder, path)).lstrip("/")


def carry_out(container: Container, step: recipe.Instruction, outside: Mapping[str, str]) -> None:
    """One step. `outside` is what the machine needs to reach its packages, during `RUN` alone."""
    match step.word:
        case "FROM":
            assert step.rest.startswith(f"python:{PYTHON}")
        case "WORKDIR":
            container.folder = step.rest
            container.inside(".").mkdir(parents=True, exist_ok=True)
        case "ENV":
            name, _, value = step.rest.partition("=")
            container.environment[name] = value
        case "USER":
            container.user = step.rest
        case "COPY":
            *sources, target = step.rest.split()
            for source in sources:
                _copy(container, source, target)
        case "RUN":
            container.does(["/bin/sh", "-c", step.rest], **outside)


def _copy(container: Container, source: str, target: str) -> None:
    place = container.inside(target)
    for path in recipe.copied(source):
        is_folder = (recipe.ROOT / source).is_dir()
        to = place / Path(path).relative_to(source) if is_folder else place / Path(path).name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(recipe.ROOT / path, to)


def outside() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.lower() in PASSED_ON}


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a small Debian that has Python, where apt on this machine gets its packages."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a Debian in a folder")
    for tool in ("debootstrap", "apt-get", "chroot"):
        if shutil.which(tool) is None:
            pytest.skip(f"not installed: {tool}")
    mirrors = _output(
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)",
        f"Codename: {SUITE}",
        "Created-By: Packages",
    ).split()
    if not mirrors:
        pytest.skip(f"apt on this machine has no packages of Debian {SUITE}")
    root = tmp_path_factory.mktemp("container") / "root"
    _output(
        "debootstrap",
        "--variant=minbase",
        "--include=python3,python3-pip,ca-certificates",
        SUITE,
        str(root),
        mirrors[0],
    )
    yield root
    shutil.rmtree(root)


def _output(*words: str) -> str:
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=STEP_SECONDS,
        check=False,
    )
    assert done.returncode == 0, (
        f"{shlex.join(words)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    )
    return done.stdout


@pytest.fixture(scope="module")
def container(debian: Path) -> Container:
    """The Debian after all steps of the Dockerfile."""
    for name in ("python", "pip"):
        (debian / "usr/local/bin" / name).symlink_to(f"/usr/bin/{name}3")
    (debian / f"usr/lib/python{PYTHON}/EXTERNALLY-MANAGED").unlink()
    for certificate in {outside().get(name) for name in ("PIP_CERT", "SSL_CERT_FILE")} - {None}:
        assert certificate is not None
        there = debian / certificate.lstrip("/")
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(certificate, there)
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    made = Container(root=debian, environment={"PATH": path, "HOME": "/tmp"})
    for step in recipe.dockerfile():
        carry_out(made, step, outside())
    return made


def test_the_service_starts_and_is_healthy_then_ends_when_asked(container: Container) -> None:
    port = str(free_port())
    check = [word.replace(WRITTEN_PORT, port) for word in recipe.health_check()]
    first = json.loads(container.does(["fiscus", "init", "--json"]))
    assert first["key"]
    assert container.run(check).returncode != 0, "healthy before it is started"

    server = subprocess.Popen(
        container.command(json.loads(recipe.only("CMD"))),
        env=container.environment | {"FISCUS_PORT": port},
        start_new_session=True,
    )
    try:
        deadline = time.monotonic() + START_SECONDS
        while (done := container.run(check)).returncode != 0:
            assert server.poll() is None, done.stderr
            assert time.monotonic() < deadline, done.stderr
            time.sleep(0.5)
        server.terminate()
        # After it has ended its work it dies of the signal that asked it to.
        assert server.wait(END_SECONDS) == -signal.SIGTERM
    finally:
        server.kill()
        server.wait()


def test_what_is_inside_is_the_user_s_and_no_secret_of_ours(container: Container) -> None:
    assert container.does(["id", "-un"]).strip() == "fiscus"
    assert container.does(["stat", "-c", "%U", "/data"]).strip() == "fiscus"

    names = {path.name for path in container.inside("/app").rglob("*")}

    assert not names & {".data", ".git", "master.key", "fiscus.db", "tests", ".venv"}
