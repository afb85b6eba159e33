#!/usr/bin/env python3
"""Writes CRDs whose rules cost about what the API server allows, for definitions.py: rules at the very limit and one
step beyond it, sums of rules, and schemas with drawn bounds and drawn expressions over all that CEL has there.

    costs.py --count 300 OUT
    definitions.py --judge ./apiserver-judge --validate ./resource-validate --each 0 OUT
"""

from __future__ import annotations

import argparse
import json
import pathlib
import random
from collections.abc import Iterator

# A type is its name, or a name with what it holds: ("list", "int"), ("object", {"a": "string"}).
Type = str | tuple
Schema = dict
BOUNDS = [None, None, 0, 1, 3, 10, 17, 100, 1000, 20_000, 1_000_000, 10**9]
TEXTS = ["''", "'a'", "'é🙂'", "'a-b'", "','", "'10.0.0.0/8'", "'^[a-z]([-a-z0-9]*[a-z0-9])?$'", f"'{'x' * 60}'"]
SCALARS: list[Type] = ["bool", "int", "double", "string", "string", "string", "bytes", "duration", "timestamp"]
ORDERED = ["bool", "int", "double", "string", "bytes", "duration", "timestamp"]
FORMATS = ["dns1123Label", "dns1035Label", "qualifiedName", "labelValue", "uri", "uuid", "byte", "date", "datetime"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=300, metavar="N", help="how many drawn CRDs")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives others")
    parser.add_argument("out", type=pathlib.Path, metavar="OUT", help="the folder to write them to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    source = random.Random(arguments.seed)
    drawn = (drawn_root(source) for _ in range(arguments.count))
    for number, schema in enumerate([*at_limits(), *sums(), *repeated(), *shared_arrays(), *drawn]):
        (arguments.out / f"{number:05}.yaml").write_text(json.dumps(definition(schema), indent=1, ensure_ascii=False))


def definition(schema: Schema) -> dict:
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "pots.example.org"},
        "spec": {"group": "example.org", "scope": "Cluster", "names": {"kind": "Pot", "plural": "pots"}, "versions": [version]},
    }


# --- at the limits ---

