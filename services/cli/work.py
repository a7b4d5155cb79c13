"""`ehcp work`: the platform's workers as processes of their own, until SIGTERM or Ctrl-C."""

import signal
from types import FrameType

from services.bootstrap import NOT_FIT, open_platform
from services.cli.session import load_settings
from services.cli.talk import MISUSE, say, stop
from services.logs import set_level
from services.store.errors import StoreOwnedElsewhere


def projector() -> None:
    """Keep the read models up. Several of these share the work; the lanes of one that dies are taken over."""
    settings = load_settings()
    set_level(settings.log_level)
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        stop("A server has the embedded record, and keeps its read models up itself.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    running = platform.projection.running

    def end(_signal: int, _frame: FrameType | None) -> None:
        running.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    say("The projector is at work. Stop it with Ctrl-C.")
    running.run()
    platform.close()


def everything() -> None:
    """Every worker that this release has, in one process."""
    projector()
