"""Real processes with the engine `sqlite` and with a buffer: killed, stopped, started again."""

import pytest

from tests.net.cluster import ask, cluster, values

SQLITE = "engine = sqlite\n"


@pytest.fixture
def configured(tmp_path):
    def start(text: str):
        config = tmp_path / "config"
        config.write_text(text)
        return cluster(tmp_path, 3, "--config", str(config))

    return start


def put_and_read_back(nodes, stop, *ended, count=30) -> None:
    """Put, stop these nodes (all, if none is named), start them again, get."""
    for index in range(count):
        assert ask(nodes, nodes.names[index % 3], "PUT", f"/kv/k{index}", str(index).encode())[0] == 200
    stop()
    nodes.start(*ended)
    for index in range(count):
        assert values(nodes, "n1", f"k{index}") == [str(index).encode()]


def kill_all(nodes) -> None:
    for name in nodes.names:
        nodes.kill(name)


def test_what_was_acknowledged_is_in_the_database_after_all_nodes_were_killed(configured):
    with configured(SQLITE) as nodes:
        put_and_read_back(nodes, lambda: kill_all(nodes))
        assert (nodes.data / "n1" / "copies.sqlite").exists()
        assert not (nodes.data / "n1" / "log").exists()
        storage = ask(nodes, "n1", "GET", "/status")[1]["storage"]
        assert (storage["engine"], storage["trouble"]) == ("sqlite", "")
        assert storage["bytes"] > 0


def test_the_data_of_another_engine_is_refused_not_ignored(configured, tmp_path):
    with configured("engine = log\n") as nodes:
        ask(nodes, "n1", "PUT", "/kv/k", b"v")
        nodes.kill("n1")
        (tmp_path / "config").write_text(SQLITE)
        with pytest.raises(RuntimeError, match="engine log wrote it; this node's is sqlite: choose that one"):
            nodes.start("n1")


def test_a_damaged_database_is_refused_in_one_line(configured):
    with configured(SQLITE) as nodes:
        ask(nodes, "n1", "PUT", "/kv/k", b"v")
        nodes.kill("n1")
        (nodes.data / "n1" / "copies.sqlite").write_bytes(b"no database" * 1000)
        (nodes.data / "n1" / "copies.sqlite-wal").unlink()
        with pytest.raises(RuntimeError, match="file is not a database; restore it, or wipe this node"):
            nodes.start("n1")
        assert "Traceback" not in nodes.log("n1")


@pytest.mark.parametrize("engine", ["log", "sqlite"])
def test_a_node_that_stops_in_order_writes_its_buffer(configured, engine):
    """One that is killed does not: that is shown in the simulation, where every process can die at once."""
    buffer = f"engine = {engine}\ndurability = buffer\nbuffer_flush_s = 600.0\n"
    with configured(buffer) as nodes:
        put_and_read_back(nodes, nodes.stop)


@pytest.mark.parametrize("engine", ["log", "sqlite"])
def test_a_buffered_write_survives_the_death_of_one_node(configured, engine):
    buffer = f"engine = {engine}\ndurability = buffer\nbuffer_flush_s = 600.0\n"
    with configured(buffer) as nodes:
        put_and_read_back(nodes, lambda: nodes.kill("n2"), "n2")