# The largest bound of lists, maps and texts with which the server takes the rule, as it said itself.
LIMITS = [
    ("self.list.all(x, x == 'a')", 1999999),
    ("self.list.exists(x, x.matches('^a+$'))", 714285),
    ("self.list.exists_one(x, x.contains('abc'))", 909090),
    ("self.list.filter(x, x.startsWith('abc')).size() > 0", 666665),
    ("self.list.map(x, x + '-').exists(y, y.endsWith('-'))", 357142),
    ("self.list.map(x, x != '', x.upperAscii()).all(y, y.size() > 1)", 357142),
    ("self.list.all(i, x, i < 5 || x != self.list[i])", 555555),
    ("self.list.all(x, self.list.all(y, x == y))", 876),
    ("self.list.isSorted()", 1111110),
    ("self.list.min() == 'a' && self.list.max() == 'b'", 555555),
    ("self.list.indexOf('a') == self.list.lastIndexOf('b')", 555555),
    ("self.list.sort()[0] == 'a'", 2182),
    ("self.list.sortBy(x, x.size())[0] == 'a'", 2232),
    ("self.list.distinct().size() == self.list.size()", 2236),
    ("self.list.reverse() == self.list", 9090895),
    ("self.list.join(',').contains('a,b')", 617283),
    ("sets.contains(self.list, ['a', 'b', 'c'])", 3333329),
    ("sets.equivalent(self.list, self.list)", 2236),
    ("'a' in self.list", 9999998),
    ("self.list.transformList(i, x, i > 2, x).size() > 0", 666665),
    ("self.list.transformMap(i, x, x.trim())[0] == ''", 833330),
    ("self.list.all(x, x in ['a', 'b'] ? x.matches('a') : x.find('a+') == '')", 384615),
    ("self.numbers.sum() > 100 && self.numbers.max() < 10", 4999997),
    ("self.lists.all(x, x.all(y, y > 0))", 1413),
    ("self.lists.flatten().sum() > 0", 4999993),
    ("self.lists.exists(x, x.exists(y, self.lists.exists(z, y in z)))", 54),
    ("self.map.all(k, self.map[k].matches('^[a-z]$'))", 399999),
    ("self.map.all(k, v, k != v)", 1999999),
    ("self.map.exists(k, k.contains('a'))", 1999999),
    ("self.map.transformMapEntry(k, v, {v: k}).size() > 0", 294116),
    ("self.text.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')", 3571427),
    ("self.text.contains(self.text)", 7905),
    ("self.text.split(',').all(x, x.trim() == x)", 480769),
    ("self.text.split(',', 5).all(x, x == self.text)", 12499958),
    ("self.text.replace('a', 'bcd').contains('xyz')", 4999998),
    ("self.text.replace('', '--').matches('a')", 4999998),
    ("self.text.lowerAscii() == self.text + 'a'", 8333329),
    ("self.text.findAll('[a-z]+').exists(x, x == 'a')", 480769),
    ("self.text.substring(3).startsWith(self.text)", 12499995),
    ("self.text.indexOf('a') < self.text.lastIndexOf('b')", 12499992),
    ("url(self.text).getHost() == self.text", 12499992),
    ("isURL(self.text) && isIP(self.text) && isCIDR(self.text) && ip.isCanonical(self.text)", 6249993),
    ("ip(self.text).family() == 4 || cidr(self.text).containsIP(self.text)", 8333322),
    ("cidr(self.text).containsCIDR(cidr('10.0.0.0/8'))", 24999975),
    ("quantity(self.text).isGreaterThan(quantity('1')) || semver(self.text).major() > 1", 12499990),
    ("format.dns1123Label().validate(self.text).hasValue()", 781247),
    ("strings.quote(self.text).matches(self.text)", 3534),
    ("bytes(self.text) == b'abc' || string(self.bytes) == 'abc'", 19999987),
    ("has(self.text) && self.?text.orValue('').size() > 3 && self.text.matches('a?b?')", 24999979),
    ("{'a': self.text}['a'].matches('abc') || [self.text][0].contains('b')", 12499942),
    ("(self.text == 'a' ? self.list : ['b']).all(x, x.matches('abc'))", 1999997),
    ("dyn(self.list).all(x, x == 'a')", 2499999),
    ("self.text > 'a' && self.text <= 'z' && self.text != self.text + 'a'", 12499987),
]


def at_limits() -> Iterator[Schema]:
    for rule, largest in LIMITS:
        for most in (largest, largest + 1):
            yield of_spec(bounded(most, [{"rule": rule}]))


def bounded(most: int, rules: list[dict]) -> Schema:
    """Values of every sort that have that many parts at most."""
    text = {"type": "string", "maxLength": 20}
    properties = {
        "list": {"type": "array", "maxItems": most, "items": text},
        "numbers": {"type": "array", "maxItems": most, "items": {"type": "integer"}},
        "lists": {"type": "array", "maxItems": most, "items": {"type": "array", "maxItems": most, "items": {"type": "integer"}}},
        "map": {"type": "object", "maxProperties": most, "additionalProperties": text},
        "text": {"type": "string", "maxLength": most},
        "bytes": {"type": "string", "format": "byte", "maxLength": most},
    }
    return {"type": "object", "properties": properties, "x-kubernetes-validations": rules}


def of_spec(spec: Schema) -> Schema:
    return {"type": "object", "properties": {"spec": spec}}


