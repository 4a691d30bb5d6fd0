"""The Arrow types of what cleaning adds to a record.

Owns: a schema that stays the same whatever a dump holds. Must not know: how anything is found.
"""

from __future__ import annotations

from typing import Any

from newsclean.fields import FIELDS


def added_types() -> dict[str, Any]:
    """The pyarrow types of `removals`, `fields` and `flags`."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    removal = pa.struct({"start": number, "end": number, "class": text, "rule": text})
    told = pa.struct({name: pa.list_(text) if many else text for name, many in FIELDS.items()})
    return {"removals": pa.list_(removal), "fields": told, "flags": pa.list_(text)}
