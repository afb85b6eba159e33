#!/usr/bin/env python3
"""Prints resources of the trap CRDs (crds/traps) that no generator would think of, as JSON lines for
`kube-samples --judge` and compare.py: each value in turn in each field that it is meant for.

    odd_instances.py > odd.jsonl
    kube-samples --crds crds/traps --judge odd.jsonl --out judged.jsonl
    compare.py --judge ./apiserver-judge --crds crds/traps judged.jsonl
"""

# Tables of values are easier to read in long lines.
# ruff: noqa: E501

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator

GROUP = "traps.example.org/v1"


def words(text: str) -> list[str]:
    return text.split()


URLS = words("""
https://example.org:8080/a%20b?k=v&k=w https://example.org /path * urn:x http: http:// http:/// https://[::1]:80/
https://[::1%25eth0]/ https://[fe80::1%eth0]/ https://[10.0.0.1]/ https://user:pass@example.org/ https://u@s@example.org/
https://example.org:x/ https://example.org:/ https://a:b:80/ ftp://a:b:80/ https://a%41/ https://ex%e2%82%ac.org/ https://a<b>/
/a%zz /a% /%7e x:y%zz :x 1http://x HTTP://EXAMPLE.org/ a/b a?b ?q #f /path#frag https://x/?a=1#f https://x/?a=1;b=2
https://x/?%61=%62+c https://x/?a https://x/?=b https://x/?a=%zz mailto:a@b //host/path ///path https://x//y/../z https://é/ü
https://x/a|b https://x/a^b /a|b http://a b/ http://x/a[b] http://[a]/ http://x:65536/ http://x:080/
""") + ["", " ", "https://x/a b", "https://example.org:8080/a%", "/\u007f", "/\n", "https://x/ü"]
ADDRESSES = words("""
10.0.0.1 010.0.0.1 256.0.0.1 1.2.3 1.2.3.4.5 0.0.0.0 127.0.0.1 127.8.8.8 255.255.255.255 224.0.0.1 239.1.1.1 169.254.0.1 10.0.0.01
::1 :: fe80::1 fe80::1%eth0 ff02::1 ff05::1 2001:db8::1 2001:DB8::1 2001:0db8::1 ::ffff:1.2.3.4 ::ffff:01.2.3.4 ::1.2.3.4
1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1::3:4:5:6:7:8 1:2:3:4::5:6:7:8 ::ffff:102:304 1:2 g::1 ::1: 0:0:0:0:0:0:0:1 64:ff9b::1 fc00::1
""") + ["", " 10.0.0.1", "10.0.0.1 "]
NETWORKS = words("""
10.0.0.0/8 10.0.0.7/16 10.0.0.0/0 0.0.0.0/0 10.0.0.0/32 10.0.0.0/33 10.0.0.0/08 10.0.0.0/ 10.0.0.0 /8 10.0.0.0/-1 10.0.0.0/+8
010.0.0.0/8 ::/0 2001:db8::/32 2001:db8::1/64 ::ffff:1.2.3.4/96 ::ffff:10.0.0.0/104 fe80::1%eth0/64 10.0.0.0/8/8 10.0.0/8 ::/129 2001:DB8::/32
10.0.0.0/24 10.0.0.7/32 10.1.0.0/16 11.0.0.0/8 10.0.0.0/a
""")
QUANTITIES = words("""
1 0 -1 +1 1. .5 0.5 1.50 500m 1k 1K 1Ki 1Mi 1Gi 1Ti 1Pi 1Ei 1M 1G 1T 1P 1E 1n 1u 1e3 1E3 1e-3 1e 1Ee3 1kk 1mi 1.5Gi 0.0001 0.1m
1000 1000m 999m 1024 1Mi1 a 1a --1 1-1 1e1000 9223372036854775807 9223372036854775808 99999999999999999999 0x10 1_000 00 01 -0 -500m
1e18 1e19 12E 12Ei 0.5Ki 1.1Ki 3n 2000u 2 2.0 5 10 9 1e0 1e1
""") + ["", " 1", "1 ", "1 Gi"]
VERSIONS = words("""
1.2.3 1.0.0 2.0.0 1.2.4-rc.1 2.0.0-rc.1 2.0.0-rc.2 2.0.0-alpha 1.0.0+build 1.0.0-a.b+c.d v1.2.3 1.2 1 v1 01.2.3 1.02.3 1.2.03 1.2.3- 1.2.3+
1.2.3-01 1.2.3-0 1.2.3-a..b 1.2.3-é 1.2.3.4 -1.2.3 1.2.x 18446744073709551615.0.0 99999999999999999999.0.0 1.2.3-rc.10 1.2.3-rc.9
""") + ["", " 1.2.3", "1.2.3 ", "v 1.2.3"]
NAMES = words("""
abc a-b 1a a.b A a- -a a..b a_b a/b example.org/name example.org/ /name a/b/c A_b.c x-- - . é YQ== YQ YWI= ab== +/+/ -_-_ 2026-01-01
2026-02-30 2026-01-01T00:00:00Z 2026-01-01t00:00:00z 123e4567-e89b-12d3-a456-426614174000 123E4567E89B12D3A456426614174000 https://x
""") + ["", "a" * 63, "a" * 64, "a" * 253, "a b", "a\n"]
TIMES = words("""
2026-01-01T00:00:00Z 2026-01-01T00:00:00.5Z 2026-01-01T00:00:00,5Z 2026-01-01t00:00:00z 2026-01-01T00:00:00+00:00 2026-01-01T08:00:00Z
2026-01-01T00:00:00+24:00 2026-01-01T00:00:00+25:00 2026-01-01T00:00:00-23:59 2026-01-01T23:59:59.999999999Z 0001-01-01T00:00:00Z
0000-01-01T00:00:00Z 9999-12-31T23:59:59Z 2024-02-29T12:00:00Z 2026-01-01T00:00:00ZtX 2026-01-01T24:00:00Z 2026-01-01T00:00:60Z
2026-01-01T00:00:00 2026-01-01 20260101T000000Z 2026-01-01T0:00:00Z 2026-01-01T00:00:00+0000 2019-12-31T23:59:59Z 1970-01-01T00:00:00Z
2026-12-31T10:00:00-02:00 2026-01-04T08:00:00Z 2026-06-30 2026-07-01 2000-12-01 1900-02-29
""") + ["", "2026-01-01 00:00:00Z"]
DURATIONS = words("""
1h 90s 60s 120s 61m 1h30m -1h +1h 1.5h .5s 5. 0 0s 1d 2w 1ns 1us 1µs 1μs 1ms 1s1s 1h1 h 1x 3days 99999999999999999999s 2562047h47m16.854775807s
2562047h47m16.854775808s 1e3s 1day2hours 1hourglass 1minute 1month
""") + ["", "3 days", "1 h", "5 minutes and 3 seconds", "PT1H"]
WORDS = words("""
ab abc abz xz ab1 a1 ABC abc-def a-b-c a,b a,,b a/b/c a/b a@b.c ab@c x@y 12 10 11 0.4 0.5 -3 n-7 1.2 1.3 ff 101 é 日 🙂 a🙂b a🙂 abcd xbcd
abab xm xn 42 a42 a42b7 4 5x6 x.y.z .. a..b 5 string none kube-x z
""") + ["", " a", "a ", "\u00a0a", "\u2003a", "\ta", "a\tb", "r'\\n'", "\\n", "it's", "a'b", 'say "x"', "a\nb", "aébé", "１２", "İ", "ﬀ", "\u0085a"]

