from pathlib import Path

import pytest

from harness.errors import SchismError
from harness.run.recorder import FLUSH_EVERY, Recorder


def recorder_in(directory: Path, time: int = 7) -> Recorder:
    return Recorder(directory / "history.jsonl", lambda: time)


def test_lines_have_the_fields_of_the_format_in_a_fixed_order_and_leave_defaults_out(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    recorder.meta(system="perfect", seed=3)
    recorder.invoke(0, 1, "put", "k", "1:0", None, "n1", 5)
    recorder.complete("ok", 0, 1, "put", "k")
    recorder.invoke(1, 1, "get", "k", node="n2", items=["a"], parent=0)
    recorder.complete("ok", 1, 1, "get", "k", [], node="n3")
    recorder.final("n1", "k", None, 1)
    recorder.close()

    assert (tmp_path / "history.jsonl").read_text().splitlines() == [
        '{"kind":"meta","version":1,"system":"perfect","seed":3}',
        '{"kind":"op","type":"invoke","op":0,"time":7,"process":1,"f":"put","key":"k","value":"1:0",'
        '"node":"n1","due":5}',
        '{"kind":"op","type":"ok","op":0,"time":7,"process":1,"f":"put","key":"k"}',
        '{"kind":"op","type":"invoke","op":1,"time":7,"process":1,"f":"get","key":"k","node":"n2",'
        '"items":["a"],"parent":0}',
        '{"kind":"op","type":"ok","op":1,"time":7,"process":1,"f":"get","key":"k","value":[],"node":"n3"}',
        '{"kind":"final","time":7,"node":"n1","key":"k","values":null,"round":1}',
    ]


def test_a_prefix_of_whole_lines_is_on_disk_at_any_moment(tmp_path: Path) -> None:
    recorder = recorder_in(tmp_path)
    recorder.meta(system="perfect")
    for op in range(FLUSH_EVERY):
        recorder.invoke(op, 0, "get", "k")
    recorder.note("not yet on its way")
    written = (tmp_path / "history.jsonl").read_bytes()
    assert written.count(b"\n") == FLUSH_EVERY + 1
    assert written.endswith(b"}\n")

    recorder.phase("heal")
    assert (tmp_path / "history.jsonl").read_bytes().count(b"\n") == FLUSH_EVERY + 3


def test_a_folder_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SchismError, match=r"gone/history.jsonl: cannot write the history: No such file"):
        recorder_in(tmp_path / "gone")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_once_and_the_run_can_still_be_ended() -> None:
    recorder = Recorder(Path("/dev/full"), lambda: 0)
    with pytest.raises(SchismError, match="/dev/full: cannot write the history: No space left"):
        recorder.meta(system="perfect")
    recorder.phase("heal")
    recorder.close()


def test_details_of_a_fault_may_not_replace_what_names_it(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="partition"):
        recorder_in(tmp_path).fault("requested", "f1", "partition", ["n1"], {"kind": "halves"})


def test_a_history_that_is_a_link_is_replaced_and_what_it_points_at_stays(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs.txt"
    theirs.write_text("not ours")
    (tmp_path / "history.jsonl").symlink_to(theirs)
    recorder = recorder_in(tmp_path)
    recorder.note("ours")
    recorder.close()
    assert theirs.read_text() == "not ours"
    assert not (tmp_path / "history.jsonl").is_symlink()