def sums() -> Iterator[Schema]:
    """Many rules and messages, each within its own limit."""
    rule = {"rule": "self.list.all(x, x == 'a')"}
    for most, count in ((1_999_999, 10), (1_999_999, 11), (900_000, 22), (900_000, 23), (10_000, 100)):
        # Of equal ones the server names any; these all differ a little.
        rules = [{"rule": f"self.list.all(x, x == 'a') && {' && '.join(['true'] * (i % 3 + 1))} && {i} == {i}"} for i in range(count)]
        yield of_spec(bounded(most, [rule, *rules[: count - 1]]))
    for most in (300_000, 350_000):
        message = {"rule": "true", "messageExpression": "self.list.exists(x, x.matches('^a+$')) ? 'a' : self.list.join(',')"}
        yield of_spec(bounded(most, [message] * 7))
    costly = {"rule": "false", "messageExpression": "self.list.map(x, self.list.join(x)).join()"}
    yield of_spec(bounded(100, [costly]))
    yield of_spec(bounded(10_000, [costly, {"rule": "self.list.all(x, self.list.all(y, x == y))"}]))


def repeated() -> Iterator[Schema]:
    """A rule below lists and maps, with bounds and without."""
    for above in ({}, {"maxItems": 100}, {"maxItems": 10_000_000}):
        for text in ({}, {"maxLength": 10}, {"maxLength": 1_000_000}, {"enum": ["a", "bcd"]}, {"format": "date"}):
            value = {"type": "string", **text, "x-kubernetes-validations": [{"rule": "self == 'a'" if "format" not in text else "self == self"}]}
            yield of_spec({"type": "array", "items": value, **above})
            most = {"maxProperties": above["maxItems"]} if above else {}
            yield of_spec({"type": "object", "additionalProperties": {"type": "array", "items": value, **above}, **most})
    for required in ([], ["name"], ["name", "size"], ["name", "size", "kind"]):
        properties = {"name": {"type": "string"}, "size": {"type": "integer"}, "kind": {"type": "string", "default": "a"}}
        rules = [{"rule": "self.name.size() > 3 && self.size < 7", "messageExpression": "self.name + self.kind"}]
        element = {"type": "object", "required": required, "properties": properties, "x-kubernetes-validations": rules}
        yield of_spec({"type": "array", "items": {"type": "array", "items": element}})


def shared_arrays() -> Iterator[Schema]:
    """Paths deep enough that cel-go writes one over another: then a field has the size of its neighbour."""
    leaf = {"a": {"type": "array", "maxItems": 7, "items": {"type": "string", "maxLength": 3}}, "b": {"type": "string", "maxLength": 1000}}
    inner = {"type": "array", "maxItems": 3, "items": {"type": "object", "properties": leaf}}
    outer = {"type": "array", "maxItems": 5, "items": {"type": "object", "properties": {"foo": inner}}}
    for body in ("z == 'a'", "z == y.b", "y.b == z && y.a.exists(w, w == z)", "[y.a.size(), y.b.size()].exists(w, w > z.size())"):
        rule = {"rule": f"self.a.b.all(x, x.foo.all(y, y.a.all(z, {body})))"}
        a = {"type": "object", "properties": {"b": outer}}
        yield of_spec({"type": "object", "properties": {"a": a}, "x-kubernetes-validations": [rule]})


# --- drawn ---


def drawn_root(source: random.Random) -> Schema:
    names = source.sample(["spec", "status", "data", "extra"], source.randint(1, 3))
    schema: Schema = {"type": "object", "properties": {name: drawn_schema(source, 4) for name in names}}
    if source.random() < 0.3:
        name = {"type": "string", **bound(source, "maxLength")}
        both = {"name": name, "generateName": {"type": "string"}} if source.random() < 0.5 else {"name": name}
        schema["properties"]["metadata"] = {"type": "object", "properties": both}
    if source.random() < 0.3:
        schema["properties"] |= {"kind": {"type": "string"}, "apiVersion": {"type": "string", "maxLength": 20}}
    drawn_rules(schema, source, 0.4)
    return schema