INTEGERS = [0, 1, -1, 2, 3, 4, 5, 6, 7, 9, 10, 13, 16, 20, 50, 99, 100, 101, 255, 2**31 - 1, 2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, -(2**63)]
NUMBERS = [
    0.0,
    -0.0,
    1.0,
    1.5,
    2.5,
    3.0,
    0.1,
    0.3,
    0.30000000000000004,
    1e-9,
    1e-7,
    1e15,
    9007199254740993.0,
    1e18,
    1e19,
    1e20,
    1e300,
    -1e300,
    3.5e38,
]
JSON = [
    None,
    True,
    False,
    [],
    {},
    [None],
    {"a": None},
    [[]],
    [{}],
    {"a": {}},
    "",
    "x",
    0,
    1.5,
    [1, 1.0],
    [1, 1],
    [1.0, 1.0],
    {"": 1},
    {"a": [{"b": None}]},
]
LISTS = [
    [],
    [1],
    [1, 2],
    [2, 1],
    [1, 2, 3],
    [3, 2, 1],
    [1, 1],
    [1, 1, 1],
    [0],
    [7],
    [5, 5],
    [10],
    [1, 2, 3, 4],
    [-1, 1],
    [4, 3, 3],
    [0, 1, 2],
    [2**62, 2**62],
    [1.0],
    [1, 2.0],
]
TEXTS = [
    [],
    ["a"],
    ["b", "a"],
    ["a", "b"],
    ["a", "a"],
    ["first"],
    ["x", "a", "y"],
    ["a", "b", "a"],
    ["only"],
    ["only", "only"],
    ["read"],
    ["é", "z"],
    ["Z", "a"],
]


