"""What the world's own tests share."""

from collections.abc import Iterator

import pytest

from tests.world.fixtures import TODAY, world
from tests.world.invented import invented
from tests.world.server import WorldServer

__all__ = ["server", "world"]


@pytest.fixture
def server() -> Iterator[WorldServer]:
    """The same world as the fixture `world`, without the project."""
    with WorldServer(invented()) as server:
        server.turn_to(TODAY)
        yield server
