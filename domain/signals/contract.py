"""The published form of signals: a JSON Schema for each type, and an AsyncAPI 3 document of the ways they travel.

Generated from the types, so that neither can say something else than what is sent.
"""

from typing import Any, Final

from domain.signals.types import WITHDRAWN, SignalType, SignalTypes

BASE: Final = "https://ehcp-exchange.example/schemas/signals/"
MEDIA_TYPE: Final = "application/cloudevents+json"
_UUID: Final = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"

JsonObject = dict[str, Any]

ATTRIBUTES: Final[JsonObject] = {
    "specversion": {"const": "1.0"},
    "id": {
        "type": "string",
        "pattern": _UUID,
        "description": "The event's id, the same by every channel: a repeated one is to be ignored.",
    },
    "source": {"type": "string", "format": "uri-reference", "minLength": 1, "description": "The platform."},
    "type": {"type": "string"},
    "subject": {
        "type": "string",
        "pattern": _UUID,
        "description": "The plan's random id. It says nothing of the child.",
    },
    "time": {"type": "string", "format": "date-time", "description": "When the event was recorded, in UTC."},
    "versionid": {
        "type": "string",
        "pattern": "^[0-9]{1,10}$",
        "description": (
            "How much of the history the signal tells of. Never falls within a plan: of two signals about it, the "
            "lower one is older news."
        ),
    },
    "recipientsequence": {
        "type": "integer",
        "minimum": 1,
        "description": "Counts the recipient's signals: 1, 2, 3. A gap is a signal that was missed, or filtered out.",
    },
    "dataref": {
        "type": "string",
        "format": "uri",
        "description": "Where the recipient fetches what the signal is about, as it was then. Take the plan's address"
        " without its query for the present state.",
    },
}
"""Every attribute that a signal can have; there is no other, and none holds content."""


def attributes_of(kind: SignalType) -> tuple[str, ...]:
    """The attributes that a type of signal has: one that ends access leads nowhere."""
    return tuple(name for name in ATTRIBUTES if name != "dataref" or kind.type != WITHDRAWN)


def signal_schema(kind: SignalType) -> JsonObject:
    """The JSON Schema of one type of signal."""
    properties = {name: dict(ATTRIBUTES[name]) for name in attributes_of(kind)}
    properties["type"] = {"const": kind.type}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{BASE}{kind.type}.schema.json",
        "title": kind.title,
        "description": "A CloudEvent 1.0 in the shape of NHS England's Multicast Notification Service, no content.",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def asyncapi(types: SignalTypes) -> JsonObject:
    """The AsyncAPI 3 document: webhooks and topics, and every message that comes by them."""
    messages = {
        kind.type: {
            "name": kind.type,
            "title": kind.title,
            "contentType": MEDIA_TYPE,
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": f"./{kind.type}.schema.json"},
            },
            "bindings": {"kafka": {"key": ATTRIBUTES["subject"], "bindingVersion": "0.5.0"}},
        }
        for kind in types.types
    }
    every = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "EHCP Exchange: signals",
            "version": "1.0.0",
            "description": "That something happened to a plan, and where to fetch it. The same signals come by every"
            " channel, with the same ids in the same order; GET /v1/feed is the baseline that every installation has.",
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": {
            "webhook": {
                "address": None,
                "title": "A subscriber's webhook",
                "description": "POST to the address of the subscription, with the headers of Standard Webhooks.",
                "messages": every,
            },
            "topic": {
                "address": "ehcp.signals.v1.{kind}.{code}",
                "title": "A council's or an NHS body's topic",
                "description": "One partition, so that the numbers of one recipient stay in order.",
                "parameters": {
                    "kind": {"description": "la for a council, ods for an NHS body.", "enum": ["la", "ods"]},
                    "code": {"description": "The council's LA code, or the ODS code."},
                },
                "messages": every,
                "bindings": {"kafka": {"partitions": 1, "bindingVersion": "0.5.0"}},
            },
        },
        "operations": {
            "sendToWebhook": {
                "action": "send",
                "channel": {"$ref": "#/channels/webhook"},
                "bindings": {"http": {"method": "POST", "bindingVersion": "0.3.0"}},
            },
            "publishToTopic": {"action": "send", "channel": {"$ref": "#/channels/topic"}},
        },
        "components": {"messages": messages},
    }