def resource(kind: str, spec: object, **fields: object) -> dict:
    return {"apiVersion": GROUP, "kind": kind, "metadata": {"name": "odd"}, "spec": spec} | fields


def each(kind: str, fields: str, values: Iterable[object]) -> Iterator[dict]:
    for field, value in itertools.product(fields.split(), values):
        yield resource(kind, {field: value})


def texts() -> Iterator[dict]:
    yield from each("CelNetwork", "isURL scheme host hostname port path query", URLS)
    yield from each("CelNetwork", "isIP family canonical loopback unspecified linkLocal global equal text", ADDRESSES)
    yield from each("CelNetwork", "isCIDR containsIP containsCIDR prefixLength masked networkIP", NETWORKS)
    yield from each("CelQuantity", "isQuantity greater less compare sign integer float add sub", QUANTITIES)
    yield from each("CelQuantity", "semver newer older same major normalized", VERSIONS)
    yield from each("CelFormat", "dns1123Label dns1123Subdomain dns1035Label labelPrefix qualifiedName labelValue", NAMES)
    yield from each("CelFormat", "uri uuid byte date datetime named", NAMES)
    yield from each("CelTime", "after year hours zone date dateBefore datetime", TIMES)
    yield from each("CelTime", "duration seconds text", DURATIONS)
    yield from each("CelTime", "bytes bytesEqual bytesAlphabet", ["YWI=", "Y2Q=", "YWJjZA==", "AAAA", "+/+/", "-_-_", "YQ", "", "ab", "////"])
    strings = "starts ends contains size matches charAt charAtFails indexOf lastIndexOf lower upper trim replace split splitLimit"
    literals = ["é", "日", "🙂", r"\n", "a\tb", "it's", r"it\'s", 'it\'s "x"', 'say "x"', r"say \"x\"", "\\", "AA", "a'b", "ab"]
    yield from each("CelString", "literal", literals)
    yield from each("CelString", strings + " substring format quote concat number double literal unicode", WORDS)
    yield from each("CelRegex", "find findNothing findAll findAllLimit digits anyCase anywhere", WORDS)
    yield from each("CelMacro", "in type mapLiteral", WORDS)
    yield from each("CelPlace", "string nullable name", WORDS)
    formats = "bsonobjectid byte cidr creditcard date dateTime datetime duration email hexcolor hostname ipv4 ipv6 isbn isbn10 isbn13 shortName longName mac"
    values = [*URLS, *ADDRESSES, *NETWORKS, *NAMES, *TIMES, *DURATIONS, *MAILS, *NUMBERED]
    yield from each("Format", formats + " password rgbcolor ssn uri uuid uuid3 uuid4 uuid5 shortDate", values)
    patterns = (
        "label anywhere empty digits word space quotes backslash tripleQuotes dollar braces unicode script category notCategory posix notPosix hex"
    )
    values = [*WORDS, *NAMES, *PATTERNED]
    yield from each("Pattern", patterns + " alternatives lazy groups boundary dash bracket caret control both", values)
    flags = "anyCase partCase multiLine dotAll dot swapped several switched quoted text end octal bell notBoundary kelvin repeats notRepeat nested"
    yield from each("PatternFlag", flags, values)
    yield from each("StringLength", "name exact empty zero emoji default enum", [*WORDS, "日本語", "🙂🙂", "🙂🙂🙂", "e\u0301", "äöü", "äöüß"])
    yield from each(
        "Enum",
        "strings quotes spaces scripts words names withNull single repeated default",
        [*WORDS, "A", "B", "b", "only", '"', "'", "\\", " ", "\n", "1", "yes"],
    )


