"""The published table is canonical, complete and of this corpus; the smoke set is a proved cover of it."""

import json

import pytest

from softmax_ref import check
from softmax_ref.corpus import CORPUS_VERSION, load
from softmax_ref.corpus.smoke import SMOKE, smoke_set
from softmax_ref.faults import faults, smoke
from softmax_ref.faults.gates import Catch
from softmax_ref.faults.parts import in_float32, textbook
from softmax_ref.faults.table import TABLE, alone, distinct_rows, read_table, write_table


def test_table_holds_every_fault_in_every_format():
    """Nothing else stands in it."""
    table = read_table()

    assert {name: set(row) for name, row in table.items()} == {f.name: set(f.formats) for f in faults()}


def test_table_is_canonical(tmp_path):
    """Writing what was read gives the same bytes."""
    again = tmp_path / "table.json"
    table = read_table()
    write_table(
        (Catch(f, fmt, dict.fromkeys(table[f.name][fmt], 9.0), True) for f in faults() for fmt in f.formats), again
    )

    assert again.read_bytes() == TABLE.read_bytes()


def test_table_names_cases_that_exist():
    """Every place is a stored case, a promise of the contract or a policy."""
    places = {(case.function, case.format.name, case.id.split("/", 2)[2]) for case in load()}
    named = {
        (name.partition("/")[0], fmt, place)
        for name, row in read_table().items()
        for fmt, found in row.items()
        for place in found
        if not place.startswith(("contract/", "policy/"))
    }

    assert named <= places


def test_table_of_another_corpus_is_refused(tmp_path):
    """A table that was not recorded with this corpus says nothing about it."""
    old = tmp_path / "table.json"
    old.write_text('{"corpus_version": "0.0.1", "faults": {}}')

    with pytest.raises(ValueError, match="is of corpus 0.0.1, this is .* run 'softmax-ref faults --record'"):
        read_table(old)


def test_case_alone_catches_what_no_other_case_of_its_format_does():
    """Promises count as cases; a fault that two cases catch is caught by none alone."""
    table = {
        "softmax/a": {"binary32": ("x/one",), "binary64": ("x/one", "x/two")},
        "softmax/b": {"binary32": ("contract/rows alone",)},
    }

    assert alone(table) == {
        "softmax/binary32/x/one": ["softmax/a"],
        "softmax/binary32/contract/rows alone": ["softmax/b"],
    }


def test_faults_caught_by_the_same_cases_count_once():
    """The same places of another function, or in another format, are another way."""
    row = {"binary32": ("x/one",)}

    assert distinct_rows({"softmax/a": row, "softmax/b": row}) == 1
    assert distinct_rows({"softmax/a": row, "logsumexp/b": row}) == 2
    assert distinct_rows({"softmax/a": row, "softmax/b": {"binary64": ("x/one",)}}) == 2


def test_smoke_set_is_the_smallest_that_catches_its_share():
    """The record has as many members as the proved lower bound, was seen to catch 95 of 100 faults, and is of this corpus."""
    record = json.loads(SMOKE.read_text())

    assert record["corpus_version"] == CORPUS_VERSION
    assert len(record["cases"]) == record["at_least"]
    assert record["faults"] == len(faults())
    assert len(record["passed_by"]) <= (1 - smoke.SHARE) * record["faults"]


def test_smoke_set_catches_what_the_record_says():
    """One fault in thirty, from all over the catalogue, passes the smoke check exactly where the record says so."""
    sample = faults()[7::30]
    recorded = {*json.loads(SMOKE.read_text())["passed_by"]}

    assert len(sample) >= 50
    assert {*smoke.passed_by(sample)} == recorded & {f.name for f in sample}


def test_smoke_set_of_a_small_table_is_found():
    """Two cases cover four faults where no single one does; what the whole run shows does not count."""
    table = {
        "softmax/a": {"binary32": ("x/one", "contract/rows alone")},
        "softmax/b": {"binary32": ("x/one", "x/two")},
        "softmax/c": {"binary32": ("x/three", "contract/no rows")},
        "softmax/d": {"binary32": ("x/three", "contract/earlier results")},
    }

    assert smoke.smallest(table) == (["softmax/binary32/x/one", "softmax/binary32/x/three"], 2)


def test_smoke_check_runs_the_smoke_set_alone():
    """Each verdict is of a case of the set, and a fault that it catches fails."""
    report = check(in_float32(textbook), smoke=True)
    judged = {verdict.case.id for result in report.results for verdict in result.verdicts}

    assert judged == {name for name in smoke_set() if name.startswith("softmax/") and "/contract/" not in name}
    assert report.conforms
    assert not check(lambda z, axis=-1: 0 * z, smoke=True).conforms


def test_smoke_check_says_what_it_did_not_look_at():
    """A format without a case of the set is not judged, never passed; the first line says that it was the smoke set."""
    report = check(in_float32(textbook), smoke=True)
    unseen = [r for r in report.results if not any(n.startswith(f"softmax/{r.format.name}/") for n in smoke_set())]

    assert unseen
    assert all("not judged" in result.not_offered for result in unseen)
    assert "(smoke set only) as softmax: CONFORMS" in str(report).splitlines()[0]
