"""softmax-ref export: every form is read back by something that is not ours, and the bits are those of the vectors."""

import hashlib
import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from math import prod

import numpy as np
import pytest
from click.testing import CliRunner

from softmax_ref import load
from softmax_ref.cli.exporting import export
from softmax_ref.conformance.judge import excess
from softmax_ref.corpus import CORPUS_VERSION
from softmax_ref.corpus.export import choose, write
from softmax_ref.corpus.export.answers import answers
from softmax_ref.corpus.loader import vector_files
from softmax_ref.formats import get_format

TABLES = (
    # labels, masks, parameters, policies, recipes of which a part of the result is stored, two results; every width
    *(("softmax", "binary32"), ("cross_entropy", "binary16"), ("masked_softmax", "bfloat16")),
    *(("logaddexp_vjp", "float8_e4m3fn"), ("softmax_beta_vjp", "binary64")),
)
MOST = 1100
"""Numbers of a case, so that the C compiler is soon done."""


def _run(*options):
    return CliRunner().invoke(export, [str(option) for option in options])


@pytest.mark.parametrize(
    ("function", "fmt", "level"),
    [
        ("softmax", "binary32", "standard"),
        ("log_softmax", "binary64", "tight"),
        ("softmax_vjp", "float8_e5m2", "standard"),
        ("logsumexp", "float8_e4m3fn", "standard"),
        ("softmax_vjp", "binary64", "standard"),
    ],
)
def test_what_is_accepted_is_what_the_judge_accepts(function, fmt, level):
    """The lowest and the highest number pass, the numbers beyond them fail; 1 is where the judge's division rounds."""
    for case in load(function, fmt):
        for answer in answers(case, level):
            want = case.format.decode(np.array(answer.expected, np.uint64))
            for bits, step in ((answer.lowest, -1), (answer.highest, 1)):
                assert (_excess(case, bits, want, level) <= 1).all(), case.id
                beyond, there = _beyond(case.format, bits, step)
                assert (_excess(case, beyond, want, level)[there] >= 1).all(), case.id


def test_where_nothing_is_allowed_the_right_value_is():
    """A bound of 0 accepts the correctly rounded value, which lies beside the exact one."""
    (case,) = (c for c in load("softmax", "binary32") if c.id.endswith("/textbook/article-row"))
    none = replace(case, record=case.record | {"tol": {level: ["0"] * 7 for level in ("tight", "standard")}})

    (answer,) = answers(none, "standard")

    assert answer.lowest == answer.expected == answer.highest


def _excess(case, bits, want, level):
    got = case.format.decode(np.array(bits, np.uint64))
    level = "standard" if case.policy else level
    return excess(case, level, got, case.format.error(got, want, case.offsets), want=want)


def _beyond(fmt, bits, step):
    """The next numbers in one direction, and where there are such."""
    top = fmt.max_bits + fmt.infinity
    places = [-(b & ~fmt.sign_bit) if b & fmt.sign_bit else b for b in bits]
    there = [p != step * top and abs(p) <= top for p in places]
    places = [p + step if t else p for p, t in zip(places, there, strict=True)]
    return [p if p >= 0 else fmt.sign_bit | -p for p in places], np.array(there)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """A folder with the tables in the three forms of one file, and their cases."""
    cases = [case for function, fmt in TABLES for case in load(function, fmt)]
    chosen, folder = choose(cases, "standard", MOST), tmp_path_factory.mktemp("exported")
    for form, name in (("c-header", "cases.h"), ("npz", "cases.npz"), ("csv", "cases.csv")):
        assert write(form, chosen, folder / name) == [folder / name]
    return folder, chosen.cases


