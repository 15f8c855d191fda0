"""make demo: three verdicts in one report."""

from softmax_ref import demo


def test_the_demo_prints_three_verdicts_and_exits_0(capsys):
    """Textbook fails for want of a shift, SciPy breaks its integer contract only, ours conforms at tight."""
    status = demo.main()

    printed = capsys.readouterr().out
    assert status == 0
    assert "1. textbook formula, no maximum shift as softmax: DOES NOT CONFORM at level standard" in printed
    assert "exp is taken without subtracting the maximum of the slice" in printed
    assert "2. scipy.special.softmax as softmax: CONFORMS at level standard on every float case" in printed
    assert "z - max is formed in the integer type and wraps: uint8 [1, 2] gives [nan, 0]" in printed
    assert "contract/integer/uint8 [0, 255, 3] " in printed
    assert "3. softmax_ref.softmax as softmax: CONFORMS at level tight" in printed


def test_the_demo_fails_when_a_verdict_is_not_the_expected_one(monkeypatch, capsys):
    """With a textbook formula in the place of ours the exit status is 1."""
    monkeypatch.setattr(demo, "softmax", demo.textbook)

    status = demo.main()

    assert status == 1
    assert "3. NOT AS EXPECTED" in capsys.readouterr().out