MAILS = [
    "a@b", "a@b.c", "A <a@b.c>", "<a@b>", '"x y"@b', '""@b', "a@[10.0.0.1]", "a@[::1]", "a@[x]", "ü@b", "(c) a@b", "a@b (d)", " a@b ", "g: a@b;", "g:;",
    "g: a@b, c@d;", "a b@c", "a@b c", "a@b,c@d", ".a@b", "a.@b", "a..b@c", "A B <a@b>", '"A. B" <a@b>', "A. B <a@b>", "=?utf-8?q?x?= <a@b>", "a@b(", "a@b)",
    "a@b>", "<a@b", "a@@b", "a@b\n", "a@\tb", "(a (b)) c@d", "(a\\) c@d", "A: B <c@d>;",
]  # fmt: skip
NUMBERED = [
    "507f1f77bcf86cd799439011", "507F1F77BCF86CD799439011", "4220855426222389", "4220-8554-2622-2389", "374953669708156", "4220855426213389", "30190239451016",
    "0321751043", "032175104X", "3 401 01319 X", "3\t401\n01319 X", "978-0321751041", "9784873113685", "9784873113686", "191-60-2869", "191602869", "191 60 2869",
    "#fff", "fff", "#FFFFFF", "#ffff", "rgb(0,0,0)", "rgb(255, 255,255)", "rgb(256,0,0)", "rgb(1,2,3 )", "RGB(1,2,3)", "rgb(199,1,1)", "rgb(100,1,1)",
    "00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e", "00:1a:2b:3c:4d:5e:6f:70", "0:1:2:3:4:5", "00:1a-2b:3c:4d:5e", "001a2b3c4d5e",
    "ab-c", "a-b", "a.b-c.de", "xn--bcher-kva.example", "bücher.example", "a..b", "a.b.", "1.2", "a.1", "a.11", "☃.de", "a" * 64 + ".de", "_a.de",
]  # fmt: skip
PATTERNED = [
    "123-4567", "a b", "a  b", '"x"', "'x\"", "C:\\x", "C:\\", '"""', "${A}", "{{x}}", "{{}}", "äß", "αβ", "Ωm", "Aα1", "aα١", "A", "A😀", "auto", "none", "42",
    "aab", "a.b", "a.b.c", "foo", "a foo b", "foobar", "a-", "-z+", "z,", "]a[", "]", "^", "\t", "\t\n", "abc", "ABC", "aBCd", "ABCd", "x\nb", "a\nb", "aaa",
    "a\u2028b", "Ab", "AB", "a.b*c", "A\x01", "\x07\x0c\x0b", "ab", "a b", "k", "K", "\u212a", "ababd", "abababcd", "a{,2}", "aa", "ababc", "abcabc", "\u017f",
    "a\r\nb", "١٢٣-٤٥٦٧", "e\u0301", "𝒳",
]  # fmt: skip


def numbers() -> Iterator[dict]:
    values = [*INTEGERS, *NUMBERS, 2**63, 2**64, -(2**63) - 1]
    bounds = "port exclusive mark single negative ratio open small fraction scientific cutInteger"
    yield from each("Bound", bounds, values)
    large = "exact inexact safe int64 int64Least nearly uint64 float floatLeast int32 int32Bounds int32Beyond plain single double uint32"
    yield from each("LargeBound", large, values)
    yield from each("Multiple", "five memory tenth quarter wholeTenth half zero negative large int32", values)
    ports = "plain anyOf allOf pattern bounds exclusive length enum default nullable format ignored both rule"
    yield from each("IntOrString", ports, [*values, *WORDS, "5%", "100%", "101%", "80", "10.0.0.1"])
    yield from each("Enum", "integers floats portOrA", [*values, 65, 65.0, 5.5, 5.999, -0.5, 1000, 1e3])
    yield from each("CelMacro", "arithmetic division overflow negative doubles mixed dyn literals", values)
    yield from each("CelMessage", "none message expression invalid forbidden required duplicate several twice", values)
    yield from each("CelPlace", "integer number defaulted", values)
    yield from each("CelOptional", "zero", values)
    yield from each("CelOldSelf", "grows born either", values)
    yield from each("Scaled", "pods", [{"replicas": value} for value in [*values, None, "1", [], {}]])
    yield from each("Scaled", "pods", [None, 1, "x", []])
    for value in [*values, None, "1", []]:
        yield resource("Scaled", {"pods": {}}, status={"phase": "Ready", "replicas": value, "selector": "a=b"})
        yield resource("Scaled", {"pods": {}}, status={"phase": "Ready", "selector": value})


