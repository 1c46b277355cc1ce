"""Which findings have an obvious edit of the spec, and that edit; the rest are decisions."""

from collections.abc import Callable
from typing import Any

from ruamel.yaml.comments import CommentedMap

from generator.contract.lint.rules.schemas import PLAIN
from generator.contract.load import Pointer
from generator.drift.apply.yaml_edit import YamlText, flow, put_after, put_item
from generator.drift.compare.claims import IMAGE_KEYS, Claims
from generator.drift.compare.findings import Finding, plain, show
from generator.drift.facts import SCHEMA_KEYS, Facts, Statement

IMAGE_WORDS = {key: word for word, key in IMAGE_KEYS.items() if key != "sameSizeAs"}
_OF_LISTS = {"used", "maxTotalBytes"}
# How a call is made (its address, method, host, form, key) concerns every model: that is decided.
_EDITED = {"request", "response", "code"}
# The order of the keywords of a field in the spec.
ORDER = (
    *("type", "format", "description", "enum", "x-enum-varnames", "minLength", "maxLength", "minimum"),
    *("maximum", "multipleOf", "pattern", "items", "minItems", "maxItems", "x-image", "default", "examples"),
)


class Editor:
    """Applies findings to the text of the spec."""

    def __init__(self, tree: YamlText, claims: Claims, facts: Facts) -> None:
        self.tree = tree
        self.claims = claims
        self.facts = facts

    def apply(self, finding: Finding) -> str | None:
        """Edit the spec as `finding` asks and say what was done; None when that is a decision."""
        page = finding.values[0]
        edit: Callable[[Finding], str | None]
        if finding.subject.part not in _EDITED:
            return None
        if finding.id == "field-only-in-docs":
            edit = self._field
        elif finding.id in ("code-changed", "code-only-in-docs"):
            edit = self._code
        elif finding.id in ("option-changed", "option-only-in-docs", "option-only-in-spec"):
            edit = self._option
        elif finding.id.endswith(("-changed", "-only-in-docs")) and page is not None:
            edit = self._value
        else:
            return None
        return edit(finding)

    def _value(self, finding: Finding) -> str | None:
        """A limit or a default."""
        page, spec = finding.values
        key = finding.subject.key
        if key not in (*SCHEMA_KEYS, *IMAGE_WORDS):
            return None
        schema: CommentedMap = self.tree.at(self._schema(finding.subject.part, finding.path))
        if key in SCHEMA_KEYS:
            put(schema, key, _written(page))
        else:
            if "x-image" not in schema:
                put(schema, "x-image", CommentedMap())
            schema["x-image"][IMAGE_WORDS[key]] = _written(page)
        was = "" if spec is None else f", was {show(spec)}"
        return f"{finding.path}: {key} is {show(page)}{was}"

    def _option(self, finding: Finding) -> str | None:
        """One option of a list the spec has already, and its name where options are named."""
        page, spec = finding.values
        if not self.claims.get(finding.subject.part, finding.path, "option") or isinstance(page, list):
            return None
        schema: CommentedMap = self.tree.at(self._schema(finding.subject.part, finding.path))
        options, names = schema["enum"], schema.get("x-enum-varnames")
        at = [plain(option) for option in options].index(str(spec)) if spec is not None else len(options)
        if spec is not None:
            del options[at]
            if names is not None:
                del names[at]
        if page is not None:
            put_item(options, at, page)
            if names is not None:
                put_item(names, at, _variable(plain(page)))
        done = [f"option {show(spec)} is gone"] * (spec is not None) + [f"option {show(page)} is new"] * (
            page is not None
        )
        return f"{finding.path}: {', '.join(done)}"

    def _code(self, finding: Finding) -> str | None:
        """A new body code; what it means for a create is assumed to be the worst."""
        code = int(finding.values[0])
        claim = self.claims.get("code", "code", "name")
        assert claim
        table = self.tree.at(claim.pointer[:-1])
        codes = [int(known) for known in table["enum"]]
        at = sum(known < code for known in codes)
        put_item(table["enum"], at, code)
        put_item(table["x-enum-varnames"], at, f"CODE_{code}")
        meaning = self.facts.first("code", str(code), "meaning") or "not documented"
        entry = CommentedMap(
            meaning=meaning, exception=f"Code{code}Error", create="unknown", charged="unclear"
        )
        below = [known for known in table["x-codes"] if int(known) < code]
        put_after(table["x-codes"], below[-1] if below else None, str(code), entry)
        return (
            f"code: {code} is new; a create that gets it counts as perhaps paid until you decide, "
            "and `make test` asks for recordings of it"
        )

    def _field(self, finding: Finding) -> str | None:
        """A field with all that the page says of it; one with members of its own is a decision."""
        said = self.facts.of(finding.subject.part, finding.path)  # type: ignore[arg-type] # a part, kept as text
        schema = field_schema(self.facts, said)
        parent, _, name = finding.path.rpartition(".")
        if schema is None or (parent and not self.claims.get(finding.subject.part, parent, "type")):
            return None
        owner: CommentedMap = self.tree.at(self._schema(finding.subject.part, parent))
        order = self._order(finding.subject.part, parent)
        before = [member for member in order[: order.index(name)] if member in owner["properties"]]
        put_after(owner["properties"], before[-1] if before else None, name, schema)
        if any(s.key == "required" and s.value for s in said):
            put_item(owner["required"], len(owner["required"]), name)
        return f"{finding.path}: a new field"

    def _order(self, part: str, parent: str) -> list[str]:
        """The names of the members of `parent`, in the order of the page."""
        paths = (s.path for s in self.facts.statements if s.part == part and s.key == "name")
        return [path.rpartition(".")[2] for path in paths if path.rpartition(".")[0] == parent]

    def _schema(self, part: str, path: str) -> Pointer:
        """Where the schema of a field stands."""
        if path:
            claim = self.claims.get(part, path, "type")
            assert claim
            return claim.pointer[:-1]
        first = self.claims.get(part, self.claims.paths(part)[0], "name")
        assert first
        return first.pointer[:-2]


