"""The command line. Each command imports what it needs, so that each starts quickly."""

# ruff: noqa: PLC0415

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from hotline.calendar.cli import app as calendar
from hotline.command import DEFAULT, ConfigPath, faults, load_config
from hotline.ivr.flow_cli import app as flows
from hotline.ivr.prompts_cli import app as prompts
from hotline.registry.clocks.cli import deadline
from hotline.registry.exchange.cli import app as exchange
from hotline.registry.judging.cli import app as judging
from hotline.registry.life_cli import app as life
from hotline.registry.places.cli import app as places
from hotline.registry.taxonomy_cli import app as taxonomy
from hotline.replay.cli import replay
from hotline.simulation.cli import simulate, staffing

app = typer.Typer(
    help="The telephony side of a city management hotline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
users = typer.Typer(help="People who log in.", no_args_is_help=True)
database = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(users, name="user")
app.add_typer(database, name="db")
app.add_typer(prompts, name="prompts")
app.add_typer(calendar, name="calendar")
app.add_typer(exchange, name="exchange")
app.add_typer(flows, name="flow")
app.add_typer(taxonomy, name="taxonomy")
app.add_typer(life, name="life")
app.add_typer(places, name="places")
app.add_typer(judging, name="judge")
app.command("replay")(replay)
app.command("deadline")(deadline)
app.command("simulate")(simulate)
app.command("staffing")(staffing)


def main() -> None:
    """Run the command that was asked for. A fault ends in its own lines and exit code 2."""
    try:
        ended = app(standalone_mode=False)
    except typer.Abort as error:
        raise SystemExit(1) from error
    except typer.TyperException as error:
        raise SystemExit(_misused(error)) from error
    raise SystemExit(ended)


def _misused(error: typer.TyperException) -> int:
    """Tell a wrong option in one line that names it, not in a frame that breaks the line."""
    # Usage errors name the option only there, and Typer exports their base alone.
    told = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
    # Nothing is left to tell when a command without arguments showed its help.
    if told:
        print(f"hotline: {told}", file=sys.stderr)
    return 2


@app.command()
def up(config: ConfigPath = DEFAULT) -> None:
    """Run the hotline: Asterisk, the controller and the pages, until Ctrl-C."""
    from hotline.up.faults import SetupFault
    from hotline.up.run import run

    with faults(SetupFault):
        run(config)


@app.command()
def serve(
    config: ConfigPath = DEFAULT,
    spare: Annotated[
        bool, typer.Option("--spare", help="Load, and wait for a line of standard input.")
    ] = False,
) -> None:
    """Run the controller and the pages alone (hotline up does this by itself)."""
    # While modules are loaded next to nothing becomes garbage; the controller looks for it again.
    gc.disable()
    from hotline.app import serve as serve_controller
    from hotline.up.spare import may_go

    if spare and not may_go():
        raise typer.Exit(0)
    with faults():
        raise typer.Exit(serve_controller(config))


@app.command()
def doctor(
    config: ConfigPath = DEFAULT,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check every part; say of each that it is good, or what to do. Exit code 1: not all is."""
    from hotline.doctor.main import run

    raise typer.Exit(run(config, as_json=as_json))


@app.command()
def demo(
    config: ConfigPath = DEFAULT,
    rate: Annotated[float, typer.Option(help="Citizens a minute.", min=0.1, max=120)] = 6.0,
    minutes: Annotated[float, typer.Option(help="How long.", min=0.1)] = 5.0,
    agents: Annotated[int, typer.Option(help="Synthetic agents.", min=0)] = 0,
    seed: Annotated[int | None, typer.Option(help="Repeat that demo.")] = None,
) -> None:
    """Let synthetic citizens ring in at the running hotline."""
    from rich.console import Console

    from hotline.demo.main import DemoImpossible, DemoWishes, run_demo

    with faults(DemoImpossible):
        run_demo(load_config(config), DemoWishes(rate, minutes, agents, seed), Console())


@app.command("demo-cases")
def demo_cases(
    config: ConfigPath = DEFAULT,
    cases: Annotated[int, typer.Option(help="How many.", min=1, max=10_000_000)] = 20_000,
    days: Annotated[int, typer.Option(help="Over so many days until now.", min=1)] = 400,
    seed: Annotated[int, typer.Option(help="Other cases with another seed.")] = 1,
) -> None:
    """Write synthetic cases of the sample city into the demo's database; end the hotline first."""
    from rich.progress import Progress

    from hotline.demo.history import NoDemo, write_history
    from hotline.storage.database import DatabaseUnavailable, MigrationError
    from hotline.up.faults import SetupFault
    from hotline.up.lock import only_one

    loaded = load_config(config)
    known = (NoDemo, SetupFault, DatabaseUnavailable, MigrationError)
    with faults(*known), only_one(loaded.hotline.data_dir), Progress() as progress:
        task = progress.add_task("cases", total=cases)
        asyncio.run(
            write_history(
                loaded, cases, days, seed, lambda done: progress.update(task, completed=done)
            )
        )
    print(f"{cases} cases written")


@database.command("migrate")
def migrate_tables(config: ConfigPath = DEFAULT) -> None:
    """Bring the tables to this version."""
    from hotline.storage.database import DatabaseUnavailable, MigrationError, migrate

    loaded = load_config(config)
    with faults(DatabaseUnavailable, MigrationError):
        done = asyncio.run(migrate(loaded.database_url))
    print("migrated" if done else "nothing to do")


@database.command("rebuild")
def rebuild_projections(config: ConfigPath = DEFAULT) -> None:
    """Compute what is computed from the journal anew; end the hotline first."""
    from hotline.events import UnknownEvent
    from hotline.registry.searching import service as searching
    from hotline.storage import passages, projections
    from hotline.storage.database import Database, DatabaseUnavailable
    from hotline.up.faults import SetupFault
    from hotline.up.lock import only_one

    loaded = load_config(config)

    async def run() -> int:
        opened = Database(loaded.database_url)
        try:
            await passages.rebuild(opened)
            await searching.rebuild(opened)
            return await projections.rebuild(opened)
        finally:
            await opened.close()

    known = (SetupFault, DatabaseUnavailable, UnknownEvent)
    with faults(*known), only_one(loaded.hotline.data_dir):
        print(f"{asyncio.run(run())} records read")


@database.command("rebuild-search")
def rebuild_search(config: ConfigPath = DEFAULT) -> None:
    """Make the words by which cases are found, and the counts of states, anew; end the hotline
    first."""
    from rich.progress import Progress

    from hotline.registry.searching import service as searching
    from hotline.storage.database import Database, DatabaseUnavailable
    from hotline.up.faults import SetupFault
    from hotline.up.lock import only_one

    loaded = load_config(config)

    async def run(progress: Progress) -> int:
        shown = progress.add_task("cases", total=None)
        opened = Database(loaded.database_url)
        try:
            return await searching.rebuild(
                opened, lambda done, total: progress.update(shown, completed=done, total=total)
            )
        finally:
            await opened.close()

    with faults(SetupFault, DatabaseUnavailable), only_one(loaded.hotline.data_dir):
        with Progress() as progress:
            done = asyncio.run(run(progress))
        print(f"{done} cases can be searched")


@users.command("add")
def add_user(
    user_id: Annotated[str, typer.Argument(help="The login name.")],
    *,
    name: Annotated[str, typer.Option(help="The name on the screens.")],
    role: Annotated[
        str,
        typer.Option(help="agent, callback, dispatcher, checker, unit, supervisor or admin."),
    ],
    extension: Annotated[str | None, typer.Option(help="The phone, such as 1001.")] = None,
    unit: Annotated[str, typer.Option(help="The id of the unit that a unit's user is of.")] = "",
    config: ConfigPath = DEFAULT,
) -> None:
    """Open an account; the password is asked for, or read from standard input."""
    from hotline.storage import user_commands
    from hotline.storage.profiles import Profile

    with _user_faults():
        password = user_commands.read_password()
        profile = Profile(name, role, extension, unit)
        user_commands.add(load_config(config), user_id, profile, password)
    print(f"{user_id} can log in")


@users.command("password")
def set_password(
    user_id: Annotated[str, typer.Argument(help="The login name.")], config: ConfigPath = DEFAULT
) -> None:
    """Set a new password; the user is logged out everywhere."""
    from hotline.storage import user_commands

    with _user_faults():
        user_commands.set_password(load_config(config), user_id, user_commands.read_password())
    print(f"{user_id} has the new password")


@users.command("deactivate")
def deactivate_user(
    user_id: Annotated[str, typer.Argument(help="The login name.")], config: ConfigPath = DEFAULT
) -> None:
    """Close an account."""
    from hotline.storage import user_commands

    with _user_faults():
        user_commands.deactivate(load_config(config), user_id)
    print(f"{user_id} is closed")


@users.command("list")
def list_users(config: ConfigPath = DEFAULT) -> None:
    """Everybody, those with an open account first."""
    from hotline.storage import user_commands

    with _user_faults():
        for row in user_commands.listing(load_config(config)):
            state = "" if row.active else "closed"
            print(f"{row.user_id:<16}{row.role:<12}{row.extension or '-':<8}{row.name}  {state}")


@contextmanager
def _user_faults() -> Iterator[None]:
    from hotline.storage.database import DatabaseUnavailable, MigrationError
    from hotline.storage.profiles import UserFault
    from hotline.storage.users import NoSuchUser

    with faults(UserFault, NoSuchUser, MigrationError, DatabaseUnavailable):
        yield


if __name__ == "__main__":
    main()