def conversions() -> Iterator[dict]:
    texts = words("""
    true TRUE True tRUE t T 1 0 f False yes on ab abc a é 5 +5 -5 05 0x10 5.0 5u 1e3 NaN inf 9223372036854775807 9223372036854775808
    -9223372036854775808 18446744073709551615 18446744073709551616 1_000 4
    """) + ["", " 5", "5 ", "🙂"]
    yield from each("CelConversion", "boolOfText bytesOfText intOfText uintOfText timestampOfText durationOfText", [*texts, *TIMES, *DURATIONS])
    numbers = [*INTEGERS, *NUMBERS, 2.5, 2.9, -2.9, -0.5, 9.3e18, 1.8446744073709552e19, -9223372036854775808.0, 123456.789]
    yield from each("CelConversion", "intOfDouble uintOfDouble textOfDouble", numbers)
    yield from each("CelConversion", "doubleOfInt uintOfInt uints timestampOfInt textOfInt none", [*INTEGERS, 2.0, -2, 253402300800, -62135596801])
    yield from each("CelConversion", "textOfBool", [True, False])
    yield from each("CelConversion", "intOfTimestamp textOfTimestamp days zones milliseconds", TIMES)
    yield from each("CelConversion", "intOfDuration textOfDuration durationParts", DURATIONS)
    yield from each("CelConversion", "first last nested", LISTS)
    yield from each("CelConversion", "doubles", [*LISTS, [0.5, 1.5], [1.5, 0.5], [-0.0, 0.0], [0.0, -0.0], [1, 1.5, 2]])
    yield from each("CelConversion", "times", [[], *([a, b] for a, b in itertools.product(TIMES[:8], TIMES[:8]))])
    yield from each("CelConversion", "durations", [[], *([a, b] for a, b in itertools.product(DURATIONS[:12], DURATIONS[:12]))])
    yield from each("CelConversion", "booleans", [[], [True], [False], [False, True], [True, False]])
    yield from each("CelConversion", "strings", TEXTS)
    yield from each("CelConversion", "bytes", [[], ["YQ=="], ["YWE=", "YWI="], ["YWI=", "YWE="], ["YWI="], ["AA==", "/w=="], ["/w==", "AA=="]])
    yield from each("CelConversion", "label1035Prefix subdomainPrefix", NAMES)


def lists() -> Iterator[dict]:
    sorts = "sorted sum sumOfDoubles min max in concat distinct slice sort range"
    yield from each("CelList", sorts, LISTS)
    yield from each("CelList", "sortedStrings indexOf lastIndexOf index equal equalSet reverse", TEXTS)
    yield from each("CelList", "size", [[], [True], [True, False], [True, True, False]])
    yield from each("CelList", "flatten", [[], [[]], [[1], [2, 3], [4]], [[1, 2, 3], [4]], [[1.0]]])
    yield from each("CelList", "objects", [[{"size": 50}, {"size": 51}], [{}], [{"size": 2**63 - 1}, {"size": 1}]])
    yield from each("CelSet", "contains intersects", TEXTS)
    yield from each("CelSet", "equivalent mixed", LISTS)
    yield from each("CelMacro", "all exists allFails existsFails map mapFilter filter", [*LISTS, [0, 1], [1, 0], [0, 5], [5, 0], [4, 0, 100]])
    yield from each("CelMacro", "existsOne", TEXTS)
    yield from each("CelTwoVar", "all exists transformList transformListFilter", LISTS)
    yield from each("CelTwoVar", "transformMapEntry", TEXTS)
    maps = [
        {},
        {"a": 1},
        {"x": 1},
        {"x1": -1},
        {"k": 2},
        {"k": 1},
        {"a": 6, "b": 7},
        {"a": 6},
        {"a": 3, "b": 2},
        {"must": 1},
        {"x": 2**63 - 1},
        {"a": 1.0},
    ]
    yield from each("CelTwoVar", "existsOne transformMap transformMapFilter", maps)
    yield from each("CelTwoVar", "allOfMap", [{}, {"a": "a"}, {"a": "b"}])
    yield from each("CelMacro", "keys", maps)
    yield from each("CelMacro", "inMap", [{}, {"must": "yes"}, {"must": "no"}, {"a": "yes"}])
    yield from each("CelOptional", "index", LISTS)
    yield from each("CelOptional", "key", maps)
    yield from each("CelPlace", "values", maps)
    sets = "strings integers numbers booleans enum objects lists atomic default"
    yield from each("Set", sets, [*LISTS, *TEXTS, *OBJECTS, [True, False], [True, True], [["a"], ["a"]], [[], []], [None, None], ["a", 1]])
    yield from each("MapList", "one two defaulted boolean nested odd", [*ENTRIES, *OBJECTS, *LISTS, *JSON])
    yield from each(
        "NestedList",
        "matrix cube listOfMaps mapOfLists mapOfMaps defaults objects empty",
        [*JSON, [[1, 2], [3, 4]], [[[0]], []], [[[-1]]], [[None]], [None]],
    )