def put(schema: CommentedMap, keyword: str, value: Any) -> None:
    """Set a keyword of a field, a new one where the spec's order has it."""
    rank = ORDER.index(keyword)
    before = [known for known in schema if known in ORDER and ORDER.index(known) < rank]
    put_after(schema, before[-1] if before else None, keyword, value)


def field_schema(facts: Facts, said: list[Statement]) -> CommentedMap | None:
    """What a page says of a new field, as a schema in the style of the spec; None for an object."""
    stated: dict[str, Any] = {}
    for statement in said:
        stated.setdefault(statement.key, statement.value)
    kind = stated.get("type", {"type": "string"})
    inner = kind.get("items", {}).get("type") if kind["type"] == "array" else kind["type"]
    if inner in ("object", "array", None):
        return None
    options = [s.value for s in said if s.key == "option"]
    words = [s.quote for s in facts.of("text", said[0].path, "text")]
    found: dict[str, Any] = {
        **{key: CommentedMap(value) if key == "items" else value for key, value in kind.items()},
        "description": " ".join(words) or "The page says nothing about its purpose.",
        **option_keywords(options),
        **{key: _written(stated[key]) for key in SCHEMA_KEYS if key in stated},
        "x-image": _image(facts, said[0].path, stated),
        "examples": flow([stated["example"]]) if "example" in stated else None,
    }
    schema = CommentedMap()
    for keyword in ORDER:
        if found.get(keyword) is not None:
            schema[keyword] = found[keyword]
    return schema


def option_keywords(options: list[Any]) -> dict[str, Any]:
    """The options of a field, with names for them where one of them is no name itself."""
    if not options:
        return {}
    named = all(PLAIN.fullmatch(plain(option)) for option in options)
    names = {} if named else {"x-enum-varnames": flow([_variable(plain(option)) for option in options])}
    return {"enum": flow(options), **names}


def _image(facts: Facts, path: str, stated: dict[str, Any]) -> CommentedMap | None:
    """The limits of a picture; what it is for shows in its name."""
    single = stated.get("type", {}).get("type") != "array"
    limits = {
        word: _written(stated[key])
        for key, word in IMAGE_WORDS.items()
        if key in stated and not (key in _OF_LISTS and single)
    }
    if not limits:
        return None
    image = CommentedMap({"role": _role(path), **limits})
    others = [s.path for s in facts.of("request", key="name") if s.path != path]
    partner = {"mask": "mask", "image": "picture"}.get(stated.get("sameSizeAs", ""))
    same = [
        other.rpartition(".")[2] for other in others if _role(other) == partner and other.endswith("_url")
    ]
    if same:
        image["same-size-as"] = same[0]
    return image


def _role(path: str) -> str:
    return "mask" if "mask" in path else "reference" if "reference" in path else "picture"


def _written(value: Any) -> Any:
    return flow(value) if isinstance(value, list) else value


def _variable(option: str) -> str:
    """A name for an option, as an enum member."""
    name = "".join(letter if letter.isalnum() else "_" for letter in option).upper()
    return f"VALUE_{name}" if name[:1].isdigit() else name
