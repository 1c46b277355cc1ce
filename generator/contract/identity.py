"""The identity of the package: what `x-package` declares, and the defaults of the rest."""

from hashlib import sha256
from typing import Any

from generator.contract.model import PackageIdentity
from generator.contract.names import snake


def identity(declared: dict[str, Any]) -> PackageIdentity:
    """Return the names that `x-package` declares, each with its default."""
    module, client = declared["module"], declared["client"]
    name = declared.get("name", snake(client))
    former = declared.get("former-names", {})
    distribution = declared.get("distribution", module.replace("_", "-"))
    return PackageIdentity(
        module=module,
        client=client,
        name=name,
        distribution=distribution,
        command=declared.get("command", distribution),
        base_error=declared.get("base-error", f"{client}Error"),
        user_agent=declared.get("user-agent", distribution),
        environment=declared.get("environment", f"{name.upper()}_"),
        callback_parameter=declared.get("callback-parameter", f"{name}-submission"),
        journal_id=_journal_id(declared.get("journal-id", ""), module),
        former_arguments={old: tuple(names) for old, names in former.get("arguments", {}).items()},
        former_attributes=former.get("attributes", {}),
        former_commands=former.get("commands", {}),
        former_options=former.get("options", {}),
    )


def _journal_id(letters: str, module: str) -> int:
    """Return the number that four letters are in ASCII; by default one that depends on the module's name."""
    content = letters.encode() or sha256(module.encode()).digest()[:4]
    # SQLite's number has a sign.
    return int.from_bytes(content) & 0x7FFFFFFF