def bound(source: random.Random, name: str) -> Schema:
    most = source.choice(BOUNDS)
    return {} if most is None else {name: most}


def drawn_schema(source: random.Random, depth: int) -> Schema:
    kinds = [scalar, scalar, text, text, int_or_string]
    kinds += [items, items, values, fields, fields, embedded] if depth else []
    schema = source.choice(kinds)(source, depth)
    drawn_rules(schema, source, 0.5 if depth < 4 else 0.7)
    return schema


def scalar(source: random.Random, _depth: int) -> Schema:
    return source.choice(
        [
            {"type": "integer"},
            {"type": "number"},
            {"type": "boolean"},
            {"type": "string", "format": "duration"},
            {"type": "string", "format": "date"},
            {"type": "string", "format": "date-time"},
            {"type": "string", "format": "byte", **bound(source, "maxLength")},
        ]
    )


def text(source: random.Random, _depth: int) -> Schema:
    more: list[Schema] = [{}, {}, {"enum": ["a", "ünter", "xyz"]}, {"format": "uri"}, {"pattern": "^a"}]
    return {"type": "string", **bound(source, "maxLength"), **source.choice(more)}


def int_or_string(source: random.Random, _depth: int) -> Schema:
    return {"x-kubernetes-int-or-string": True, **bound(source, "maxLength")}


def items(source: random.Random, depth: int) -> Schema:
    return {"type": "array", "items": drawn_schema(source, depth - 1), **bound(source, "maxItems")}


def values(source: random.Random, depth: int) -> Schema:
    return {"type": "object", "additionalProperties": drawn_schema(source, depth - 1), **bound(source, "maxProperties")}


def fields(source: random.Random, depth: int) -> Schema:
    names = source.sample(["a", "b", "count", "x-y", "namespace", "1st", "veryLongNameOfAField", "in"], source.randint(1, 4))
    properties = {name: drawn_schema(source, depth - 1) for name in names}
    return {"type": "object", "properties": properties, "required": source.sample(names, source.randint(0, len(names)))}


def embedded(source: random.Random, depth: int) -> Schema:
    names = {"name": {"type": "string", "maxLength": 30}, "generateName": {"type": "string"}, "labels": items(source, 1)}
    metadata = {name: names[name] for name in source.sample(list(names), source.randint(1, 3))}
    properties = {
        "kind": {"type": "string", **bound(source, "maxLength")},
        "apiVersion": {"type": "string"},
        "metadata": {"type": "object", "properties": metadata},
        "spec": drawn_schema(source, depth - 1),
    }
    return {"type": "object", "properties": properties, "x-kubernetes-embedded-resource": True}


def drawn_rules(schema: Schema, source: random.Random, chance: float) -> None:
    """Not more than one in two places, or all of a kind would end with the sum."""
    while source.random() < chance / 2:
        expressions = Expressions(source, {"self": type_of(schema)})
        rule = {"rule": expressions.of("bool", source.randint(1, 4))}
        if source.random() < 0.3:
            rule["messageExpression"] = expressions.of("string", source.randint(1, 4))
        schema.setdefault("x-kubernetes-validations", []).append(rule)


def type_of(schema: Schema) -> Type:
    kind = schema.get("type")
    if schema.get("x-kubernetes-int-or-string"):
        return "dyn"
    if kind == "array":
        return ("list", type_of(schema["items"]))
    if "additionalProperties" in schema:
        return ("map", type_of(schema["additionalProperties"]))
    if kind == "object":
        known = {escaped(name): type_of(below) for name, below in schema.get("properties", {}).items() if name != "1st"}
        if schema.get("x-kubernetes-embedded-resource"):
            known |= {"kind": "string", "apiVersion": "string", "metadata": ("object", {"name": "string", "generateName": "string"})}
        return ("object", known)
    formats = {"byte": "bytes", "duration": "duration", "date": "timestamp", "date-time": "timestamp"}
    types = {"integer": "int", "number": "double", "boolean": "bool"}
    return types.get(kind) or formats.get(schema.get("format", ""), "string")


