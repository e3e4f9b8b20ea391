"""Class names: the packaged thousand, the user's file, and finding a class by what a person types."""

import hashlib
import inspect
import json

import pytest
from keras.applications.imagenet_utils import decode_predictions

from resnet_demo.errors import OptionError, UnknownClassError
from resnet_demo.networks import labels
from resnet_demo.networks.labels import Label

THREE = (
    Label("n02104523", "Cardigan dog", "卡迪根犬"),
    Label("n02963159", "cardigan", "开襟毛衣"),
    Label("", "Cardigan", "Cardigan"),
)


def test_the_thousand_are_packaged_in_order():
    thousand = labels.imagenet_labels()
    assert len(thousand) == 1000
    assert thousand[0].wnid == "n01440764"
    assert thousand[386] == Label("n02504458", "African elephant", thousand[386].chinese)
    assert thousand[999].wnid == "n15075141"
    assert len({label.wnid for label in thousand}) == 1000
    assert not [label for label in thousand if "_" in label.english]


def test_every_class_has_a_chinese_name_in_chinese():
    missing = [
        label.english
        for label in labels.imagenet_labels()
        if not any("\u4e00" <= c <= "\u9fff" for c in label.chinese)
    ]
    assert missing == []
    assert "象" in labels.label_for_wnid("n02504458").chinese


def test_names_are_those_of_keras_class_index():
    """Keras downloads its index and holds it to this hash, which stands in its source."""
    index = (labels.DATA / "imagenet_class_index.json").read_bytes()
    assert hashlib.md5(index).hexdigest() in inspect.getsource(decode_predictions)
    assert [[label.wnid, label.english] for label in labels.imagenet_labels()] == [
        [wnid, english.replace("_", " ")] for wnid, english in json.loads(index).values()
    ]


def test_a_missing_chinese_name_is_no_silent_shift(tmp_path):
    (tmp_path / "en.json").write_text('{"0": ["n1", "a_b"], "1": ["n2", "c"]}', "utf-8")
    (tmp_path / "zh.json").write_text('["甲", "乙"]', "utf-8")
    assert labels._bilingual(tmp_path / "en.json", tmp_path / "zh.json") == (
        Label("n1", "a b", "甲"),
        Label("n2", "c", "乙"),
    )
    (tmp_path / "zh.json").write_text('["甲"]', "utf-8")
    with pytest.raises(ValueError, match=r"2 in en\.json and 1 in zh\.json"):
        labels._bilingual(tmp_path / "en.json", tmp_path / "zh.json")


def test_wnid_lookup():
    assert labels.label_for_wnid("n03888257").english == "parachute"
    with pytest.raises(UnknownClassError, match="'n00000000'"):
        labels.label_for_wnid("n00000000")


def test_a_known_wnid_brings_its_chinese_name_and_keeps_the_given_english():
    made = labels.make_label("n03888257", "my_parachute")
    assert made == Label("n03888257", "my parachute", labels.label_for_wnid("n03888257").chinese)
    assert labels.make_label("", "my_thing") == Label("", "my thing", "my thing")


@pytest.mark.parametrize(
    "text",
    [
        '["red panda", "parachute", "b"]',
        '[["", "red_panda"], ["n03888257", "parachute"], ["", "b"]]',
        '{"1": ["n03888257", "parachute"], "0": ["", "red_panda"], "2": ["", "b"]}',
        "red panda\nparachute\n\nb\n",
        "\ufeffred panda\r\nparachute\r\nb",
        '{"b": 2, "parachute": 1, "red_panda": 0}',  # Keras' class_indices
        '{"2": "b", "1": "parachute", "0": "red panda"}',
        '{"1": "red panda", "2": "parachute", "3": "b"}',  # from 1
        '{"model_type": "resnet", "id2label": {"0": "red panda", "1": "parachute", "2": "b"}}',
        '{"label2id": {"b": 2, "parachute": 1, "red panda": 0}}',
        "{0: 'red panda',\n 1: 'parachute',\n 2: 'b'}",
        "index,name\n2,b\n0,red panda\n1,parachute\n",
        "class_id;label\n1;red panda\n2;parachute\n3;b\n",
        'wnid\tname\n\t"red panda"\nn03888257\tparachute\n\tb\n',
        "label,code\nparachute,2\nred panda,1\nb,3\n",
        "name\nred panda\nparachute\nb\n",
        "0: red panda\n1: parachute\n2: b\n",
        "1 red panda\n2 parachute\n3 b",
    ],
)
def test_label_files_of_every_form(tmp_path, text):
    file = tmp_path / "names"
    file.write_bytes(text.encode())
    assert [label.english for label in labels.labels_from_file(file, 3)] == ["red panda", "parachute", "b"]


def test_label_files_with_wnids_get_chinese_names(tmp_path):
    file = tmp_path / "names.json"
    file.write_text('[["n03888257", "parachute"]]', "utf-8")
    assert labels.labels_from_file(file, 1) == (labels.label_for_wnid("n03888257"),)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'["a", "b"]', "each of the network's 3 classes once. Received: 2 names"),
        (b"a\nb\nc\nd", "Received: 4 names"),
        (b'["a", "b"]', "the first class without a name is 2."),
        (b"a\nb\nc\nd", "the first name without a class is 3, 'd'."),
        (b"index,name\n1,a\n3,c\n4,d\n", "counted from 1; the first class without a name is 2."),
        (b'{"a": 1, "b": 2, "c": 0, "d": 0}', "counted from 0; the first class with two names is 0."),
        (b"index,name\n0,a\n1\n2,c\n", "a table of another form"),
        (b"index,name\n0,a\none,b\n2,c\n", "of another form"),
        (b'["a", "b"', "JSON of another form"),
        (b'["a", "b", 3]', "JSON of another form"),
        (b'{"0": ["n1", "a"], "1": ["n2", "b"], "3": ["n3", "c"]}', "the first class without a name is 2."),
        (b'{"a": [1], "b": [2], "c": [0]}', "JSON of another form"),
        (b'["a", "b", ""]', "JSON of another form"),
        (b"\xff\xfe\xfd", "not UTF-8"),
    ],
)
def test_other_label_files_get_a_sentence(tmp_path, content, says):
    file = tmp_path / "names.txt"
    file.write_bytes(content)
    with pytest.raises(OptionError) as caught:
        labels.labels_from_file(file, 3)
    assert says in str(caught.value)
    assert "names.txt" in str(caught.value)


