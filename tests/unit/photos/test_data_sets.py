"""Data sets in the forms people keep them: which photos, what each shows, and where."""

import csv
import json

import pytest
from PIL import Image

from resnet_demo.errors import OptionError
from resnet_demo.photos.data_sets import read_data_set


def photo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 6)).save(path)
    return path


def examples_of(data):
    return [(e.path.name, e.wnid, e.label, e.index, e.boxes) for e in data.examples]


def voc(path, *boxes):
    named_voc(path, *(("x", box) for box in boxes))


def named_voc(path, *boxes):
    path.parent.mkdir(parents=True, exist_ok=True)
    inside = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{a}</xmin><ymin>{b}</ymin><xmax>{c}</xmax><ymax>{d}</ymax></bndbox></object>"
        for name, (a, b, c, d) in boxes
    )
    path.write_text(f"<annotation>{inside}</annotation>")


@pytest.mark.parametrize("below", ["", "val"])
def test_class_folders(tmp_path, below):
    base = tmp_path / below
    photo(base / "n01440764" / "b.JPEG")
    photo(base / "French horn" / "deep" / "a.png")
    (base / "French horn" / "notes.txt").write_text("no photo")
    assert examples_of(read_data_set(tmp_path)) == [
        ("a.png", None, "French horn", None, ()),
        ("b.JPEG", "n01440764", None, None, ()),
    ]