def _stored(case):
    """What is stored of a case: (what, name, entries as texts), floats as the digits of their bits."""
    for name, stored in case.record["inputs"].items():
        bits = stored.get("bits") or [hex(b) for b in case.format.encode(case.inputs[name]).ravel().tolist()]
        if "bits" in stored or "recipe" in stored:
            yield "input", name, [_digits(b, case.format) for b in bits]
        else:
            yield "input", name, [str(int(x)) for x in stored.get("labels", stored.get("mask"))]
    for name, stored in case.record["parameters"].items():
        yield "parameter", name, [_digits(stored["bits"], case.format)]
    for name, bits in case.record.get("accepted", {"": case.record["expected"]["bits"]}).items():
        yield "answer", name, [_digits(b, case.format) for b in bits]


def _digits(bits, fmt):
    return f"{int(bits, 16):0{fmt.width // 4}x}"


PROGRAM = """
#include <inttypes.h>
#include <stdio.h>
#include "cases.h"
#define BITS(BITS, COUNT, WIDTH) \\
  for (int64_t i = 0; i < (COUNT); i++) printf(" %0*" PRIx64, (WIDTH) / 4, (uint64_t)(BITS)[i])
#define PRINT(TABLE, WIDTH) \\
  for (int n = 0; n < TABLE##_count; n++) { \\
    const softmax_ref_case_##WIDTH *c = &TABLE[n]; \\
    printf("%s %d %d", c->id, c->has_axis, c->axis); \\
    for (int k = 0; k < c->rank; k++) printf(" %d", (int)c->shape[k]); \\
    printf(" :"); \\
    for (int64_t i = 0; i < c->count; i++) printf(" %" PRId64, c->at ? c->at[i] : i); \\
    printf(" :"); \\
    for (int64_t i = 0; i < c->count; i++) printf(" %.17g", c->standard[i]); \\
    for (int k = 0; k < c->inputs_count; k++) { \\
      const softmax_ref_input_##WIDTH *x = &c->inputs[k]; \\
      printf("\\ninput %s", x->name); \\
      if (x->bits) BITS(x->bits, x->size, WIDTH); \\
      else for (int64_t i = 0; i < x->size; i++) printf(" %" PRId64, x->labels ? x->labels[i] : (int64_t)x->mask[i]); \\
    } \\
    for (int k = 0; k < c->parameters_count; k++) { \\
      printf("\\nparameter %s", c->parameters[k].name); \\
      BITS(&c->parameters[k].bits, 1, WIDTH); \\
    } \\
    for (int k = 0; k < c->answers_count; k++) { \\
      printf("\\nanswer %s", c->answers[k].name); \\
      BITS(c->answers[k].expected, c->count, WIDTH); \\
    } \\
    printf("\\n"); \\
  }
int main(void) {
  @
  return 0;
}
"""


@pytest.mark.parametrize(
    ("compilers", "standard", "suffix"),
    [(("cc", "gcc"), "c11", "c"), (("c++", "g++"), "c++17", "cpp")],
    ids=["c", "c++"],
)
def test_the_header_is_read_by_a_compiler(exported, tmp_path, tool, compilers, standard, suffix):
    """Without a warning, as C11 and as C++17; a program prints every number of every case."""
    folder, cases = exported
    tables = [f"PRINT(softmax_ref_{function}_{fmt}, {get_format(fmt).width})" for function, fmt in TABLES]
    source, program = tmp_path / f"print.{suffix}", tmp_path / "print"
    source.write_text(PROGRAM.replace("@", "\n  ".join(tables)))
    strict = [f"-std={standard}", "-Wall", "-Wextra", "-pedantic", "-Werror", "-O0"]
    subprocess.run([tool(*compilers), *strict, f"-I{folder}", "-o", program, source], check=True)

    printed = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()

    assert printed == [line for case in cases for line in _printed(case)]


def _printed(case):
    axis, inf = "0 0" if case.axis is None else f"1 {case.axis}", float("inf")
    tolerances = " ".join("inf" if t == inf else f"{t:.17g}" for t in case.tolerances["standard"].tolist())
    yield f"{' '.join([case.id, axis, *map(str, case.shape)])} : {' '.join(map(str, case.at.tolist()))} : {tolerances}"
    yield from (" ".join([what, name, *entries]) for what, name, entries in _stored(case))


