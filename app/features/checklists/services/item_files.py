"""Files with the items of a draft: the document of the basis, the text of the rules, a chart, a form to be used."""

from __future__ import annotations

import hashlib

from app.domain.errors import broken
from app.domain.formspec.spec import MOST_ATTACHMENTS
from app.domain.rights import Resource, Verb
from app.features.checklists.models import ListFile, ListItem
from app.features.checklists.queries.item_files import ids_of
from app.features.checklists.rules import writing
from app.features.checklists.services.drafting import remove_unnamed, require_open
from app.features.checklists.words import FILE_KINDS
from app.features.forms.services.attaching import kind_of, named
from app.kit import access
from app.kit.audit import acting
from app.kit.db import db, transaction


def attach_file(item: ListItem, kind: str, name: str, content: bytes) -> ListFile:
    """A file put with an item of a draft; later versions of the list keep it with the item.

    Errors: list.in_force, change.laid_before, list.unknown_file_kind, list.too_many_files, attachment.empty,
            attachment.too_large, attachment.bad_kind; NotAllowed.
    """
    draft = item.governance_list
    require_open(draft)
    if kind not in FILE_KINDS:
        raise broken("list.unknown_file_kind", "kind")
    content_type, endings = kind_of(content, "file")
    if len(item.files or ()) >= MOST_ATTACHMENTS:
        raise broken("list.too_many_files", "file", most=MOST_ATTACHMENTS)
    with transaction(), acting("checklists.attach_file"), writing():
        found = ListFile(
            unit=draft.unit,
            name=named(name, endings),
            content_type=content_type,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
        )
        db.session.add(found)
        db.session.flush()
        item.files = [*(item.files or ()), {"id": found.id, "kind": kind, "name": found.name, "size": found.size}]
        db.session.flush()
    return found


def detach_file(item: ListItem, file_id: int) -> None:
    """A file taken off an item of a draft; it goes for good where no other version names it.

    Errors: list.in_force, change.laid_before; NotAllowed.
    """
    require_open(item.governance_list)
    if file_id not in ids_of([item]):
        raise access.NotAllowed(Resource.LISTS, Verb.IMPORT, hidden=True)
    with transaction(), acting("checklists.detach_file"), writing():
        item.files = [one for one in item.files or () if one["id"] != file_id]
        db.session.flush()
        remove_unnamed(item.governance_list, [file_id])
