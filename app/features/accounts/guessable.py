"""Which passwords are guessed first: those that many people choose, and those made of one's own names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice, product

_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_SEPARATORS = re.compile(r"[\W\d_]+")
_RUNS = ("1234567890" * 2, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")
_LONGEST_TAIL = 8  # "2026", "123456", a date: what people hang on a word to satisfy a rule
_READINGS = 16  # of a name with characters that are read in several ways
_PLACES = "省市州县区镇乡村屯街道办事处社总子网格委会"

# What is chosen here and missing from lists made of English-speaking sites.
_WORDS = frozenset(
    [
        "woaini",
        "woaiwo",
        "woaiwojia",
        "woaizhongguo",
        "wodemima",
        "mima",
        "zhongguo",
        "zhonghua",
        "beijing",
        "shanghai",
        "guangzhou",
        "shenzhen",
        "jilin",
        "yanbian",
        "changchun",
        "woshishui",
        "nihao",
        "nihaoma",
        "laopo",
        "laogong",
        "baobao",
        "baobei",
        "haohaoxuexi",
        "tiantianxiangshang",
        "gongchandang",
        "dangjian",
        "cunwei",
        "cunweihui",
        "wangge",
        "wanggeyuan",
        "wanggezhang",
        "cunzhang",
        "shuji",
        "zhenzhang",
        "qingdan",
        "guanli",
        "guanliyuan",
        "xitong",
        "gongzuo",
        "dianhua",
        "shouji",
        "zhanghao",
        "yonghu",
        "denglu",
        "huanying",
        "ceshi",
        "moren",
        "qwer",
        "asdf",
        "zxcv",
        "qazwsx",
        "qweasd",
        "qweasdzxc",
        "aini",
        "xihuanni",
        "administrator",
        "admin",
        "root",
        "superuser",
        "system",
        "test",
        "guest",
        "user",
        "default",
        "welcome",
        "changeme",
        "p@ssw0rd",
        "passw0rd",
        "pa55word",
    ]
)
_NUMBERS = frozenset(
    [
        "5201314",
        "1314520",
        "1314521",
        "52013140",
        "520520",
        "147258369",
        "159357",
        "741852963",
        "789456123",
        "123654789",
        "123698745",
        "11223344",
        "12344321",
        "112233445566",
        "888888",
        "666666",
        "88888888",
        "66666666",
        "168168168",
        "123qwe",
        "1q2w3e4r",
        "1q2w3e4r5t",
        "qq123456",
        "a123456",
        "aa123456",
        "abc123456",
        "a1b2c3d4",
        "1234qwer",
        "qwer1234",
        "asdf1234",
        "zxcv1234",
    ]
)


@cache
def _chosen_by_many() -> frozenset[str]:
    """30,000 passwords out of published leaks, as the library zxcvbn lists them, and what is chosen here."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"]) | _WORDS | _NUMBERS


def is_common(password: str) -> bool:
    """True for a password many choose, such a one with digits or signs around it, a run of keys, or a few characters repeated."""
    lowered = password.lower()
    word = _EDGES.sub("", lowered)
    if len(set(lowered)) < 5 or lowered in _chosen_by_many():
        return True
    if len(word) >= 4 and word in _chosen_by_many() and len(lowered) - len(word) <= _LONGEST_TAIL:
        return True
    plain = _SEPARATORS.sub("", lowered) if lowered.isascii() and not any(c.isdigit() for c in lowered) else lowered
    return any(plain in run or plain in run[::-1] for run in _RUNS)


def holds_name(password: str, names: Iterable[str]) -> bool:
    """True when a name stands in the password: as it is written, in pinyin, or as nothing but its initials with digits."""
    lowered = password.lower()
    letters = _SEPARATORS.sub("", lowered)
    return any(
        name in lowered or any(full in letters for full in _spelt(name)) or letters in _initials(name)
        for name in {part for text in names for part in _parts(text)}
    )


def _parts(name: str) -> Iterator[str]:
    """The name, and the name of a place without the word for its kind: 河山镇 is typed as heshan."""
    yield name
    if len(short := name.rstrip(_PLACES)) >= 2:
        yield short


def _spelt(name: str) -> set[str]:
    """The name in pinyin, family name first or last; a single syllable stands in too many words to count."""
    readings = _readings(name)
    spelt = {"".join(reading) for reading in readings} | {"".join((*reading[1:], reading[0])) for reading in readings}
    return {word for word in spelt if len(word) >= 4} if len(name) > 1 else set()


def _initials(name: str) -> set[str]:
    short = {"".join(syllable[0] for syllable in reading) for reading in _readings(name)}
    return {initials for initials in short if initials} | {initials * 2 for initials in short if initials}


@cache
def _readings(name: str) -> tuple[tuple[str, ...], ...]:
    from pypinyin import Style, pinyin

    if not any("一" <= character <= "鿿" for character in name):
        return ()
    spelt = pinyin(name, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(islice(product(*spelt), _READINGS))
