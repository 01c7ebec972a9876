"""The node as one file: the same bytes from the same source, and it runs where there is only python3."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from reference.cli.bundle import build
from reference.cli.cluster import Cluster
from tests.net.cluster import ask, reads


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    path = tmp_path_factory.mktemp("dist") / "dynamo-node.pyz"
    build(path)
    return path


def test_the_same_source_gives_the_same_bytes(bundle, tmp_path):
    build(tmp_path / "again.pyz")
    assert (tmp_path / "again.pyz").read_bytes() == bundle.read_bytes()
    with zipfile.ZipFile(bundle) as archive:
        entries = archive.infolist()
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert all(entry.filename.endswith(".py") for entry in entries), (
        "nothing compiled, nothing of this machine"
    )


def test_it_is_executable_by_itself(bundle):
    assert os.access(bundle, os.X_OK)
    assert bundle.read_bytes().startswith(b"#!/usr/bin/env python3\n")


def pythons():
    """Those of this machine that are new enough and start."""
    found = {sys.version_info[:2]: sys.executable}
    for minor in range(12, 16):
        path = shutil.which(f"python3.{minor}")
        if path and not subprocess.run([path, "-c", ""], capture_output=True).returncode:
            found[3, minor] = path
    return list(found.values())


@pytest.mark.parametrize("python", pythons())
def test_three_nodes_from_an_empty_directory_in_isolated_mode(bundle, tmp_path, monkeypatch, python):
    monkeypatch.chdir(tmp_path)
    nodes = Cluster(tmp_path, 3, program=(python, "-I", str(bundle)))
    try:
        nodes.start()
        assert ask(nodes, "n1", "PUT", "/kv/k", b"from one file")[0] == 200
        reads(nodes, "n3", "k", [b"from one file"])
    finally:
        assert nodes.stop() == [0, 0, 0]


def test_it_is_the_client_too(bundle, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-I", str(bundle), "get", "k", "--http", "1"], capture_output=True, cwd=tmp_path
    )
    assert ended.returncode == 4
    assert b"no node at 127.0.0.1:1" in ended.stderr
