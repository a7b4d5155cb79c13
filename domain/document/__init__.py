"""The digital plan as a value: its twelve sections, its items and links, its changes, what is wrong with it.

Pure functions over JSON objects that validate against schemas/plan/1.0/plan.schema.json. Nothing here reads a
file, a clock or the network; every function leaves its inputs as they are.
"""

from domain.document.diff import differences, in_words
from domain.document.difference import Difference
from domain.document.golden_thread import golden_thread
from domain.document.health_text import LEGAL_TEXT_FIELDS, agreement_stands, text_hash
from domain.document.items import (
    AREAS,
    Item,
    Link,
    LinkedDeletion,
    deleted_but_linked,
    item_ids,
    items,
    linked_items,
    links,
    reused_ids,
)
from domain.document.json_values import MAX_DEPTH, JsonObject, TooDeep, canonical_json, pointer, same_json
from domain.document.masking import mask_section_i
from domain.document.merge import diff_patch, merge_patch
from domain.document.new_plan import PLAN_SCHEMA_ID, SCHEMA_VERSION, empty_document
from domain.document.plain_text import plain_text
from domain.document.quantity import quantity_in_words
from domain.document.reader_schema import reader_schema
from domain.document.sections import SECTION_KEYS, SECTIONS, Section, section_of
from domain.document.thread import ThreadFinding

__all__ = [
    "AREAS",
    "LEGAL_TEXT_FIELDS",
    "MAX_DEPTH",
    "PLAN_SCHEMA_ID",
    "SCHEMA_VERSION",
    "SECTIONS",
    "SECTION_KEYS",
    "Difference",
    "Item",
    "JsonObject",
    "Link",
    "LinkedDeletion",
    "Section",
    "ThreadFinding",
    "TooDeep",
    "agreement_stands",
    "canonical_json",
    "deleted_but_linked",
    "diff_patch",
    "differences",
    "empty_document",
    "golden_thread",
    "in_words",
    "item_ids",
    "items",
    "linked_items",
    "links",
    "mask_section_i",
    "merge_patch",
    "plain_text",
    "pointer",
    "quantity_in_words",
    "reader_schema",
    "reused_ids",
    "same_json",
    "section_of",
    "text_hash",
]