def test_our_json_as_a_list_and_as_an_object(tmp_path):
    entries = [
        {
            "file": "b.jpg",
            "index": 3,
            "wnid": "n01440764",
            "label": "tench",
            "boxes_xyxy": [[1, 2, 5, 4], [0, 0, 2, 2]],
        },
        {"file": "a.jpg", "label": "church"},
    ]
    expected = [
        ("a.jpg", None, "church", None, ()),
        ("b.jpg", "n01440764", "tench", 3, ((1.0, 2.0, 5.0, 4.0), (0.0, 0.0, 2.0, 2.0))),
    ]
    (tmp_path / "labels.json").write_text(json.dumps(entries))
    assert examples_of(read_data_set(tmp_path)) == expected
    (tmp_path / "labels.json").write_text(json.dumps({"b.jpg": entries[0], "a.jpg": "church"}))
    assert examples_of(read_data_set(tmp_path)) == expected


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (("file", "label"), ("a.jpg", "church"), (None, "church", None)),
        (("Filename", "WNID"), ("a.jpg", "n03028079"), ("n03028079", None, None)),
        (("image", "class"), ("a.jpg", "n03028079"), ("n03028079", None, None)),
        (("path", "label"), ("a.jpg", "7"), (None, None, 7)),
        (("file", "label", "index"), ("a.jpg", "church", "2"), (None, "church", 2)),
    ],
)
def test_csv_with_a_header(tmp_path, header, row, expected):
    with (tmp_path / "labels.csv").open("w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file).writerows([header, row])
    assert examples_of(read_data_set(tmp_path)) == [("a.jpg", *expected, ())]


def test_coco(tmp_path):
    photo(tmp_path / "images" / "1.jpg")
    (tmp_path / "instances_val.json").write_text(
        json.dumps(
            {
                "images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}],
                "categories": [{"id": 5, "name": "dog"}, {"id": 6, "name": "ball"}],
                "annotations": [
                    {"image_id": 1, "category_id": 6, "bbox": [0, 0, 1, 1]},
                    {"image_id": 1, "category_id": 5, "bbox": [1, 2, 4, 3]},
                ],
            }
        )
    )
    data = read_data_set(tmp_path)
    assert examples_of(data) == [("1.jpg", None, "dog", None, ((1.0, 2.0, 5.0, 5.0),))]
    assert data.examples[0].path.is_file()


@pytest.mark.parametrize("where", ["beside", "above", "by class"])
def test_pascal_vocs_boxes(tmp_path, where):
    photo(tmp_path / "data" / "n01440764" / "a.jpg")
    voc(
        {
            "beside": tmp_path / "data" / "n01440764" / "a.xml",
            "above": tmp_path / "Annotations" / "a.xml",
            "by class": tmp_path / "data" / "bbox" / "n01440764" / "a.xml",
        }[where],
        (1, 2, 5, 4),
    )
    assert examples_of(read_data_set(tmp_path / "data")) == [
        ("a.jpg", "n01440764", None, None, ((1.0, 2.0, 5.0, 4.0),))
    ]


@pytest.mark.parametrize("root", ["", "ILSVRC"])
def test_imagenets_own_layout(tmp_path, root):
    """Validation photos in one folder, whose XML elsewhere names the class; what is beside them is left alone."""
    base = tmp_path / root
    for name, wnid in (("ILSVRC2012_val_00000002", "n01440764"), ("ILSVRC2012_val_00000001", "n03394916")):
        photo(base / "Data" / "CLS-LOC" / "val" / f"{name}.JPEG")
        named_voc(base / "Annotations" / "CLS-LOC" / "val" / f"{name}.xml", (wnid, (1, 2, 5, 4)))
    photo(base / "Data" / "CLS-LOC" / "test" / "ILSVRC2012_test_00000001.JPEG")
    expected = [
        ("ILSVRC2012_val_00000001.JPEG", "n03394916", None, None, ((1.0, 2.0, 5.0, 4.0),)),
        ("ILSVRC2012_val_00000002.JPEG", "n01440764", None, None, ((1.0, 2.0, 5.0, 4.0),)),
    ]
    assert examples_of(read_data_set(tmp_path)) == expected
    train = base / "Data" / "CLS-LOC" / "train"
    photo(train / "n01440764" / "n01440764_18.JPEG")
    voc(base / "Annotations" / "CLS-LOC" / "train" / "n01440764" / "n01440764_18.xml", (0, 0, 3, 3))
    assert examples_of(read_data_set(train)) == [
        ("n01440764_18.JPEG", "n01440764", None, None, ((0.0, 0.0, 3.0, 3.0),))
    ]


def test_pascal_vocs_own_layout(tmp_path):
    """A photo is of the class that most of its boxes' area is around."""
    photo(tmp_path / "JPEGImages" / "a.jpg")
    boxes = ("dog", (0, 0, 4, 4)), ("person", (0, 0, 4, 2)), ("person", (4, 0, 8, 3))
    named_voc(tmp_path / "Annotations" / "a.xml", *boxes)
    people = ((0.0, 0.0, 4.0, 2.0), (4.0, 0.0, 8.0, 3.0))
    assert examples_of(read_data_set(tmp_path)) == [("a.jpg", None, "person", None, people)]
    photo(tmp_path / "JPEGImages" / "b.jpg")  # of which nobody tells the class
    with pytest.raises(OptionError, match="no data set"):
        read_data_set(tmp_path)


def test_the_digest_tells_data_sets_apart(tmp_path):
    photo(tmp_path / "x" / "a.jpg")
    first = read_data_set(tmp_path).digest
    assert read_data_set(tmp_path).digest == first
    photo(tmp_path / "x" / "b.jpg")
    assert read_data_set(tmp_path).digest != first


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("labels.json", "{"),
        ("labels.json", "[1, 2]"),
        ("labels.json", '[{"file": "a.jpg"}]'),
        ("labels.json", '[{"file": "a.jpg", "label": "x", "boxes": [[5, 0, 1, 1]]}]'),
        ("labels.csv", "a,b\n1,2\n"),
        ("instances.json", '{"images": []}'),
    ],
)
def test_a_damaged_labels_file_gets_a_sentence(tmp_path, file, content):
    (tmp_path / file).write_text(content)
    with pytest.raises(OptionError, match=r"cannot be understood .*Received: .*Accepted: "):
        read_data_set(tmp_path)


def test_what_is_no_data_set_gets_a_sentence(tmp_path):
    with pytest.raises(OptionError, match="no data set"):
        read_data_set(tmp_path)
    with pytest.raises(OptionError, match="is a folder"):
        read_data_set(tmp_path / "missing")
    photo(tmp_path / "x" / "a.jpg")
    (tmp_path / "x" / "a.xml").write_text("<annotation><bndbox><xmin>1</xmin></bndbox></annotation>")
    with pytest.raises(OptionError, match="boxes cannot be read"):
        read_data_set(tmp_path)