def escaped(name: str) -> str:
    return {"x-y": "x__dash__y", "namespace": "__namespace__", "in": "__in__"}.get(name, name)


# --- expressions ---

# Expressions of a type; «type» is an expression of that one, «=» of one scalar type throughout.
WAYS: dict[str, str] = {
    "bool": """
        !«bool»
        («bool» && «bool»)
        («bool» || «bool»)
        («=» == «=»)
        («=» != «=»)
        («=» < «=»)
        («=» <= «=»)
        («=» > «=»)
        («=» >= «=»)
        («list:=» == «list:=»)
        («map:=» != «map:=»)
        («dyn» == «dyn»)
        («dyn» < «int»)
        («dyn» in «list:dyn»)
        («=» in «list:=»)
        («string» in «map:=»)
        «string».contains(«string»)
        «string».startsWith(«string»)
        «dyn».startsWith(«string»)
        «string».endsWith(«string»)
        «string».matches(«string»)
        «dyn».matches(«string»)
        matches(«string», «string»)
        «list:=».isSorted()
        «dyn».isSorted()
        sets.contains(«list:=», «list:=»)
        sets.intersects(«list:=», «list:=»)
        sets.equivalent(«list:=», «list:=»)
        isURL(«string»)
        isIP(«string»)
        isCIDR(«string»)
        isQuantity(«string»)
        isSemver(«string»)
        isSemver(«string», «bool»)
        ip.isCanonical(«string»)
        «ip».isLoopback()
        «ip».isGlobalUnicast()
        «cidr».containsIP(«string»)
        «cidr».containsIP(«ip»)
        «cidr».containsCIDR(«string»)
        «cidr».containsCIDR(«cidr»)
        («ip» == «ip»)
        («ip» != «ip»)
        («cidr» == «cidr»)
        («url» == «url»)
        («url» != «url»)
        («quantity» == «quantity»)
        («semver» == «semver»)
        («semver» != «semver»)
        («optional:=» == «optional:=»)
        «quantity».isGreaterThan(«quantity»)
        «quantity».isInteger()
        «semver».isLessThan(«semver»)
        (format.dns1123Label() == format.uri())
        (format.dns1123Label() != format.uri())
        format.dns1123Label().validate(«string»).hasValue()
        format.named(«string»).hasValue()
        format.named(«string»).optMap(f, f.validate(«string»)).hasValue()
        (type(«dyn») == string)
        (type(«int») == type(«double»))
        bool(«string».trim())
        bool(«string»)
        «optional:=».hasValue()
        «all»
        «all»
        «exists»
        «exists»
        «exists_one»
        «all2»
        «exists2»
        «existsOne2»
    """,
    "int": """
        («int» + «int»)
        («int» * «int»)
        («int» % 3)
        -(«int»)
        size(«string»)
        «string».size()
        «list:=».size()
        «map:=».size()
        size(«dyn»)
        int(«string».trim())
        int(«string»)
        int(«double»)
        «timestamp».getFullYear()
        «timestamp».getHours(«string»)
        «duration».getSeconds()
        «list:int».sum()
        «list:int».max()
        «list:=».indexOf(«=»)
        «list:=».lastIndexOf(«=»)
        «string».indexOf(«string»)
        «string».lastIndexOf(«string», «int»)
        «dyn».indexOf(«string»)
        «ip».family()
        «cidr».prefixLength()
        «quantity».asInteger()
        «quantity».sign()
        sign(«quantity»)
        «quantity».compareTo(«quantity»)
        «semver».major()
    """,
    "double": """
        («double» / «double»)
        («double» - «double»)
        double(«int»)
        «list:double».sum()
        «list:double».min()
        «quantity».asApproximateFloat()
    """,
    "string": """
        («string» + «string»)
        («string» + «string» + «string»)
        «string».lowerAscii()
        «string».upperAscii()
        «string».trim()
        «string».charAt(«int»)
        «string».substring(«int»)
        «string».substring(«int», «int»)
        «string».replace(«string», «string»)
        «string».replace(«string», «string», «int»)
        «string».replace('', «string»)
        «string».replace('ab', «string»)
        «string».replace('a', '')
        «string».lowerAscii().format([«string», «int»])
        «string».format([«string», «int»])
        '%s%% %.2f%x'.format([«=», «double», «dyn»])
        '%s and %d'.format([«string», «int»])
        strings.quote(«string»)
        string(«int»)
        string(«bytes» + b'a')
        string(«bytes»)
        string(«dyn»)
        string(«timestamp»)
        string(«ip»)
        «list:string».join()
        «list:string».join(«string»)
        «dyn».join(«string»)
        «list:string».max()
        «list:string»[0]
        «map:string»['a']
        «map:string».a
        «string».find(«string»)
        «url».getHost()
        «url».getScheme()
    """,
    "bytes": """
        («bytes» + «bytes»)
        bytes(«string»)
        «list:bytes».min()
        («bool» ? «bytes» : «bytes»)
    """,
    "duration": """
        («duration» + «duration»)
        («timestamp» - «timestamp»)
        duration(«string».trim())
        duration(«string»)
        «list:duration».sum()
    """,
    "timestamp": """
        («timestamp» + «duration»)
        timestamp(«string».trim())
        timestamp(«string»)
        «list:timestamp».max()
    """,
    "list": """
        («list:?» + «list:?»)
        [«?»]
        [«?», «?»]
        «list:?».reverse()
        «list:?».distinct()
        «list:?».slice(1, 3)
        «list:?».slice(«int», 5)
        «list:?».slice(5, 2)
        [«list:?», «list:?»].flatten()
        «list:list:?».flatten()
        «filter»
        «filter»
        «map2»
        «map2»
        «map3»
        «transformList3»
        «transformList4»
        «sortBy»
        «map:list:?».a
        «list:list:?»[0]
        «list:list:?»[«int»]
    """,
    "list:string": """
        «string».split(«string»)
        «string».split(«string», «int»)
        «string».split(',', 3)
        «string».split(',', -1)
        «string».findAll(«string»)
        «string».findAll(«string», 2)
        «list:string».sort()
        «url».getQuery()['a']
        «map:int».map(k, k)
        format.uri().validate(«string»).value()
    """,
    "list:bytes": "«list:bytes».sort()",
    "list:int": """
        lists.range(«int»)
        lists.range(10)
        «list:int».sort()
    """,
    "map": """
        {'a': «?»}
        {«string»: «?», «string»: «?»}
        «transformMap3»
        «transformMap4»
        «transformMapEntry3»
        «transformMapEntry4»
        «list:map:?»[0]
    """,
    "optional": """
        optional.of(«?»)
        optional.ofNonZeroValue(«?»)
        optional.none()
        «optional:?».or(«optional:?»)
        «list:?»[?«int»]
        «list:?».first()
        «list:?».last()
        «map:?»[?«string»]
        «map:?».?a
        «optMap»
        «optFlatMap»
    """,
    "ip": """
        ip(«string»)
        «cidr».ip()
    """,
    "cidr": """
        cidr(«string»)
        «cidr».masked()
    """,
    "url": "url(«string»)",
    "quantity": """
        quantity(«string»)
        «quantity».add(«quantity»)
        «quantity».sub(«int»)
    """,
    "semver": "semver(«string»)",
    "dyn": """
        dyn(«=»)
        dyn(«list:=»)
        dyn(«map:=»)
        («dyn» + «dyn»)
        «dyn»[«int»]
        «dyn».a
        «dyn».sort()
        «dyn».filter(d, «bool»)
        «dyn».map(d, d)
        («bool» ? dyn(«int») : dyn(«string»))
    """,
}