JUDGE = """
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cases.h"
static void softmax(const float *z, float *y, int64_t n, float shift) {
  float sum = 0;
  for (int64_t i = 0; i < n; i++) sum += y[i] = expf(z[i] - shift);
  for (int64_t i = 0; i < n; i++) y[i] /= sum;
}
int main(int count, char **options) {
  for (int n = 0; n < softmax_ref_softmax_binary32_count; n++) {
    const softmax_ref_case_32 *c = &softmax_ref_softmax_binary32[n];
    int64_t size = c->inputs[0].size, good = 0;
    if (c->rank != 1 || c->answers_count != 1) continue;
    float *z = (float *)malloc(size * sizeof *z), *y = (float *)malloc(size * sizeof *y), max = -INFINITY;
    memcpy(z, c->inputs[0].bits, size * sizeof *z);
    for (int64_t i = 0; i < size; i++) max = z[i] > max ? z[i] : max;
    softmax(z, y, size, count > 1 && options[1] ? 0 : max);
    for (int64_t i = 0; i < c->count; i++) {
      uint32_t bits;
      float lowest;
      memcpy(&bits, &y[c->at ? c->at[i] : i], sizeof bits);
      memcpy(&lowest, &c->answers[0].lowest[i], sizeof lowest);
      int64_t place = softmax_ref_place_32(bits);
      good += (isnan(y[c->at ? c->at[i] : i]) && isnan(lowest)) ||
              (softmax_ref_place_32(c->answers[0].lowest[i]) <= place &&
               place <= softmax_ref_place_32(c->answers[0].highest[i]));
    }
    if (good < c->count) puts(c->id);
    free(z);
    free(y);
  }
  return 0;
}
"""


def test_a_c_program_judges_itself_by_the_header_alone(exported, tmp_path, tool):
    """A softmax that subtracts the maximum passes every row; without it, those far from 0 fail."""
    source, program = tmp_path / "judge.c", tmp_path / "judge"
    source.write_text(JUDGE)
    subprocess.run([tool("cc", "gcc"), "-std=c11", "-O1", f"-I{exported[0]}", "-o", program, source, "-lm"], check=True)

    right, naive = (
        subprocess.run([program, *options], capture_output=True, text=True, check=True).stdout.split()
        for options in ([], ["naive"])
    )

    assert right == []
    assert "softmax/binary32/shift/three-near-1000" in naive
    assert not any("/textbook/" in case for case in naive)


def test_the_archive_is_read_by_numpy(exported):
    """Each array under the id of its case, without pickle; as floats they are the logits."""
    folder, cases = exported
    with np.load(folder / "cases.npz", allow_pickle=False) as data:
        assert data["ids"].tolist() == [case.id for case in cases]
        assert "CC0 1.0" in str(data["about"])
        for case in cases:
            for what, name, entries in _stored(case):
                key = {"input": f"inputs/{name}", "parameter": f"parameters/{name}", "answer": f"{name}/expected"}[what]
                array = data[f"{case.id}/{key.lstrip('/')}"]
                floats = array.dtype == f"uint{case.format.width}" and name not in ("mask", "labels")
                found = np.atleast_1d(array).ravel().tolist()
                assert [f"{x:0{case.format.width // 4}x}" if floats else str(int(x)) for x in found] == entries
            assert data[f"{case.id}/at"].tolist() == case.at.tolist()
            assert np.array_equal(data[f"{case.id}/standard"], case.tolerances["standard"])
        first = cases[0]
        assert data[f"{first.id}/inputs/z"].view(np.float32).tolist() == first.inputs["z"].tolist()
    with zipfile.ZipFile(folder / "cases.npz") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


