"""The packaged Chinese class names: whole, distinct, and each in the sense of its WordNet id."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

import resnet_demo.networks

DATA = Path(resnet_demo.networks.__file__).parent / "data"
CHINESE = json.loads((DATA / "imagenet_zh.json").read_text("utf-8"))
CLASS_INDEX = json.loads((DATA / "imagenet_class_index.json").read_text("utf-8"))
INDEX_BY_WNID = {wnid: int(index) for index, (wnid, _) in CLASS_INDEX.items()}

# CJK Unified Ideographs with Extension A, where some bird names live (䴕).
IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")


def test_one_name_a_class():
    assert len(CHINESE) == len(CLASS_INDEX) == 1000
    assert all(isinstance(name, str) for name in CHINESE)


def test_every_name_has_an_ideograph_and_no_stray_space():
    assert [name for name in CHINESE if not IDEOGRAPH.search(name) or re.search(r"\s", name)] == []


def test_latin_letters_stand_only_in_names_that_have_no_other():
    assert {name for name in CHINESE if re.search("[A-Za-z]", name)} == {"iPod播放器", "T恤衫", "福特T型车"}


def test_names_are_distinct():
    assert [name for name, times in Counter(CHINESE).items() if times > 1] == []


# Pairs of one English word first; then words whose commoner sense is another; at least one in each hundred,
# so that a name too many and one too few cannot shift the rest unseen.
@pytest.mark.parametrize(
    ("wnid", "english", "chinese"),
    [
        ("n02012849", "crane", "鹤"),
        ("n03126707", "crane", "起重机"),
        ("n02113186", "Cardigan", "卡迪根柯基犬"),
        ("n02963159", "cardigan", "开襟毛衣"),
        ("n03710637", "maillot", "连体紧身衣"),
        ("n03710721", "maillot", "连体泳衣"),
        ("n02504013", "Indian_elephant", "亚洲象"),
        ("n02504458", "African_elephant", "非洲象"),
        ("n03773504", "missile", "导弹"),
        ("n04008634", "projectile", "射弹"),
        ("n04355933", "sunglass", "日光镜"),
        ("n04356056", "sunglasses", "太阳镜"),
        ("n02509815", "lesser_panda", "小熊猫"),
        ("n02510455", "giant_panda", "大熊猫"),
        ("n03642806", "laptop", "膝上型电脑"),
        ("n03832673", "notebook", "笔记本电脑"),
        ("n01608432", "kite", "鸢"),
        ("n01847000", "drake", "雄鸭"),
        ("n02086910", "papillon", "蝴蝶犬"),
        ("n02108089", "boxer", "拳师犬"),
        ("n02328150", "Angora", "安哥拉兔"),
        ("n02879718", "bow", "弓"),
        ("n02892201", "brass", "黄铜纪念牌"),
        ("n03250847", "drumstick", "鼓槌"),
        ("n03337140", "file", "文件柜"),
        ("n03793489", "mouse", "鼠标"),
        ("n03804744", "nail", "钉子"),
        ("n03930313", "picket_fence", "尖桩篱栅"),
        ("n03954731", "plane", "刨子"),
        ("n04367480", "swab", "拖把"),
        ("n12144580", "corn", "玉米"),
        ("n13133613", "ear", "玉米穗"),
        # The ten of Imagenette, which the bundled weights know.
        ("n01440764", "tench", "丁鲷"),
        ("n02102040", "English_springer", "英国史宾格犬"),
        ("n02979186", "cassette_player", "盒式磁带播放机"),
        ("n03000684", "chain_saw", "链锯"),
        ("n03028079", "church", "教堂"),
        ("n03394916", "French_horn", "圆号"),
        ("n03417042", "garbage_truck", "垃圾车"),
        ("n03425413", "gas_pump", "加油机"),
        ("n03445777", "golf_ball", "高尔夫球"),
        ("n03888257", "parachute", "降落伞"),
    ],
)
def test_the_sense_is_that_of_the_wordnet_id(wnid, english, chinese):
    index = INDEX_BY_WNID[wnid]
    assert CLASS_INDEX[str(index)][1] == english
    assert CHINESE[index] == chinese
