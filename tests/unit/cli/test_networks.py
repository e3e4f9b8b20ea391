import json

from resnet_demo.networks import complexity, named

# What `complexity_of` counts is tested with it; here, three of its networks stand for all.
NAMES = ("resnet18", "resnet18-v1.5", "resnet18-plain")


def test_json_is_one_object_per_network_and_line(run, monkeypatch):
    networks = named.standard_networks()
    monkeypatch.setattr(named, "standard_networks", lambda: {name: networks[name] for name in NAMES})
    status, out, _ = run("networks", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert rows == [complexity.row(name) for name in NAMES]
    first = rows[0]
    assert list(first)[:5] == ["name", "layers", "parameters", "multiply_adds", "stages"]
    assert first["stages"] == [[112, 112, 64], [56, 56, 64], [28, 28, 128], [14, 14, 256], [7, 7, 512]]


def test_text_is_an_aligned_table_and_each_reason_once(run, monkeypatch):
    rows = [
        {
            "name": name,
            "layers": 50,
            "parameters": 25_636_712,
            "multiply_adds": multiply_adds,
            "stages": [[112, 112, 64], [7, 7, 2048], [7, 7, 2048], [7, 7, 2048], [7, 7, 2048]],
            "paper_multiply_adds": paper,
            "note": note,
        }
        for name, multiply_adds, paper, note in (
            ("alike", 3_800_000_000, 3_800_000_000, ""),
            ("one", 11_280_000_000, 11_300_000_000, "A reason."),
            ("another", 3_900_000_000, None, "A reason."),
        )
    ]
    monkeypatch.setattr(named, "standard_networks", lambda: {row["name"]: {} for row in rows})
    monkeypatch.setattr(complexity, "row", {row["name"]: row for row in rows}.__getitem__)
    status, out, _ = run("networks")
    lines = out.splitlines()
    assert status == 0
    assert lines[1].split() == [
        *("alike", "50", "25,636,712", "3.800×10⁹", "3.8×10⁹", "112×112×64"),
        *["7×7×2048"] * 4,
    ]
    assert lines[3].split()[4] == "–"
    assert len({line.index("112×112×64") for line in lines[1:4]}) == 1
    assert lines[-1] == "  one, another: A reason."