CONSTANTS: dict[str, list[str]] = {
    "bool": ["true", "false"],
    "int": ["0", "1", "-1", "7", "3000000"],
    "double": ["1.5", "0.0"],
    "string": TEXTS,
    "bytes": ["b''", "b'abc'", r"b'\xff\x00'"],
    "duration": ["duration('1h')"],
    "timestamp": ["timestamp('2026-01-01T00:00:00Z')"],
    "ip": ["ip('10.0.0.1')"],
    "cidr": ["cidr('10.0.0.0/8')"],
    "url": ["url('https://a.example.org/b')"],
    "quantity": ["quantity('1Gi')"],
    "semver": ["semver('1.2.3')"],
    "dyn": ["dyn(1)", "dyn('a')", "dyn([1, 2])"],
}

# Of each loop: the macro, how many variables, and the types of what follows them.
LOOPS: dict[str, tuple[str, int, str]] = {
    "all": ("all", 1, "bool"),
    "exists": ("exists", 1, "bool"),
    "exists_one": ("exists_one", 1, "bool"),
    "all2": ("all", 2, "bool"),
    "exists2": ("exists", 2, "bool"),
    "existsOne2": ("existsOne", 2, "bool"),
    "map2": ("map", 1, "?"),
    "map3": ("map", 1, "bool ?"),
    "transformList3": ("transformList", 2, "?"),
    "transformList4": ("transformList", 2, "bool ?"),
    "transformMap3": ("transformMap", 2, "?"),
    "transformMap4": ("transformMap", 2, "bool ?"),
    "transformMapEntry3": ("transformMapEntry", 2, "map:?"),
    "transformMapEntry4": ("transformMapEntry", 2, "bool map:?"),
}


