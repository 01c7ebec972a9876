import pytest

from reference.net.face.http import Limits
from tests.unit.reference.net.live import Live


@pytest.fixture(scope="module")
def live():
    """A serving node with little patience."""
    server = Live(Limits(idle_s=5.0, head_s=0.3, body_s=0.3))
    yield server
    server.stop()
