"""The command that serves."""

import gc
import os

import click

from directory.cli.command import main
from directory.settings import Settings, data


def _check_address(host: str, port: int) -> None:
    """Say in one sentence what a server would say in many lines."""
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise click.ClickException(f"Nothing can listen on {host}:{port}: {reason}.") from error


def _check_data_folder(settings: Settings) -> None:
    """Write to the data folder once, before each worker fails at it."""
    import tempfile

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.data_dir).close()
    except OSError as error:
        raise click.ClickException(
            f"Nothing can be written to {settings.data_dir}: {error.strerror}."
        ) from error
    if not settings.secret:
        raise click.ClickException(f"There is no key in {settings.data_dir / 'secret.key'}.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.pass_obj
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Migrate, load the seed when the database is empty, and serve."""
    if port == 0:
        raise click.UsageError("Port 0 would be a different address each time; name a port.")
    import uvicorn

    from directory.db import Database, make_engine
    from directory.imports.seed import is_empty, load_seed
    from directory.migrate import migrate as upgrade

    _check_address(host, port)
    # Everything made until the first answer stays; looking through it for garbage costs a third
    # of the start. The application turns the collector on again when it is warm.
    gc.disable()
    engine = make_engine(settings.database_url)
    upgrade(engine)
    with Database(engine).writing() as session:
        if is_empty(session):
            load_seed(session, data("seed"))
    engine.dispose()
    _check_data_folder(settings)
    click.echo(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    uvicorn.run(
        "directory.app:create_app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        log_level="warning",
        # An address can hold the need of somebody, which is logged nowhere.
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
