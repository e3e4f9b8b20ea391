from resnet_demo.cli.table import aligned


def test_columns_stand_two_apart_each_on_its_side():
    rows = [("a", "long name", "1"), ("bcd", "b", "20.5")]
    assert aligned(rows, "llr", indent="> ") == ["> a    long name     1", "> bcd  b          20.5"]


def test_full_width_letters_take_two_columns():
    assert aligned([("e\u0301", "x"), ("bee", "y")], "ll") == ["e\u0301    x", "bee  y"]
    assert aligned([("亚洲象", "x"), ("bee", "y")], "ll") == ["亚洲象  x", "bee     y"]


def test_an_empty_column_is_left_out():
    assert aligned([("", "a", "1"), ("", "", "2")], "llr") == ["a  1", "   2"]


def test_text_is_taken_as_it_is_and_never_cut():
    name = "[red]a[/red] :smile: " + "x" * 5000
    assert aligned([(name, "1")], "lr") == [f"{name}  1"]
