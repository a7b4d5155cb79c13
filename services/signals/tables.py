"""Every table of signals and subscriptions: what a migration creates on PostgreSQL and a start on SQLite.

Unlike a read model these are never made anew: what was numbered and delivered stays as it is. Nothing in them is
personal: ids, codes, positions, days and names of types.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, SmallInteger, String, Table, Uuid

metadata = MetaData()

signals: Final = Table(
    "signal",
    metadata,
    Column("recipient", String(80), primary_key=True, comment='an organisation: "la:855", "ods:QJK", "urn:199101"'),
    Column("number", BigInteger, primary_key=True, autoincrement=False, comment="recipientsequence: 1, 2, 3, no gap"),
    Column("event", Uuid, nullable=False),
    Column("position", BigInteger, nullable=False, comment="versionid: how much of the log the signal tells of"),
    Column("time", BigInteger, nullable=False, comment="microseconds since the epoch, UTC"),
    Column("type", String(60), nullable=False),
    Column("plan", Uuid, nullable=False),
    Column("version", Integer, nullable=False, comment="the number of the final text that it is about; 0 for none"),
    Column("draft", Integer, nullable=False, comment="the number of the served draft that it is about; 0 for none"),
    Column("relation", String(40), nullable=False, comment="in which relation the recipient is told"),
    Column("sections", String(60), nullable=False, comment="for filters: sections that changed, as ,B,F,"),
    Column("commissioners", String(200), nullable=False, comment="for filters: ODS codes, as ,QJK,"),
    Index("signal_once", "recipient", "event", unique=True),
    Index("signal_position", "recipient", "position"),
    Index("signal_plan", "plan"),
    comment="One row for each recipient of an event; written once, never changed",
)

recipients: Final = Table(
    "signal_recipient",
    metadata,
    Column("recipient", String(80), primary_key=True),
    Column("last", BigInteger, nullable=False),
    comment="The last number of each recipient; whoever numbers holds the row until the rows are committed",
)

lanes: Final = Table(
    "signal_lane",
    metadata,
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("erasures", Integer, nullable=False, comment="how many entries of the erasure register were followed"),
    Column(
        "turn",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="since when the edition of the access matrix counts that was followed last, microseconds; 0: the first",
    ),
    Column("turned", Uuid, nullable=True, comment="up to which plan that was done; null when it was for all of them"),
    comment="Up to which position of the log each lane is routed; moved with the rows, or not at all",
)

parties: Final = Table(
    "signal_party",
    metadata,
    Column("plan", Uuid, primary_key=True),
    Column("recipient", String(80), primary_key=True),
    Column("relation", String(40), nullable=False),
    comment="Who is told of a plan: when one of them may not know any more, it is told that",
)

due: Final = Table(
    "signal_due",
    metadata,
    Column("plan", Uuid, primary_key=True),
    Column("day", String(10), nullable=False),
    Index("signal_due_day", "day"),
    comment="The next civil date on which somebody's entitlement begins or ends without an event",
)

parked: Final = Table(
    "signal_parked",
    metadata,
    Column("plan", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("error", String(80), nullable=False),
    Column("retry", SmallInteger, nullable=False),
    comment="Plans that the router leaves alone since the event at a position could not be routed",
)

subscriptions: Final = Table(
    "subscription",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("recipient", String(80), nullable=False),
    Column("client", String(200), nullable=False, comment="who asked for it: the token's subject ..."),
    Column("issuer", String(2000), nullable=False, server_default="", comment="... and issuer; empty: before 0020"),
    Column("role", String(40), nullable=False, comment="the role of whoever asked: what it may see is asked for it"),
    Column("channel", String(10), nullable=False),
    Column("target", String(500), nullable=False, comment="where to: a webhook's address; empty for the feed"),
    Column("filters", String(4000), nullable=False, comment="JSON: what it is narrowed to"),
    Column("sealed", LargeBinary, nullable=True, comment="a webhook's secrets, sealed"),
    Column("begun", BigInteger, nullable=False, comment="microseconds since the epoch, UTC"),
    Column("ended", BigInteger, nullable=False, comment="likewise; 0 while it runs"),
    Index("subscription_recipient", "recipient"),
)

deliveries: Final = Table(
    "subscription_delivery",
    metadata,
    Column("subscription", Uuid, primary_key=True),
    Column("number", BigInteger, nullable=False, comment="the last recipientsequence that is dealt with"),
    Column(
        "delivered", BigInteger, nullable=False, comment="when something was delivered last, microseconds; 0: never"
    ),
    Column("attempts", Integer, nullable=False, comment="how often the next one has failed already"),
    Column("failures", BigInteger, nullable=False, comment="how many attempts have failed in all"),
    Column("error", String(60), nullable=False, comment="why the last attempt failed, a code of ours"),
    Column("next_at", BigInteger, nullable=False, comment="not before this moment, microseconds"),
    comment="How far each subscription that is delivered to has come",
)

dead_letters: Final = Table(
    "subscription_dead_letter",
    metadata,
    Column("subscription", Uuid, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("error", String(60), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("since", BigInteger, nullable=False, comment="microseconds since the epoch, UTC"),
    Column("replay", SmallInteger, nullable=False, comment="1: to be sent again"),
    comment="Signals that a subscriber did not take, until they are sent again",
)

publications: Final = Table(
    "publication",
    metadata,
    Column("log", String(100), primary_key=True, comment='"plan-events", "plan-state", "signals.la:855"'),
    Column("position", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False, comment="when that was noted, microseconds since the epoch, UTC"),
    comment="How far each log was in Kafka when its publisher last said so; what counts is kept in Kafka itself",
)

messages: Final = Table(
    "mesh_message",
    metadata,
    Column("message", String(80), primary_key=True, comment="MESH's id of the message"),
    Column("kind", String(20), primary_key=True, comment="sent, acknowledged, not-delivered"),
    Column("subscription", Uuid, nullable=False),
    Column("number", BigInteger, nullable=False, comment="the recipientsequence of the signal that it carries"),
    Column("code", String(20), nullable=False, comment="MESH's own code of why it was given up"),
    Column("at", BigInteger, nullable=False, comment="microseconds since the epoch, UTC"),
    Column("position", BigInteger, nullable=False, unique=True, comment="of the event in the log of deliveries"),
    Index("mesh_message_subscription", "subscription", "kind"),
    comment="What became of messages in MESH, folded from the log of deliveries",
)