READER = r"""
rows <- read.csv(commandArgs(TRUE), comment.char = "#", colClasses = "character", na.strings = character())
cat(paste(rows$id, rows$role, rows$name, rows$position, rows$bits, rows$value, sep = ","), sep = "\n")
cat("", sum(as.numeric(rows$value[rows$name == "z" & rows$format == "binary32"]) == 1, na.rm = TRUE))
"""


def test_the_table_is_read_by_r(exported, tmp_path, tool):
    """A row for each number: bits, and a decimal that reads back as the number."""
    folder, cases = exported
    (tmp_path / "read.R").write_text(READER)

    done = subprocess.run(
        [tool("Rscript"), tmp_path / "read.R", folder / "cases.csv"], capture_output=True, text=True, check=True
    )

    *lines, ones = done.stdout.split()
    assert [line.split(",") for line in lines] == [row for case in cases for row in _rows(case)]
    assert int(ones) == sum((c.inputs["z"] == 1).sum() for c in cases if c.format.name == "binary32")


def _rows(case):
    for what, name, entries in _stored(case):
        places = case.at.tolist() if what == "answer" else range(len(entries))
        for place, entry in zip(places, entries, strict=True):
            if name in ("labels", "mask", "y") and what == "input" and len(entry) != case.format.width // 4:
                yield [case.id, what, name, str(place), "", entry]
            else:
                value = float(case.format.decode(np.uint64(int(entry, 16))))
                yield [case.id, what, name, str(place), f"0x{entry}", repr(value)]


BENCH = r"""
module bench;
  reg [31:0] cases [0:@cases - 1], positions [0:@positions - 1];
  reg [15:0] inputs [0:@inputs - 1], expected [0:@expected - 1], tolerance [0:@tolerance - 1];
  integer n, i;
  initial begin
    $readmemh("cases.mem", cases);
    $readmemh("positions.mem", positions);
    $readmemh("inputs.mem", inputs);
    $readmemh("expected.mem", expected);
    $readmemh("tolerance.mem", tolerance);
    for (n = 0; n < @cases; n = n + 8) begin
      $write("%0d %0d %0d %0d", cases[n + 2], cases[n + 3], cases[n + 4], cases[n + 7]);
      for (i = 0; i < cases[n + 1]; i = i + 1) $write(" %h", inputs[cases[n] + i]);
      for (i = cases[n + 5]; i < cases[n + 5] + cases[n + 6]; i = i + 1)
        $write(" %0d:%h:%h:%h", positions[i], expected[i], tolerance[2 * i], tolerance[2 * i + 1]);
      $write("\n");
    end
  end
endmodule
"""


@pytest.mark.parametrize("function", ["softmax", "cross_entropy_vjp", "masked_softmax"])
def test_the_memory_images_are_read_by_a_verilog_simulator(tmp_path, tool, function):
    """Every word of every case, found through the table of addresses; a slice is found by its length and distance."""
    result = _run(
        "--to=mem", f"--output={tmp_path}", f"--function={function}", "--format=binary16", "--max-entries=700"
    )
    assert result.exit_code == 0, result.output
    texts = {path.stem: path.read_text() for path in tmp_path.glob("*.mem")}
    source = BENCH
    for name, text in texts.items():
        source = source.replace(f"@{name}", text.split(" words\n")[0].rsplit(" ", 1)[1])
    (tmp_path / "bench.v").write_text(source)
    subprocess.run([tool("iverilog"), "-o", "bench", "bench.v"], check=True, cwd=tmp_path)

    printed = subprocess.run([tmp_path / "bench"], cwd=tmp_path, capture_output=True, text=True, check=True)

    cases = [
        c for c in load(function, "binary16") if c.policy is None and sum(x.size for x in c.inputs.values()) <= 700
    ]
    assert printed.stdout.splitlines() == [_words(case) for case in cases]
    assert len(texts) == 5