def test_synset_words_bring_wnids_and_the_first_of_several_names(tmp_path):
    file = tmp_path / "synset_words.txt"
    file.write_text("n03888257 parachute, chute\nn01440764 tench, Tinca tinca\n", "utf-8")
    assert labels.labels_from_file(file, 2) == tuple(map(labels.label_for_wnid, ("n03888257", "n01440764")))
    file.write_text("n01440764 2 tench\nn03888257 1 parachute\n", "utf-8")  # map_clsloc.txt
    assert labels.labels_from_file(file, 2) == tuple(map(labels.label_for_wnid, ("n03888257", "n01440764")))
    file.write_text("n03888257\nn01440764\n", "utf-8")
    assert labels.labels_from_file(file, 2) == tuple(map(labels.label_for_wnid, ("n03888257", "n01440764")))


@pytest.mark.parametrize(
    ("text", "first"),
    [("a\nb", None), ('["a"]', None), ("0 a\n1 b", 0), ("1,a\n2,b", 1), ("id,name\n1,a", 1)],
)
def test_what_a_file_counts_from_can_be_told(tmp_path, text, first):
    (tmp_path / "names").write_text(text, "utf-8")
    assert labels.counted_from(tmp_path / "names") == first


def test_names_that_begin_with_numbers_stay_whole(tmp_path):
    (tmp_path / "names").write_text("7 up\n3 musketeers", "utf-8")
    assert [label.english for label in labels.labels_from_file(tmp_path / "names", 2)] == [
        "7 up",
        "3 musketeers",
    ]


def test_the_two_labels_of_one_question(tmp_path):
    (tmp_path / "one").write_text("hot_dog", "utf-8")
    assert [label.english for label in labels.labels_from_file(tmp_path / "one", 2, yes_or_no=True)] == [
        "not hot dog",
        "hot dog",
    ]
    (tmp_path / "two").write_text('{"cats": 0, "dogs": 1}', "utf-8")
    assert [label.english for label in labels.labels_from_file(tmp_path / "two", 2, yes_or_no=True)] == [
        "cats",
        "dogs",
    ]
    assert labels.labels_of_question() == (Label("", "no", "否"), Label("", "yes", "是"))


def test_missing_label_file(tmp_path):
    with pytest.raises(OptionError, match=r"gone\.txt.*No such file"):
        labels.labels_from_file(tmp_path / "gone.txt", 3)


def test_numbered_labels_are_numbers():
    assert labels.numbered_labels(3) == (Label("", "0", "0"), Label("", "1", "1"), Label("", "2", "2"))


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("1", 1),
        (2, 2),
        ("n02963159", 1),
        ("N02963159", 1),
        ("开襟毛衣", 1),
        ("cardigan", 1),
        ("Cardigan", 2),
        ("CARDIGAN_DOG", 0),
        (" cardigan dog ", 0),
    ],
)
def test_find_class(text, index):
    assert labels.find_class(THREE, text) == index


def test_find_class_in_the_thousand():
    thousand = labels.imagenet_labels()
    assert labels.find_class(thousand, "african elephant") == 386
    assert [thousand[labels.find_class(thousand, name)].wnid for name in ("Cardigan", "cardigan")] == [
        "n02113186",
        "n02963159",
    ]
    for i, label in enumerate(thousand):
        assert labels.find_class(thousand, label.wnid) == i


def test_an_ambiguous_name_lists_its_classes():
    with pytest.raises(UnknownClassError) as caught:
        labels.find_class(labels.imagenet_labels(), "crane")
    assert "134 (n02012849, crane" in str(caught.value)
    assert "517 (n03126707, crane" in str(caught.value)
    with pytest.raises(UnknownClassError, match=r"1 \(n02963159.*2 \(Cardigan\)"):
        labels.find_class(THREE, "cArDiGaN")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3", "Accepted: 0 to 2."),
        ("-1", "Received: '-1'. Accepted: an index"),
        ("cardigna", "Near to it: 'Cardigan'"),
        ("毛衣", "Near to it: '开襟毛衣'"),
        ("zzz", "Accepted: an index"),
        ("", "Accepted: an index"),
    ],
)
def test_no_such_class(text, says):
    with pytest.raises(UnknownClassError) as caught:
        labels.find_class(THREE, text)
    assert says in str(caught.value)


def test_near_names_in_the_thousand():
    with pytest.raises(UnknownClassError) as caught:
        labels.find_class(labels.imagenet_labels(), "elephant")
    assert "'African elephant'" in str(caught.value)
    assert "'Indian elephant'" in str(caught.value)


@pytest.mark.parametrize("text", ["label,class\n1,dog\n0,cat\n", "class,label\ndog,1\ncat,0\n"])
def test_of_two_columns_that_may_both_be_names_the_one_of_numbers_counts(tmp_path, text):
    (tmp_path / "names.csv").write_text(text)
    found = labels.labels_from_file(tmp_path / "names.csv", 2)
    assert [label.english for label in found] == ["cat", "dog"]
