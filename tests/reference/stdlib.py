"""The functions of stdlib by `test` blocks: those of stdlib/tests, and the examples of builtins.def made into one.

Every row of builtins.def is used in a test; the reports for people and for CI servers say what was run and what differs.
"""
import pathlib
import re
import tempfile
import xml.etree.ElementTree as xml

from examples import table
from shared import ROOT, Checks, call

TESTS = ROOT / "stdlib/tests"


def junit(checks, path, names, failed):
    """What JUnit readers of CI servers want of a report: counts that add up, a name and a class a case, a text a failure."""
    root = xml.parse(path).getroot()
    suites = [root] if root.tag == "testsuite" else list(root)
    cases = [case for suite in suites for case in suite.iter("testcase")]
    checks.that(root.tag in ("testsuite", "testsuites") and len(suites) == 1, f"{path.name}: one suite")
    checks.that(int(suites[0].get("tests")) == len(cases) == len(names), f"{path.name}: {len(names)} cases")
    checks.that([case.get("name") for case in cases] == names, f"{path.name}: the names")
    checks.that(all(case.get("classname") and float(case.get("time")) >= 0 for case in cases), f"{path.name}: class and time")
    wrong = [case.get("name") for case in cases if case.find("failure") is not None]
    checks.that(wrong == failed and int(suites[0].get("failures")) == len(failed), f"{path.name}: failures {wrong}")
    checks.that(all((case.find("failure").text or "").strip() for case in cases if case.find("failure") is not None), f"{path.name}: texts")


def own_tests(checks, folder):
    used = ""
    for file in sorted(TESTS.glob("*.cd4ml")):
        used += file.read_text()
        names = re.findall(r'^test "(.*)" \{', file.read_text(), re.M)
        report = folder / f"{file.stem}.xml"
        code, said = call(TESTS, "test", file.name, "--junit", str(report))
        checks.that(code == 0 and f"{len(names)} test" in said, f"the tests of stdlib/tests/{file.name} pass:\n{said}")
        junit(checks, report, names, [])
    for row in table("builtins.def", "CD4ML_BUILTIN"):
        checks.that(re.search(rf"\b{row[0]}\(", used), f"a test of stdlib/tests uses {row[0]}")


def examples_of_the_table(checks, folder):
    """Each example that is a comparison of constants comes out true."""
    constant = [row for row in table("builtins.def", "CD4ML_BUILTIN") if row[1] not in ("Aggregate", "Encoder") and "(x" not in row[5]]
    derives = "\n".join(f"  derive {row[0]}_ = {row[5]}" for row in constant)
    wanted = ", ".join(f"{row[0]}_: true" for row in constant)
    (folder / "table.cd4ml").write_text(f"source one = csv(\"none.csv\") {{ n: int }}\nunit km = 1000m\ntable t from one {{\n{derives}\n}}\n"
                                        f"test \"examples\" {{\n  given one = [{{ n: 1 }}]\n  expect t == [{{ {wanted} }}]\n}}\n")
    code, said = call(folder, "test", "table.cd4ml")
    checks.that(code == 0, f"the {len(constant)} examples of builtins.def are true:\n{said}")


def failing(checks, folder):
    """What people and CI servers are told of a test that fails."""
    (folder / "failing.cd4ml").write_text("""source one = csv("none.csv") { n: int?  t: text }
table t from one { derive twice = n * 2 }
test "right" { given one = [{ n: 1, t: "a" }]  expect t.twice == [2] }
test "wrong <&> \\"quoted\\"" {
  given one = [{ n: 1, t: "a" }, { n: 2, t: "b" }, { n: null, t: "c" }]
  expect t == [{ twice: 2, t: "a" }, { twice: 5, t: "B" }, { twice: 0, t: "c" }]
  expect count(t) == 2
}
""")
    code, said = call(folder, "test", "failing.cd4ml", "--junit", str(folder / "failing.xml"))
    checks.that(code == 1, f"a failing test has the exit code 1, not {code}")
    for line in ("row 2  twice: expected 5, got 4  t: expected \"B\", got \"b\"", "row 3  twice: expected 0, got null", "expected 2 rows, got 3",
                 "failing.cd4ml:6:10: expect t == "):
        checks.that(line in said, f"the difference says `{line}`:\n{said}")
    junit(checks, folder / "failing.xml", ["right", 'wrong <&> "quoted"'], ['wrong <&> "quoted"'])
    code, said = call(folder, "test", "failing.cd4ml", "--filter", "right")
    checks.that(code == 0 and "1 test, 0 failed" in said, f"--filter chooses:\n{said}")


def run(checks):
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        own_tests(checks, folder)
        examples_of_the_table(checks, folder)
        failing(checks, folder)


if __name__ == "__main__":
    all_checks = Checks()
    run(all_checks)
    print(all_checks.passed, all_checks.failed)
