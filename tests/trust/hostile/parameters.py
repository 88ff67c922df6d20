"""Every place where text comes in from outside, found and not listed.

Names come from the forms and links of the pages that a crawl meets, from what the code asks of a request while it
answers, from the URL map and from the OpenAPI document. ``named_in_code`` reads the source for names that none of these
has met.
"""

from __future__ import annotations

import ast
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit
from uuid import UUID

from flask import request
from sqlalchemy import text
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import web
from tests.trust.hostile.clinic import NOBODY, PROGRAM, Caller, DryClinic, bare, written
from tests.trust.hostile.pages import Visited, endpoint_of
from tests.web.api.test_matches import FULL
from web import access

Pairs = tuple[tuple[str, str], ...]
CSRF, HOLE = "csrf_token", "\ue000"  # a letter that no address holds
TABLES = {"note_id": "handovers", "choice_id": "request_choices", "activation_id": "weights_activations",
          "therapist": "therapists", "therapist_key": "therapists"}  # fmt: skip
WORDS = {"link": "A" * 22, "token": "A" * 22, "version": "release", "topic": "style", "persona": "client",
         "filename": "rapport.css"}  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """One name under which one route takes text, and a whole request around it."""

    endpoint: str
    method: str
    where: str
    name: str
    kind: str
    caller: Caller
    path: str
    pairs: Pairs = ()
    document: str = ""

    @property
    def label(self) -> str:
        return f"{self.method} {self.endpoint}: {self.where} {self.name} ({self.caller.name})"

    def send(self, clinic: DryClinic, value: Any, times: int = 1) -> TestResponse:
        """The request with this value in its place; ``times`` in a row where names may be repeated."""
        if self.where == "json":
            body = written(_with(json.loads(self.document), self.name, value))
            return clinic.send(self.caller, self.method, self.path, data=body, content_type="application/json")
        if self.where == "header":
            return clinic.send(self.caller, self.method, self.path, headers={self.name: value})
        if self.where == "path":
            return clinic.send(
                self.caller, self.method, self.path.replace(HOLE, escaped(value)), data=_form(self.pairs)
            )
        pairs = [pair for pair in self.pairs if pair[0] != self.name] + [(self.name, value)] * times
        if self.where == "query":
            return clinic.send(self.caller, self.method, f"{self.path}?{_form(pairs)}")
        kind = "application/x-www-form-urlencoded"
        return clinic.send(self.caller, self.method, self.path, data=_form(pairs), content_type=kind)


