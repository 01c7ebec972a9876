"""F1: a local opinion of who is down, and how it changes."""

from reference.detector import Detector


def test_silence_is_suspicion_and_any_word_ends_it():
    """F1's pitfall (B37): one timeout must not mean down for ever."""
    detector = Detector()
    assert detector.unanswered("n2")
    assert detector.suspects("n2")
    detector.heard("n2", now=5)
    assert not detector.suspects("n2")
    assert detector.suspected() == []


def test_a_suspicion_is_news_once():
    detector = Detector()
    assert detector.unanswered("n2")
    assert not detector.unanswered("n2")
    assert detector.suspected() == ["n2"]


def test_nobody_is_suspected_without_traffic():
    """F1: no request, no opinion."""
    detector = Detector()
    assert not detector.suspects("n9")
    assert detector.healthy(["n1", "n2"]) == ["n1", "n2"]


def test_the_suspected_are_skipped_in_order():
    detector = Detector()
    detector.unanswered("n1")
    assert detector.healthy(["n1", "n2", "n3"]) == ["n2", "n3"]


def test_the_suspected_are_a_last_resort():
    detector = Detector()
    detector.unanswered("n1")
    assert detector.healthy_first(["n1", "n2", "n3"]) == ["n2", "n3", "n1"]


def test_two_nodes_may_disagree():
    """F1's pitfall: a global list of the dead."""
    mine, yours = Detector(), Detector()
    mine.unanswered("n3")
    assert not yours.suspects("n3")


def test_heard_within_a_span_counts_from_the_last_word():
    detector = Detector()
    assert not detector.heard_within("n2", now=10, span_ns=1000)
    detector.heard("n2", now=10)
    assert detector.heard_within("n2", now=20, span_ns=10)
    assert not detector.heard_within("n2", now=21, span_ns=10)