def _words(case):
    first, stored = next(iter(case.inputs.values())), list(_stored(case))
    entries, distance = (0, 0) if case.axis is None else (first.shape[case.axis], first.strides[case.axis] // 8)
    if len(first.shape) and not first.flags.c_contiguous:
        distance = prod(first.shape[case.axis % first.ndim + 1 :])
    given = [e if len(e) == 4 else f"{int(e):04x}" for what, _, es in stored if what != "answer" for e in es]
    (answer,) = answers(case, "standard")
    result = zip(case.at.tolist(), answer.expected, answer.lowest, answer.highest, strict=True)
    right = [f"{at}:{want:04x}:{low:04x}:{high:04x}" for at, want, low, high in result]
    return " ".join([*map(str, (first.size, entries, distance, prod(case.shape))), *given, *right])


def test_the_bytes_are_the_same_on_every_day_and_in_every_place(tmp_path):
    """Two runs with other seeds of hashing and other clocks."""
    code = (
        "from softmax_ref.cli import main\n"
        "for form in ('c-header', 'npz', 'csv', 'mem'):\n"
        "    options = ['--function=softmax', '--format=bfloat16', '--flag=exp-overflow', f'--output={form}']\n"
        "    main(['export', f'--to={form}', *options], standalone_mode=False)"
    )
    sums = []
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "America/Los_Angeles")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone}
        (tmp_path / seed).mkdir()
        command = [sys.executable, "-c", code]
        subprocess.run(command, check=True, env=environment, cwd=tmp_path / seed, capture_output=True)
        files = sorted(path for path in (tmp_path / seed).rglob("*") if path.is_file())
        sums.append([(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])

    assert sums[0] == sums[1]
    assert len(sums[0]) == 8


def test_every_form_says_what_it_is(exported):
    """The version of the corpus, where it is made from, and that it is in the public domain."""
    manifest = vector_files().manifest["files"]
    for name in ("cases.h", "cases.csv"):
        text = (exported[0] / name).read_text()
        assert f"corpus {CORPUS_VERSION}" in text
        assert "CC0 1.0" in text
        assert all(manifest[f"{function}-{fmt}.json"]["sha256"] in text for function, fmt in TABLES)


def test_what_is_too_large_is_left_out_and_named(tmp_path):
    """On the terminal, and in the file."""
    result = _run(
        "--to=csv", f"--output={tmp_path / 'a.csv'}", "--function=softmax", "--format=binary32", "--select=*/long/*"
    )
    small = _run("--to=csv", f"--output={tmp_path / 'a.csv'}", "--function=softmax", "--format=binary32")

    assert result.exit_code == 2
    assert "every case holds more than 10000 numbers; --max-entries 65536 keeps one" in result.output
    assert small.exit_code == 0
    assert (
        "left out: softmax/binary32/long/65537 holds 65537 numbers, more than 10000" in (tmp_path / "a.csv").read_text()
    )
    assert "left out: softmax/binary32/long/65537 holds more than 10000 numbers" in small.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--to=mem", "--function=softmax"], "export: mem needs one function in one format, got softmax in binary64, "),
        (
            ["--to=csv", "--function=softmax", "--flag=overflow"],
            "export: --flag needs a flag of these cases, got 'overflow'",
        ),
        (
            ["--to=csv", "--function=softmax", "--select=softmax/*/nothing"],
            "export: select needs globs that match an id, got",
        ),
        (["--to=csv", "--function=softmax", "--select=!*"], "export: no case is selected"),
        (["--to=csv", "--format=binary31"], "load: format needs to be one of binary64"),
    ],
)
def test_a_wrong_call_is_said_in_one_line(tmp_path, options, message):
    """Exit status 2, and nothing is written."""
    result = _run(*options, f"--output={tmp_path / 'cases'}")

    assert result.exit_code == 2
    assert result.output.startswith(f"softmax-ref: {message}")
    assert list(tmp_path.iterdir()) == []
