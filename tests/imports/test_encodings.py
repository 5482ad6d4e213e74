"""Texts in old encodings are read as they were meant, whichever way they come in."""

from pathlib import Path

import pytest

from directory.errors import SourceFailed
from directory.imports.encodings import decoded
from directory.imports.fetch import Answer
from directory.imports.harvest.texts import text_of
from directory.imports.intake.readers import read_bytes
from directory.imports.readers.encoding import find_encoding

SAID = [
    ("cp1252", "Formation à la gestion des données à Genève, où l’équipe a été réunie à l’été"),
    ("cp1252", "Schulung über Künstliche Intelligenz für Führungskräfte in Zürich und Köln"),
    ("cp1252", "Formación sobre ciberseguridad para pequeñas organizaciones, año próximo"),
    (
        "cp1250",
        "Szkolenie z zarządzania sieciami dla urzędników państwowych w Łodzi, późną jesienią",
    ),
    ("cp1251", "Курс по управлению данными для государственных служащих в Женеве"),
    ("koi8_r", "Курс по управлению данными для государственных служащих в Женеве"),
    ("cp1253", "Εκπαίδευση για τη διακυβέρνηση του διαδικτύου στη Γενεύη"),
    ("cp1255", "קורס בנושא ממשל אינטרנט לדיפלומטים בז'נבה"),
    ("cp1256", "دورة تدريبية في حوكمة الإنترنت للدبلوماسيين العرب في جنيف"),
    ("cp874", "หลักสูตรการกำกับดูแลอินเทอร์เน็ตสำหรับเจ้าหน้าที่รัฐ"),
    ("gb18030", "面向政府官员的互联网治理与网络安全培训课程在日内瓦举行"),
    ("big5", "面向政府官員的網際網路治理與網路安全培訓課程在日內瓦舉行"),
    ("cp932", "政府職員のためのインターネットガバナンス研修がジュネーブで開催されます"),
    ("euc_jp", "政府職員のためのインターネットガバナンス研修がジュネーブで開催されます"),
    ("cp949", "정부 공무원을 위한 인터넷 거버넌스 교육 과정이 제네바에서 열립니다"),
    ("utf-8-sig", "Où se préparer"),
    ("utf-16", "Où se préparer"),
    ("utf-32", "Où se préparer"),
]


def answer(raw: bytes, told: str = "text/csv") -> Answer:
    return Answer("https://school.example/a", 200, {"content-type": told}, raw)


@pytest.mark.parametrize(("encoding", "said"), SAID)
def test_a_table_a_feed_and_a_profile_are_read_in_the_same_encoding(
    tmp_path: Path, encoding: str, said: str
) -> None:
    whole = f"id,title\n1,{said}\n2,Another\n"
    raw = whole.encode(encoding)
    file = tmp_path / "a.csv"
    file.write_bytes(raw)
    codec, told = find_encoding(file, "a.csv", None)
    assert raw.decode(codec) == whole, told
    assert text_of(answer(raw)) == whole
    blocks = read_bytes("a.txt", raw).blocks
    assert said.split()[-1] in " ".join(block.text for block in blocks)


def test_what_the_sender_says_counts_unless_it_is_utf_8() -> None:
    said = "École d’été à Genève"
    assert text_of(answer("Школа".encode("cp1251"), "text/csv; charset=windows-1251")) == "Школа"
    assert text_of(answer(said.encode(), "text/csv; charset=iso-8859-1")) == said
    for nonsense in ("utf-9", "rot13", "hex", "x\x00y"):
        assert decoded(said.encode("cp1252"), "a.txt", nonsense) == said


@pytest.mark.parametrize("raw", [b"\xff\xfea", b"\xff\xfe\x00\x00abc", b"\xef\xbb\xbf\xff"])
def test_a_mark_before_something_else_is_refused_with_the_place(raw: bytes) -> None:
    with pytest.raises(SourceFailed, match=r"a\.txt is no utf-\S+ text from byte \d"):
        decoded(raw, "a.txt")