OBJECTS = [
    [{"a": 1}, {"a": 1}], [{"a": 1}, {"a": 1.0}], [{"a": 1, "b": "x"}, {"b": "x", "a": 1}], [{}, {}], [{"a": None}, {}], [{"a": 1}, {"a": 2}], [None, {}],
    [{"a": 1}, {"a": 1}, {"a": 1}], [{}, {}, {}, {"a": 1}],
]  # fmt: skip
ENTRIES = [
    [{"name": "a"}, {"name": "b"}], [{"name": "a"}, {"name": "a", "value": 2}], [{"name": "a"}] * 3, [{}], [{}, {}], [{"name": None}, {"name": None}],
    [{"port": 1, "protocol": "TCP"}, {"port": 1, "protocol": "UDP"}], [{"port": 1}, {"port": 1, "protocol": "TCP"}], [{"port": 1}, {"port": 1.0}],
    [{"port": 1}, {"port": 1}], [{"enabled": True}, {"enabled": False}, {"enabled": True}], [{"x-key": "a"}, {"x-key": "a"}], [None, None],
    [{"name": "a", "rules": [{"id": 1}, {"id": 1}]}], [{"name": "a", "rules": [{"id": 1}, {"id": 1.0}]}],
    [{"name": "a", "rules": [{"id": 0.0}, {"id": -0.0}]}], [{"name": "a", "rules": [{"id": 1.0}, {"id": 1.0, "open": True}]}], [{"name": "a", "rules": [{"id": 1}]}, {"name": "b", "rules": [{"id": 1}]}], ["x", {"name": "a"}],
]  # fmt: skip


def anything() -> Iterator[dict]:
    """Every sort of JSON in fields of every sort."""
    fields = {
        "Nullable": "demanded plain string integer number boolean date port list gaps solid object map solidMap objects free choice listed",
        "NullableDefault": "kept replaced nothing enum number object list keptList map",
        "OneOf": "file url inline overlapping union items map single",
        "AnyOf": "a b c address loose items map lists",
        "AllOf": "name code number object items outside map both",
        "Not": "a name word range double list map neither nothing",
        "Combinator": "mode replicas schedule targets tree",
        "AdditionalProperties": "strings integers booleans objects lists maps anything nothing free ports required bare bareList defaulted",
        "Preserve": "free anything anythingElse mixed demanding counted list objects marked map both deep choice narrowed",
        "Embedded": "template strict declared list map nested ruled",
        "Default": "text integer list filled object parts objects map mapOfObjects port free date choice always ruled",
        "PropertyCount": "one map defaulted enough none free list",
        "Unsatisfiable": "fine minAboveMax lengths items fields negativeLength negativeItems wrongEnum emptyEnum undeclared pattern contradiction emptyList rule",
        "IgnoredFormat": "ip quantity time binary int32 integerDate numberInt integerFloat boolean list object idnHostname upper",
        "Format": "date byte dates bytes default",
        "Enum": "strings integers booleans withNull objects lists items map",
        "CelMacro": "has missing swallowed swallowedLeft swallowedAnd ternary nested pairs null boolean",
        "CelOptional": "orValue hasValue deep value or optMap optFlatMap literal none",
        "CelPlace": "items scalars nested mapList preserved combined enum boolean",
        "CelMessage": "multiline path emptyExpression",
        "CelTime": "span after duration bytes",
        "Deep": "template aVeryLongNameOfAProperty a m",
        "YamlWord": "yes n 8080 1.5 quoted plain boolean octal float text default folded anchors merged",
    }
    for kind, names in fields.items():
        yield from each(kind, names, [*JSON, *PARTS])
        for value in JSON:
            yield resource(kind, value)
            yield resource(kind, {}, status=value)
            yield resource(kind, {}, stray=value)
    yield from each(
        "CelEscape", "namespace x-y a.b a/b a__b true in 1st é map int self size", [*JSON, "default", -1, [1], [1, 2], {"x-y": -1}, {"x-y": 1}]
    )
    yield from each(
        "Keyword", "class schema metadata kind apiVersion spec status len regex __dunder__ null", [*JSON, {"name": "x"}, {"mixin": "x"}, "abcd"]
    )
    yield from each(
        "Symbol", "$ref x-y a.b a/b .hidden trailing. 1st 日本語 Ω 🙂 - _ __ map list", [*JSON, {"α": "x"}, [{"a-b": "x"}], {"k": {"a-b": 1}}]
    )


