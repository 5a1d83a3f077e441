"""Artifacts: by key, one version in full, tagged and deleted."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from jupyter_mlops.api import encode, previews
from jupyter_mlops.api.context import Context, together
from jupyter_mlops.library import ArtifactHandle, kind_of

_FIELDS = ("uid", "key", "kind", "size", "hash", "type", "created", "run", "function")
_ROWS = """
    SELECT a.uid, a.key, a.kind, a.size, a.hash, a.type, epoch(a.created), a.run, r.function
    FROM artifacts a LEFT JOIN runs r ON r.id = a.run WHERE {where} ORDER BY a.created DESC, a.uid DESC
"""
_LATEST = "a.uid IN (SELECT artifact FROM artifact_tags WHERE tag = 'latest')"
_COUNTS = "SELECT key, count(*) FROM artifacts GROUP BY key"
_TAGS = "SELECT artifact, tag FROM artifact_tags WHERE artifact IN (SELECT unnest($1::VARCHAR[])) ORDER BY tag"
_ALL_TAGS = "SELECT key, tag FROM artifact_tags ORDER BY key, tag"
_CONSUMERS = """
    SELECT r.id, r.name, r.function, r.state, epoch(r.created) FROM runs r
    WHERE r.id IN (SELECT run FROM run_inputs WHERE artifact = ?) ORDER BY r.id DESC LIMIT 200
"""
_VERSIONS = 200


class List(Struct, forbid_unknown_fields=True, kw_only=True):
    """Of a kind, and with words in key, kind, type or tags."""

    kind: str | None = None
    query: str = ""


class One(Struct, forbid_unknown_fields=True, kw_only=True):
    """A version by its uid."""

    uid: str


class Tag(Struct, forbid_unknown_fields=True, kw_only=True):
    """A version, and a name for it."""

    uid: str
    tag: str


@together
def every(context: Context, args: List) -> dict[str, Any]:
    catalog = context.project.library.catalog
    wanted, given = [_LATEST], []
    if args.kind:
        wanted.append("a.kind = ?")
        given.append(kind_of(args.kind))
    latest = rows(context, " AND ".join(wanted), given)
    counts = dict(catalog.query(_COUNTS))
    tags: dict[str, list[str]] = {}
    for key, tag in catalog.query(_ALL_TAGS):
        tags.setdefault(key, []).append(tag)
    groups = [
        {
            "key": row["key"],
            "kind": row["kind"],
            "versions": counts.get(row["key"], 1),
            "tags": tags.get(row["key"], []),
            "latest": row,
        }
        for row in latest
    ]
    return {"groups": [group for group in groups if _fits(group, args.query)]}


def _fits(group: dict[str, Any], query: str) -> bool:
    text = " ".join(
        [group["key"], group["kind"], group["latest"]["type"] or "", group["latest"]["function"] or "", *group["tags"]]
    )
    return all(word in text.lower() for word in query.lower().split())


def rows(context: Context, where: str, given: list[Any]) -> list[dict[str, Any]]:
    """Return versions as rows, newest first."""
    catalog = context.project.library.catalog
    found = [dict(zip(_FIELDS, row, strict=True)) for row in catalog.query(_ROWS.format(where=where), given)]
    tags: dict[str, list[str]] = {}
    for uid, tag in catalog.query(_TAGS, [[row["uid"] for row in found]]) if found else ():
        tags.setdefault(uid, []).append(tag)
    project = context.project.name
    return [
        {
            **row,
            "size": row["size"] or 0,
            "type": encode.cut(row["type"] or ""),
            "tags": tags.get(row["uid"], []),
            "uri": f"store://{row['kind']}/{project}/{row['key']}^{row['uid']}",
        }
        for row in found
    ]


def one(context: Context, args: One) -> dict[str, Any]:
    # at once, as another may just be deleting it
    artifact, versions, consumers = context.project.library.catalog.together(lambda: _known(context, args.uid))
    return {
        **next(row for row in versions if row["uid"] == artifact.uid),
        "labels": {key: encode.cut(value) for key, value in artifact.labels.items()},
        "meta": encode.plain(artifact.meta),
        "preview": previews.kind_of(artifact),
        "mime": previews.mime_of(artifact),
        "filename": previews.filename(artifact),
        "whole": is_whole(artifact),
        "versions": versions[:_VERSIONS],
        "consumers": [
            dict(zip(("run", "name", "function", "state", "created"), consumer, strict=True)) for consumer in consumers
        ],
    }


def _known(context: Context, uid: str) -> tuple[ArtifactHandle, list[dict[str, Any]], list[tuple[Any, ...]]]:
    """Return a version, the rows of all versions of its key, and the runs that read it."""
    artifact = context.project.artifact_by_uid(uid)
    versions = rows(context, "a.key = ?", [artifact.key])
    return artifact, versions, context.project.library.catalog.query(_CONSUMERS, [artifact.uid])


def is_whole(artifact: ArtifactHandle) -> bool:
    """Return whether the bytes are there, those of all files of a directory."""
    blobs = artifact.library.blobs
    try:
        if not blobs.has(artifact.hash):
            return False
        return not artifact.meta.get("directory") or all(blobs.has(stored.hash) for stored in blobs.files(artifact.hash).values())
    except Exception:  # a store that can't be asked, in whatever way its library says so
        return False


def tag(context: Context, args: Tag) -> dict[str, Any]:
    artifact = context.project.artifact_by_uid(args.uid).tag(args.tag)
    return {"tags": artifact.tags}


def untag(context: Context, args: Tag) -> dict[str, Any]:
    context.project.untag_artifact(args.uid, args.tag)
    return {"tags": context.project.artifact_by_uid(args.uid).tags}


def delete(context: Context, args: One) -> dict[str, Any]:
    context.project.delete_artifact(args.uid)
    return {"removed": args.uid}
