"""The client library, attached to a simulated cluster."""

from collections.abc import Callable
from typing import Any

from reference.clients.aware import AwareClient
from reference.clients.library import Client
from tests.unit.reference.cluster import Cluster


def client_of(
    cluster: Cluster, kind: Callable[..., Client] = AwareClient, name: str = "c9", **options: Any
) -> Any:
    """A client of the library, attached to the network."""
    runtime = cluster.testbed.client_runtime(name, lambda *heard: client.peers.refused(*heard))
    client = kind(runtime, cluster.config, cluster.nodes, **options)
    cluster.testbed.attach(name, client.receive)
    return client


def asked(cluster: Cluster, kind: type, source: str = "c9") -> list[str]:
    """To whom the client sent this kind of message."""
    return [target for sender, target, _ in cluster.messages(kind) if sender == source]
