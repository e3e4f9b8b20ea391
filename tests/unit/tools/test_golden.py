"""The comparison of two runs sees what differs, and forgives rounding alone."""

import copy
import json

from tools.golden import compare, differences, main

NUMBERS = {
    "predictions": [{"index": 3, "label": "a", "logit": 20.0}, {"index": 1, "label": "b", "logit": 20.0}],
    "stages": [{"channels": [7, 2], "means": [1.0, 1.0], "shape": [4, 4, 9]}],
    "blocks": [{"ratio": None, "kind": "identity", "ledger": -0.5}],
    "ledger": {"error": 1e-6},
}


def changed(**changes):
    numbers = copy.deepcopy(NUMBERS)
    for path, value in changes.items():
        *way, last = (int(part) if part.isdecimal() else part for part in path.split("__"))
        at = numbers
        for part in way:
            at = at[part]
        at[last] = value
    return numbers


def test_rounding_is_forgiven():
    assert not list(differences(NUMBERS, NUMBERS))
    assert not list(differences(NUMBERS, changed(predictions__0__logit=20.0001, ledger__error=9e-5)))
    turned = changed(predictions__0__index=1, predictions__1__index=3, stages__0__channels=[2, 7])
    assert not list(differences(NUMBERS, turned)), "equal logits and means may change places"
    assert not list(differences(NUMBERS, NUMBERS | {"schema_version": "1.0"})), "new keys may come"


def test_all_else_is_seen():
    for change in (
        {"predictions__0__logit": 20.001},
        {"stages__0__means": [1.0, 1.001]},
        {"stages__0__shape": [4, 5, 9]},
        {"blocks__0__ratio": 0.0},
        {"blocks__0__kind": "projection"},
        {"blocks__0__ledger": None},
        {"blocks": []},
        {"ledger": {}},
        {"ledger__error": 1e-3},
    ):
        assert list(differences(NUMBERS, changed(**change))), change


def test_two_folders(tmp_path, capsys):
    before, after = tmp_path / "before", tmp_path / "after"
    for folder in (before, after):
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps(NUMBERS))
    assert main(["compare", str(before), str(after)]) == 0
    assert capsys.readouterr().out == "1 photos, 0 differences; new keys: none\n"
    (after / "a.json").write_text(json.dumps(changed(blocks__0__ledger=-0.4) | {"new": 1}))
    (before / "b.json").write_text(json.dumps(NUMBERS))
    assert compare(before, after) == 1
    assert capsys.readouterr().out.splitlines() == [
        "a.json.blocks[0].ledger: -0.5, then -0.4",
        "b.json: gone",
        "2 photos, 2 differences; new keys: new",
    ]
    assert compare(tmp_path, after) == 1, "nothing to compare"
