"""Files: bad lines, formulas, bombs."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import polars as pl
import pytest

from apps.connectors.sdk import ConnectorError, Limits, ReadRequest
from tests.connectors.conftest import Peer

QUARANTINE = {"onBadLine": "quarantine"}


@pytest.fixture
def files(make_peer: Callable[[str], Peer]) -> Peer:
    return make_peer("files.csv")


def store(files: Peer, name: str, content: bytes) -> None:
    files.context.storage.put(name, [content])


def read(files: Peer, name: str, **format: object) -> tuple[pl.DataFrame, list[tuple[object, ...]]]:
    source = files.open()
    with source.read(ReadRequest(table=name, format=format)) as stream:
        rows = stream.collect()
    return rows, stream.quarantine.frame().collect().rows()


def test_types_are_found_from_all_values(files: Peer) -> None:
    store(files, "crew.csv", (
        b"\xef\xbb\xbfid,name,zip,born,seen,at,ok,big,mixed\r\n"
        b"1,Ann,00123,2001-02-03,2020-01-01 10:00,2020-01-01T10:00:00+02:00,true,12345678901234567890,1\r\n"
        b'2,"",00124,,2020-01-01T10:00:00.25,2020-01-01T10:00:00Z,FALSE,1,1.5\r\n'
        b',"x\ny",,2001-02-04,,,,,\r\n'
    ))  # fmt: skip
    rows, _ = read(files, "crew.csv")
    assert [str(dtype) for dtype in rows.dtypes] == [
        "Int64", "String", "String", "Date", "Datetime(time_unit='us', time_zone=None)",
        "Datetime(time_unit='us', time_zone='UTC')", "Boolean", "String", "Float64",
    ]  # fmt: skip
    assert rows["name"].to_list() == ["Ann", "", "x\ny"]
    assert rows["zip"].to_list() == ["00123", "00124", None]


def test_a_bad_line_fails_with_its_number(files: Peer) -> None:
    store(files, "crew.csv", b'id,name\n1,Ann\n\n"2\n",Bob\n3\n4,Dan\n')
    with pytest.raises(ConnectorError) as error:
        read(files, "crew.csv")
    assert error.value.code == "malformed_rows"
    assert "line 6: 1 cells instead of 2" in error.value.message
    assert "quarantine" in error.value.remedy


def test_bad_lines_are_quarantined_and_no_row_is_lost(files: Peer) -> None:
    good = b"".join(b"%d,%d\n" % (n, n) for n in range(5000))
    store(files, "crew.csv", b"id,tons\n" + good + b"1,2,3\n7\nx\xff,8\n" + good)
    rows, bad = read(files, "crew.csv", **QUARANTINE)
    assert rows.height == 10_000
    assert bad == [
        (5002, "1,2,3", "3 cells instead of 2"),
        (5003, "7", "1 cells instead of 2"),
        (5004, "x\ufffd,8", "not valid UTF-8"),
    ]


@pytest.mark.parametrize("tail", [b"", b"\n"])
@pytest.mark.parametrize("swallowed", [b"", b"\n3,Bob\n4,Dan", b"\n3,Bob" * 30_000])
def test_a_quote_that_is_never_closed_swallows_no_line_unseen(files: Peer, swallowed: bytes, tail: bytes) -> None:
    store(files, "crew.csv", b'id,name\n1,"A\nnn"\n\n2,"Cy' + swallowed + tail)
    with pytest.raises(ConnectorError) as error:
        read(files, "crew.csv")
    assert error.value.code == "malformed_rows"
    assert "line 5: a quote is never closed" in error.value.message
    rows, bad = read(files, "crew.csv", **QUARANTINE)
    assert rows.rows() == [(1, "A\nnn")]
    assert bad == [(5, "2,Cy" + (swallowed + tail).decode(), "a quote is never closed")]


def test_a_first_line_whose_quote_is_never_closed_is_no_header(files: Peer) -> None:
    store(files, "crew.csv", b'id,"name\n1,Ann\n')
    with pytest.raises(ConnectorError) as error:
        read(files, "crew.csv")
    assert error.value.code == "invalid_file"


def test_quotes_in_the_middle_of_a_cell_are_only_text(files: Peer) -> None:
    store(files, "crew.csv", b'id,name\n1,5" nail\n2,Bob\n')
    assert read(files, "crew.csv")[0].rows() == [(1, '5" nail'), (2, "Bob")]


def test_a_value_of_another_type_than_all_before_is_quarantined(files: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    from apps.connectors.catalog.files import csv_read

    monkeypatch.setattr(csv_read, "_PROFILED_BYTES", 10)  # too large to be looked through
    monkeypatch.setattr(csv_read, "_SAMPLE_BYTES", 10)
    monkeypatch.setattr(csv_read, "_BLOCK", 64)
    store(files, "crew.csv", b"id,tons\n" + b"1,2\n" * 40 + b"x,3\n" + b"4,5\n")
    rows, bad = read(files, "crew.csv", **QUARANTINE)
    assert rows["id"].dtype == pl.Int64
    assert (rows.height, bad) == (41, [(42, "x,3", "'x' in column 'id' is not int64")])


def test_separator_encoding_and_nulls_are_as_told(files: Peer) -> None:
    store(files, "crew.csv", 'a;b\n1;é\nNA;"NA"\n'.encode("latin-1"))
    rows, _ = read(files, "crew.csv", separator=";", encoding="latin-1", nullValues=["NA"])
    assert rows.rows() == [(1, "é"), (None, "NA")]
    store(files, "plain.tsv", b"1\t2\n")
    assert read(files, "plain.tsv", header=False)[0].columns == ["column_1", "column_2"]


def test_names_of_columns_are_made_unique(files: Peer) -> None:
    store(files, "crew.csv", b"id,,id,id_2\n1,2,3,4\n")
    assert read(files, "crew.csv")[0].columns == ["id", "column_2", "id_2", "id_2_2"]


@pytest.mark.parametrize(
    ("name", "value"), [("separator", ";;"), ("encoding", "klingon"), ("encoding", "hex"), ("colour", 1)]
)
def test_a_wrong_format_is_said_so(files: Peer, name: str, value: object) -> None:
    store(files, "crew.csv", b"a\n")
    with pytest.raises(ConnectorError) as error:
        read(files, "crew.csv", **{name: value})
    assert error.value.code == "invalid_format"


@pytest.mark.parametrize("kind", ["json", "ndjson", "parquet", "xlsx", "avro"])
@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 broken", b"PAR1 broken PAR1", b"Obj\x01 broken", b"[{", b"\x00" * 100]
)
def test_a_broken_file_is_said_so(files: Peer, kind: str, content: bytes) -> None:
    if (kind, content) == ("ndjson", b""):
        return  # nothing is no rows
    store(files, f"broken.{kind}", content)
    with pytest.raises(ConnectorError) as error:
        read(files, f"broken.{kind}")
    assert error.value.code in ("invalid_file", "unsafe_file")


@pytest.mark.parametrize("kind", ["json", "ndjson"])
def test_json_that_is_nested_too_deep_is_refused(files: Peer, kind: str) -> None:
    store(files, f"deep.{kind}", b'[{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}]")
    with pytest.raises(ConnectorError):
        read(files, f"deep.{kind}")


def test_sheets_are_chosen_by_name(files: Peer) -> None:
    files.suffix = ""
    files.write("book.xlsx#Ships", pl.DataFrame({"id": [1]}), "replace")
    assert files.read("book.xlsx").rows() == files.read("book.xlsx#Ships").rows() == [(1,)]
    with pytest.raises(ConnectorError) as error:
        files.read("book.xlsx#Crew")
    assert error.value.code == "unknown_table"
    assert "Ships" in error.value.message


FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    '=HYPERLINK("http://evil.example")',
    "=cmd|' /C calc'!A0",
]


def test_t34_formulas_in_csv_are_disarmed(files: Peer) -> None:
    harmless = ["-5", "+1.5", "-1e5", "a=b", "'quoted", ""]
    files.write("crew", pl.DataFrame({"=name": FORMULAS + harmless}), "replace")
    found = files.read("crew")
    assert found.columns == ["'=name"]
    assert found.to_series().to_list() == ["'" + formula for formula in FORMULAS] + harmless
    files.write("plain", pl.DataFrame({"name": FORMULAS}), "replace", format={"escapeFormulas": False})
    assert files.read("plain").to_series().to_list() == FORMULAS


def test_t34_formulas_in_excel_are_text(files: Peer) -> None:
    files.suffix = ""
    files.write("crew.xlsx", pl.DataFrame({"name": FORMULAS}), "replace")
    assert [value.strip() for value in files.read("crew.xlsx").to_series()] == [f.strip() for f in FORMULAS]
    stored = files.context.storage
    with zipfile.ZipFile(stored.path(stored.get("crew.xlsx"))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def workbook(**parts: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return content.getvalue()


def test_t46_a_workbook_that_unpacks_to_far_more_is_not_opened(files: Peer) -> None:
    store(files, "bomb.xlsx", workbook(xl__sheet=b"\0" * 60_000_000))
    with pytest.raises(ConnectorError) as error:
        read(files, "bomb.xlsx")
    assert error.value.code == "unsafe_file"


def test_t46_the_unpacked_size_is_counted_not_believed(files: Peer) -> None:
    from apps.connectors.catalog.files.archives import check_workbook

    content = bytearray(workbook(xl__sheet=b"0123456789abcdef" * 100_000))
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")  # the directory claims ten bytes
    store(files, "lie.xlsx", bytes(content))
    with pytest.raises(ConnectorError) as error:
        check_workbook(files.context.storage.path(files.context.storage.get("lie.xlsx")), limit=Limits().unpacked_bytes)
    assert error.value.code in ("unsafe_file", "invalid_file")


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b"])
def test_t46_paths_that_lead_out_are_refused(files: Peer, name: str) -> None:
    store(files, "paths.xlsx", workbook(**{name: b"x"}))
    with pytest.raises(ConnectorError) as error:
        read(files, "paths.xlsx")
    assert error.value.code == "unsafe_file"


def test_t45_links_in_a_workbook_are_refused(files: Peer) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        link = zipfile.ZipInfo("xl/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    store(files, "link.xlsx", content.getvalue())
    with pytest.raises(ConnectorError) as error:
        read(files, "link.xlsx")
    assert error.value.code == "unsafe_file"


def test_t46_entities_are_refused(files: Peer) -> None:
    laughs = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    store(files, "laughs.xlsx", workbook(xl__workbook=laughs))
    with pytest.raises(ConnectorError) as error:
        read(files, "laughs.xlsx")
    assert error.value.code == "unsafe_file"