class Expressions:
    """Draws expressions of a type, of what the variables hold."""

    def __init__(self, source: random.Random, variables: dict[str, Type]) -> None:
        self.source = source
        self.variables = variables
        self.loops = 0

    def of(self, ty: Type, depth: int) -> str:
        held = self.held(ty)
        if depth <= 0:
            return self.source.choice(held) if held else self.constant(ty, depth)
        choice = self.source.random()
        if held and choice < 0.35:
            return self.source.choice(held)
        if choice < 0.42:
            return f"({self.of('bool', depth - 1)} ? {self.of(ty, depth - 1)} : {self.of(ty, depth - 1)})"
        if choice < 0.47 and spelled(ty) != "optional":
            return f"{self.of(('optional', ty), depth - 1)}.orValue({self.of(ty, depth - 1)})"
        ways = WAYS_OF.get(name_of(ty), []) + WAYS_OF.get(spelled(ty), []) * (isinstance(ty, tuple))
        return self.written(self.source.choice(ways), ty, depth - 1) if ways else self.constant(ty, depth)

    def constant(self, ty: Type, depth: int) -> str:
        if isinstance(ty, str):
            return self.source.choice(CONSTANTS[ty])
        inner = [self.of(ty[1], depth - 1) for _ in range(self.source.randint(0, 2))] if ty[0] != "object" else []
        if ty[0] == "list":
            return f"[{', '.join(inner)}]"
        if ty[0] == "map":
            return "{" + ", ".join(f"'{key}': {value}" for key, value in zip("ab", inner, strict=False)) + "}"
        return f"optional.of({inner[0]})" if inner else "optional.none()"

    def held(self, ty: Type) -> list[str]:
        found = [path for name, of in self.variables.items() for path in paths(name, of, ty, 4)]
        return self.source.sample(found, min(3, len(found)))

    def written(self, way: str, ty: Type, depth: int) -> str:
        same = self.source.choice(ORDERED)
        out, rest = "", way
        while "«" in rest:
            before, _, rest = rest.partition("«")
            inner, _, rest = rest.partition("»")
            out += before + self.part(inner, same, ty, depth)
        return out + rest

    def part(self, inner: str, same: str, ty: Type, depth: int) -> str:
        if inner in LOOPS:
            name, count, parts = LOOPS[inner]
            over, holds = self.range()
            return self.loop(over, holds, name, count, [self.meant(part, same, ty) for part in parts.split()], depth)
        if inner == "filter":
            over = self.of(ty, depth)
            return self.loop(over, ty, "filter", 1, ["bool"], depth)
        if inner == "sortBy":
            over = self.of(ty, depth)
            return self.loop(over if over[0] != "{" else "[]", ty, "sortBy", 1, [same], depth)
        if inner in ("optMap", "optFlatMap"):
            of = self.source.choice(SCALARS)
            over = self.of(("optional", of), depth)
            result = ty[1] if inner == "optMap" else ty
            return self.loop(over, ("list", of), inner, 1, [result], depth)
        return self.of(self.meant(inner, same, ty), depth)

    def meant(self, text: str, same: str, ty: Type) -> Type:
        """`list:=`, and `?` for what the wanted type holds."""
        if text == "?":
            return ty[1]
        name, _, inner = text.partition(":")
        return (name, self.meant(inner, same, ty)) if inner else same if name == "=" else name

    def range(self) -> tuple[str, Type]:
        found = [one for name, ty in self.variables.items() for one in ranges(name, ty, 4)]
        if found and self.source.random() < 0.8:
            return self.source.choice(found)
        ty = (self.source.choice(["list", "map"]), self.source.choice(ORDERED))
        return self.of(ty, 1), ty

    def loop(self, over: str, of: Type, macro: str, count: int, parts: list[Type], depth: int) -> str:
        self.loops += 1
        names = [f"v{self.loops}", f"w{self.loops}"][:count]
        key: Type = "int" if of[0] == "list" else "string"
        kinds = [key, of[1]] if count == 2 else [of[1] if of[0] == "list" else key]
        before = self.variables
        self.variables = {**before, **dict(zip(names, kinds, strict=True))}
        inner = [self.of(part, depth) for part in parts]
        self.variables = before
        return f"{over}.{macro}({', '.join([*names, *inner])})"