def escaped(value: str) -> str:
    """A value as it stands in a path: what is no letter is escaped, half a letter too."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def _form(pairs: Sequence[tuple[str, Any]]) -> str:
    return "&".join(f"{quote_plus(n)}={quote_plus(str(v).encode('utf-8', 'surrogatepass'))}" for n, v in pairs)


def _with(document: Any, place: str, value: Any) -> Any:
    """A document with a value at a place such as ``intake.wishes.gender``; what is on the way is made."""
    changed, *ahead = deepcopy(document), *place.split(".")
    here = changed
    for step in ahead[:-1]:
        inner = here.get(step)
        here[step] = inner if isinstance(inner, dict) else {}
        here = here[step]
    here[ahead[-1]] = value
    return changed


class Asked(ImmutableMultiDict[str, str]):
    """What a request brought, which notes what it is asked for."""

    known: ClassVar[dict[tuple[str, str, str], set[str]]] = defaultdict(set)

    def _note(self, name: object) -> None:
        now = request._get_current_object()  # type: ignore[attr-defined]
        where = next((part for part in ("args", "form") if now.__dict__.get(part) is self), None)
        if where is not None and isinstance(name, str):
            self.known[now.endpoint or "", now.method, "query" if where == "args" else "form"].add(name)

    def get(self, key: Any, *rest: Any, **more: Any) -> Any:
        self._note(key)
        return super().get(key, *rest, **more)

    def getlist(self, key: Any, *rest: Any, **more: Any) -> Any:
        self._note(key)
        return super().getlist(key, *rest, **more)

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return super().__contains__(key)


def listen(clinic: DryClinic) -> None:
    """Note from now on what the code asks of its requests."""
    base = clinic.app.request_class
    clinic.app.request_class = type("Listening", (base,), {"parameter_storage_class": Asked})


def spots(clinic: DryClinic, everybody: Mapping[str, Caller], visited: Sequence[Visited]) -> list[Spot]:
    """Every place, each once a route, a method and a name."""
    found: dict[tuple[str, str, str, str], Spot] = {}
    for spot in (*_of_forms(clinic, visited), *_of_links(visited), *_of_document(clinic, everybody)):
        found.setdefault((spot.endpoint, spot.method, spot.where, spot.name), spot)
    keys = _keys(clinic, visited)
    for rule in clinic.app.url_map.iter_rules():
        for spot in (*_of_rule(rule, everybody, keys), *_asked_by(rule, clinic, everybody, keys, found)):
            found.setdefault((spot.endpoint, spot.method, spot.where, spot.name), spot)
    for spot in _of_code(clinic, everybody, keys, {(s.where, s.name) for s in found.values()}):
        found.setdefault((spot.endpoint, spot.method, spot.where, spot.name), spot)
    return list(found.values())


def _of_forms(clinic: DryClinic, visited: Sequence[Visited]) -> Iterator[Spot]:
    adapter = clinic.app.url_map.bind("localhost")
    for seen in visited:
        for form in seen.page.forms if seen.page else ():
            parts = urlsplit(form.action)
            endpoint, where = (
                endpoint_of(adapter, parts.path, form.method),
                "form" if form.method == "POST" else "query",
            )
            pairs = (*parse_qsl(parts.query, keep_blank_values=True), *form.fields) if where == "query" else form.fields
            for name, kind in form.kinds.items():
                yield Spot(endpoint, form.method, where, name, kind, seen.caller, parts.path, tuple(pairs))


def _of_links(visited: Sequence[Visited]) -> Iterator[Spot]:
    for seen in visited:
        parts = urlsplit(seen.address)
        pairs = tuple(parse_qsl(parts.query, keep_blank_values=True))
        for name, _ in pairs:
            yield Spot(seen.endpoint, "GET", "query", name, "text", seen.caller, parts.path, pairs)


def _keys(clinic: DryClinic, visited: Sequence[Visited]) -> dict[str, str]:
    """Names in addresses → a value that stands for something: one that a page names, or else a row of its table."""
    adapter, found = clinic.app.url_map.bind("localhost"), dict(WORDS)
    source = bare(clinic.url)
    names = {name for rule in clinic.app.url_map.iter_rules() for name in rule.arguments}
    with source.connect() as connection:
        for name in sorted(names - found.keys()):
            table = TABLES.get(name, name.removesuffix("_id") + "s")
            try:
                row = connection.execute(text(f"SELECT id FROM {table} LIMIT 1")).scalar()
            except Exception:
                row = None
            found[name] = str(UUID(row) if isinstance(row, str) else row or UUID(int=7))
    source.dispose()
    for seen in visited:
        for form in seen.page.forms if seen.page else ():
            path = urlsplit(form.action).path
            if endpoint_of(adapter, path, form.method):
                found |= {name: str(value) for name, value in adapter.match(path, method=form.method)[1].items()}
    return found


def path_of(rule: Rule, keys: Mapping[str, str], hole: str | None = None) -> str:
    """An address of a rule; ``hole`` names the part whose place is kept free."""

    def fill(found: re.Match[str]) -> str:
        kind, choices, name = found[1], found[2], found[3]
        return HOLE if name == hole else (choices.split(",")[0].strip() if kind == "any" else keys[name])

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>", fill, rule.rule)


def caller_of(rule: Rule, everybody: Mapping[str, Caller]) -> Caller:
    """Somebody whom a route lets in."""
    policy = access.ROUTES[rule.endpoint]
    name = PROGRAM if policy.scope else policy.roles[0] if policy.roles else "comes Maja" if policy.intake else NOBODY
    return everybody[name]


def _token(where: str) -> Pairs:
    from itsdangerous import URLSafeTimedSerializer

    from tests.trust.hostile.clinic import KEY

    return ((CSRF, str(URLSafeTimedSerializer(KEY, salt="wtf-csrf-token").dumps("0" * 40))),) if where == "form" else ()


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def _of_rule(rule: Rule, everybody: Mapping[str, Caller], keys: Mapping[str, str]) -> Iterator[Spot]:
    """The parts of an address, and the headers that are read."""
    caller = caller_of(rule, everybody)
    for method in _methods(rule):
        pairs = _token("form") if method == "POST" else ()
        for name in sorted(rule.arguments):
            yield Spot(rule.endpoint, method, "path", name, "text", caller, path_of(rule, keys, name), pairs)
    if rule.endpoint in {"api_v1.begin_proposal", "start.home", "people.sign_in"}:
        for header in ("Idempotency-Key", "Authorization", "Accept-Language"):
            yield Spot(rule.endpoint, _methods(rule)[-1], "header", header, "text", caller, path_of(rule, keys))


def _asked_by(
    rule: Rule, clinic: DryClinic, everybody: Mapping[str, Caller], keys: Mapping[str, str],
    found: Mapping[tuple[str, str, str, str], Spot],
) -> Iterator[Spot]:  # fmt: skip
    """What the code asks for: of requests that the crawl has sent, and of two more, the second with what was asked."""
    if rule.endpoint == "static" or access.ROUTES[rule.endpoint].scope:
        return
    caller, path = caller_of(rule, everybody), path_of(rule, keys)
    for method in _methods(rule):
        where = "form" if method == "POST" else "query"
        like = next((s for key, s in found.items() if key[:3] == (rule.endpoint, method, where)), None)
        base = like or Spot(rule.endpoint, method, where, CSRF, "text", caller, path, _token(where))
        for _ in range(2):
            clinic_answer = replace(base, name=CSRF).send(clinic, dict(base.pairs).get(CSRF, ""))
            assert clinic_answer.status_code < 500, (base.label, clinic_answer.status_code)
            more = [(n, "1") for n in sorted(Asked.known[rule.endpoint, method, where]) if n not in dict(base.pairs)]
            if not more:
                break  # the second would be the first
            base = replace(base, pairs=(*base.pairs, *more))
        for name in sorted(Asked.known[rule.endpoint, method, where]):
            yield replace(base, name=name, kind="text")
        for name in sorted(Asked.known[rule.endpoint, method, "query"]) if where == "form" else ():
            yield replace(base, where="query", name=name, kind="text", method=method)


def _of_code(
    clinic: DryClinic, everybody: Mapping[str, Caller], keys: Mapping[str, str], met: set[tuple[str, str]]
) -> Iterator[Spot]:
    """What only the source names: sent to every route of the feature in whose folder it stands."""
    for file, where, name in sorted(named_in_code()):
        if (where, name) in met:
            continue
        feature = file.split("/")[0]
        for rule in clinic.app.url_map.iter_rules():
            method = "POST" if where == "form" else "GET"
            if rule.endpoint.startswith(f"{feature}.") and method in (rule.methods or ()):
                caller, path = caller_of(rule, everybody), path_of(rule, keys)
                yield Spot(rule.endpoint, method, where, name, "text", caller, path, _token(where))


def _of_document(clinic: DryClinic, everybody: Mapping[str, Caller]) -> Iterator[Spot]:
    """Every field of every body, every part of a query and every header of the OpenAPI document."""
    document = clinic.send(everybody[NOBODY], "GET", "/api/v1/openapi.json").get_json()
    rules = {rule.rule: rule for rule in clinic.app.url_map.iter_rules()}
    adapter = clinic.app.url_map.bind("localhost")
    for path, operations in document["paths"].items():
        address = re.sub(r"\{\w+\}", str(UUID(int=7)), path)
        for method, operation in operations.items():
            if method.upper() not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                continue
            endpoint, caller = endpoint_of(adapter, address, method.upper()), everybody[PROGRAM]
            base = Spot(endpoint, method.upper(), "query", "", "text", caller, address)
            for said in operation.get("parameters", ()):
                if said["in"] in {"query", "header"}:
                    yield replace(base, where=said["in"], name=said["name"], kind=_kind(said.get("schema", {})))
            for schema in [s["schema"] for s in operation.get("requestBody", {}).get("content", {}).values()]:
                whole = json.dumps(sample(schema, document) | ({"intake": dict(FULL)} if "intake" in
                                   _resolved(schema, document).get("properties", {}) else {}))  # fmt: skip
                for name, kind in _fields(schema, document):
                    yield replace(base, where="json", name=name, kind=kind, document=whole)
    assert rules


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in schema or len(schema.get("allOf", ())) == 1:
        here = schema["$ref"].split("/")[1:] if "$ref" in schema else None
        schema = document if here else schema["allOf"][0]
        for step in here or ():
            schema = schema[step]
    return schema


def _fields(
    schema: Mapping[str, Any], document: Mapping[str, Any], at: str = "", deep: int = 0
) -> Iterator[tuple[str, str]]:
    schema = _resolved(schema, document)
    for inner in (schema, *schema.get("anyOf", ())):
        inner = _resolved(inner, document)
        for name, said in inner.get("properties", {}).items() if deep < 5 else ():
            yield f"{at}{name}", _kind(_resolved(said, document))
            yield from _fields(said, document, f"{at}{name}.", deep + 1)


def _kind(schema: Mapping[str, Any]) -> str:
    options = [schema, *schema.get("anyOf", ())]
    kinds = {option.get("type") for option in options}
    return "number" if kinds & {"integer", "number"} else "text" if "string" in kinds else "other"


def sample(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Any:
    """The least that a schema asks for, with its own examples."""
    schema = _resolved(schema, document)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("const", "default", "example"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("anyOf"):
        return sample(schema["anyOf"][0], document)
    if schema.get("type") == "object" or "properties" in schema:
        needed = schema.get("required", ())
        return {name: sample(schema["properties"][name], document) for name in needed}
    return {"array": [], "integer": 1, "number": 1.0, "boolean": True}.get(schema.get("type"), "x")


@cache
def named_in_code() -> set[tuple[str, str, str]]:
    """(file, where, name) of every name that the source asks of a query or a form by a literal."""
    found: set[tuple[str, str, str]] = set()
    for path in sorted(Path(web.__file__).parent.rglob("*.py")):
        where = path.relative_to(Path(web.__file__).parent).as_posix()
        for node in ast.walk(ast.parse(path.read_text())):
            for part, name in _literal(node):
                found.add((where, part, name))
    return found


def _literal(node: ast.AST) -> Iterator[tuple[str, str]]:
    """``request.form.get("x")``, ``request.args["x"]`` and ``"x" in request.args``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        source, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Subscript):
        source, key = node.value, node.slice
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        source, key = node.comparators[0], node.left
    else:
        return
    text_of = ast.unparse(source)
    if text_of in {"request.form", "request.args"} and isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield ("form" if text_of.endswith("form") else "query"), key.value