PARTS = [
    {"a": 1}, {"a": "x"}, {"b": 1}, {"b": "x"}, {"a": 1, "b": 2}, {"a": "x", "b": "y"}, {"a": "x", "z": 1}, {"k": "v"}, {"k": 1}, {"k": {}}, {"k": []}, {"k": None},
    {"kind": "Sized", "size": 1}, {"kind": "Sized", "size": 0}, {"kind": "Named", "name": "x"}, {"kind": "Named", "name": "X"}, {"kind": "Bare"},
    {"kind": "Bare", "size": 1}, {"kind": "Other"}, {"text": "x"}, ["a"], ["a", "b", "c"], ["x", "x"], [{"a": "x"}], [{"a": "x", "b": "y"}], [{}], [12], [5], ["forbidden"],
    {"left": {"value": 0}}, {"left": {"value": 1}}, {"right": {"value": 1, "name": "x"}}, {"right": {"name": "x"}}, {"left": {}, "right": {}},
    [{"type": "tcp", "port": 80}], [{"type": "udp", "port": 80}], [{"type": "http", "host": "x"}], [{"type": "http", "host": "x", "port": 1}], [{"type": "x"}], [{}],
    {"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "y"}},
    {"apiVersion": "a/b/c", "kind": "Pod"}, {"apiVersion": "v1", "kind": "1"}, {"apiVersion": 1, "kind": "Pod"}, {"apiVersion": "v1", "kind": "Pod", "metadata": None},
    {"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": None}}}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "."}}, {"apiVersion": "", "kind": ""},
    {"apiVersion": "v1", "kind": "Pod", "metadata": "x"}, {"apiVersion": "v1", "kind": "Pod", "spec": {"size": "x"}}, {"apiVersion": "v1", "kind": "Pod", "extra": 1},
    {"apiVersion": "v1", "kind": "Pod", "inner": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a/b%c"}}}, {"known": {"a": "x", "b": 1}}, {"known": 1},
    {"number": 0, "other": {"x": None}}, {"inner": {"a": {"b": "x", "c": 1}, "free": {"x": 1}}}, [{"name": "a", "extra": {"x": 1}}], {"least": 5, "most": 3}, {"least": 11},
    {"kind": "auto"}, {"kind": "x"}, {"kind": "x", "size": 1}, {"mode": "big", "size": 5}, {"mode": "big", "size": 10}, {"size": 10}, {"size": 9}, {"mode": "big"},
    {"a": {"b": 1}}, {"a": {"b": 0}}, {"a": {"x-y": 0}}, {"a": {"a.b": -1}}, {"m": {"k": 0}}, {"m": {"j": 0}}, {"l": [1, 2, 3]}, {"b": {"c": "x"}}, {"b": {"c": {"d": 3}}},
    {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}, {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"},
    {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:30:00Z", "least": "1h"}, {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:30:00Z", "least": "3 days"},
    [{"tags": ["ok"]}], [{"tags": []}], [{"name": "a"}, {"name": "a"}], [{"name": "a"}, {"name": "b"}], [{"name": "a", "primary": True}], {"k": [{"v": "v"}, {"v": "w"}]},
]  # fmt: skip


def metadata() -> Iterator[dict]:
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "p", "uid": "u"}
    fields: dict[str, list[object]] = {
        "name": ["a", "A", "a.b", "a_b", "-a", "a-", "a..b", "1", "a" * 63, "a" * 64, "a" * 253, "a" * 254, "a" * 300 + "_", "", None, 1, [], "é", "cel-x", "a/b"],
        "generateName": ["a-", "-", "--", "a--", "A-", "a.", "a" * 58, "a" * 63, "a" * 254, "", None, 1, "cel-", "cel-abcdefgh", "é-"],
        "namespace": ["a", "a.b", "A", "a" * 64, "", None, 1, "-"],
        "labels": [{}, None, [], "x", {"a": ""}, {"a": "b c"}, {"a": "b" * 64}, {"a" * 64: ""}, {"a/b": ""}, {"A/b": ""}, {"/b": ""}, {"a/": ""}, {"a/b/c": ""},
                   {"a b": "-"}, {"-": "-"}, {"a": 1}, {"a": None}, {"a": True}, {"a": []}, {"": "x"}, {"é": "é"}, {"x" * 254 + "/y": ""}],
        "annotations": [{}, None, [], {"a": "any \n thing"}, {"A/B": ""}, {"a b": ""}, {"a": 1}, {"a": "x" * 262143}, {"a": "x" * 262144}, {"/": ""}],
        "ownerReferences": [[], None, {}, [owner], [owner | {"uid": ""}], [{}], [None], [1], [owner | {"controller": True}, owner | {"controller": True}],
                            [owner | {"controller": "x"}], [owner | {"extra": 1}], [owner | {"apiVersion": "a/b/c"}], [owner | {"apiVersion": "a/"}],
                            [owner | {"kind": "Event"}], [owner | {"blockOwnerDeletion": None}]],
        "finalizers": [[], None, ["x"], ["a.b/c"], ["a b"], [""], [None], [1], ["orphan", "foregroundDeletion"], "x", ["a/b/c"]],
        "managedFields": [[], None, [{}], [{"operation": "Apply"}], [{"operation": "X"}], [{"operation": "Update", "fieldsType": "X"}],
                          [{"operation": "Update", "manager": "x" * 129}], [{"operation": "Update", "subresource": "x" * 257}], [{"time": "x"}], [{"extra": 1}],
                          *([{"operation": "Apply", "time": time}] for time in TIMES)],
        "creationTimestamp": [None, "x", 1, "2026-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", *TIMES],
        "deletionTimestamp": [None, "x", *TIMES],
        "generation": [0, 1, -1, 1.0, 1.5, "1", None, 2**63],
        "deletionGracePeriodSeconds": [0, -1, 1.0, None, "1"],
        "uid": ["", "x", None, 1], "resourceVersion": ["", "x", 1], "selfLink": ["", "x", 1], "extra": [1, None], "Name": ["x"], "clusterName": ["x"],
    }  # fmt: skip
    for kind in ("Nullable", "Named", "Bare", "CelPlace", "PreserveRoot"):
        for name, values in fields.items():
            for value in values:
                spec = {"plain": "x", "demanded": "x"} if kind == "Nullable" else {}
                more = {"data": 1} if kind == "PreserveRoot" else {}
                body = {} if kind == "Bare" else {"spec": spec}
                base = {} if name == "generateName" else {"name": "cel-a"}
                yield {"apiVersion": GROUP, "kind": kind, "metadata": base | {name: value}} | body | more
        for whole in (None, {}, [], "x", 1):
            yield {"apiVersion": GROUP, "kind": kind, "metadata": whole, "spec": {}}
        yield {"apiVersion": GROUP, "kind": kind, "spec": {}}
    for field, time in itertools.product(("creationTimestamp", "deletionTimestamp"), ["9999-12-31T23:59:59-01:00", *TIMES]):
        inner = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", field: time}}
        yield resource("Embedded", {"template": inner, "list": [inner]})
    for more in (
        {},
        {"data": {"k": "YQ=="}},
        {"a": 1},
        {"spec": "x"},
        {"spec": "x", "status": 1, "labels": {}},
        {"labels": {"a": 1}, "items": ["x"], "spec": "", "status": 0},
    ):
        yield {"apiVersion": GROUP, "kind": "Flat", "metadata": {"name": "a"}, "name": "x"} | more
    for spec in ({"a": "x"}, {"a": "x" * 10}, None):
        yield {"apiVersion": GROUP, "kind": "Named", "metadata": {"name": "a" * 21}, "spec": spec}
    for root in ({"data": {}}, {"secretName": "x"}, {"data": {}, "secretName": "x"}, {}, {"secretName": ""}, {"data": None}):
        yield resource("OneOf", {"file": "x"}, **root)
        yield resource("OneOf", {}, **root)


def main() -> None:
    for number, made in enumerate(itertools.chain(texts(), numbers(), conversions(), lists(), anything(), metadata())):
        print(json.dumps({"id": f"odd/{number}", "object": made}, ensure_ascii=False))


if __name__ == "__main__":
    main()
