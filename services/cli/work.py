"""`ehcp work`: the platform's workers as processes of their own, until SIGTERM or Ctrl-C."""

import signal
from collections.abc import Callable, Sequence
from types import FrameType

from services.bootstrap import NOT_FIT, Platform, open_platform
from services.cli.session import load_settings
from services.cli.talk import MISUSE, say, stop
from services.logs import set_level
from services.projection.running import RunningProjector
from services.store.errors import StoreOwnedElsewhere

Workers = Callable[[Platform], Sequence[RunningProjector]]
"""Which workers of a platform are to work."""


def projector() -> None:
    """Keep the read models up. Several of these share the work; the lanes of one that dies are taken over."""
    _work("projector is", lambda platform: (platform.projection.running,))


def router() -> None:
    """Tell events to whom they concern, as signals. Several of these share the work, as projectors do."""
    _work("router is", lambda platform: (platform.signals.running,))


def everything() -> None:
    """Every worker that this release has, in one process."""
    _work("workers are", lambda platform: (platform.projection.running, platform.signals.running))


def _work(who: str, chosen: Workers) -> None:
    settings = load_settings()
    set_level(settings.log_level)
    try:
        platform = open_platform(settings)
    except StoreOwnedElsewhere:
        stop("A server has the embedded record, and does this work itself.")
    except NOT_FIT as error:
        stop(str(error), MISUSE)
    first, *others = chosen(platform)

    def end(_signal: int, _frame: FrameType | None) -> None:
        first.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    for other in others:
        other.start()
    say(f"The {who} at work. Stop with Ctrl-C.")
    first.run()
    platform.close()