def name_of(ty: Type) -> str:
    return ty if isinstance(ty, str) else ty[0]


def spelled(ty: Type) -> str:
    return ty if isinstance(ty, str) else f"{ty[0]}:{spelled(ty[1])}" if ty[0] != "object" else "object"


def paths(name: str, of: Type, wanted: Type, depth: int) -> list[str]:
    """Ways to a value of the wanted type from a variable."""
    found = [name] if of == wanted else []
    if isinstance(of, str) or not depth:
        return found
    if of[0] == "object":
        for field, ty in of[1].items():
            found += paths(f"{name}.{field}", ty, wanted, depth - 1)
            found += [f"{name}.?{field}"] if wanted == ("optional", ty) else []
            found += [f"has({name}.{field})"] if wanted == "bool" else []
        return found
    key = "0" if of[0] == "list" else "'a'"
    found += [f"{name}[?{key}]"] if wanted == ("optional", of[1]) else []
    return found + paths(f"{name}[{key}]", of[1], wanted, depth - 1)


def ranges(name: str, of: Type, depth: int) -> list[tuple[str, Type]]:
    """Lists and maps below a variable."""
    if isinstance(of, str) or not depth:
        return []
    if of[0] == "object":
        return [one for field, ty in of[1].items() for one in ranges(f"{name}.{field}", ty, depth - 1)]
    key = "0" if of[0] == "list" else "'a'"
    return [(name, of)] * 2 + ranges(f"{name}[{key}]", of[1], depth - 1)


WAYS_OF = {name: [line.strip() for line in lines.splitlines() if line.strip()] for name, lines in WAYS.items()}

if __name__ == "__main__":
    main()
