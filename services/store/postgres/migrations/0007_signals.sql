-- Signals: rows numbered for each recipient without a gap, who is told of which plan, and subscriptions. Unlike the read
-- models they are never made anew, so they are with the record. Nothing in them is personal.

CREATE TABLE ehcp.signal (
    recipient VARCHAR(80) NOT NULL,
    number BIGINT NOT NULL,
    event UUID NOT NULL,
    position BIGINT NOT NULL,
    sequence INTEGER NOT NULL,
    time BIGINT NOT NULL,
    type VARCHAR(60) NOT NULL,
    plan UUID NOT NULL,
    version INTEGER NOT NULL,
    draft INTEGER NOT NULL,
    relation VARCHAR(40) NOT NULL,
    sections VARCHAR(60) NOT NULL,
    commissioners VARCHAR(200) NOT NULL,
    PRIMARY KEY (recipient, number)
);
CREATE UNIQUE INDEX signal_once ON ehcp.signal (recipient, event);
CREATE INDEX signal_plan ON ehcp.signal (plan);
CREATE INDEX signal_position ON ehcp.signal (recipient, position);

CREATE TABLE ehcp.signal_due (
    plan UUID NOT NULL,
    day VARCHAR(10) NOT NULL,
    PRIMARY KEY (plan)
);
CREATE INDEX signal_due_day ON ehcp.signal_due (day);

CREATE TABLE ehcp.signal_lane (
    lane SMALLINT NOT NULL,
    position BIGINT NOT NULL,
    erasures INTEGER NOT NULL,
    PRIMARY KEY (lane)
);

CREATE TABLE ehcp.signal_parked (
    plan UUID NOT NULL,
    position BIGINT NOT NULL,
    error VARCHAR(80) NOT NULL,
    retry SMALLINT NOT NULL,
    PRIMARY KEY (plan)
);

CREATE TABLE ehcp.signal_party (
    plan UUID NOT NULL,
    recipient VARCHAR(80) NOT NULL,
    relation VARCHAR(40) NOT NULL,
    PRIMARY KEY (plan, recipient)
);

CREATE TABLE ehcp.signal_recipient (
    recipient VARCHAR(80) NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (recipient)
);

CREATE TABLE ehcp.subscription (
    id UUID NOT NULL,
    recipient VARCHAR(80) NOT NULL,
    client VARCHAR(200) NOT NULL,
    role VARCHAR(40) NOT NULL,
    channel VARCHAR(10) NOT NULL,
    target VARCHAR(500) NOT NULL,
    filters VARCHAR(4000) NOT NULL,
    sealed BYTEA,
    begun BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX subscription_recipient ON ehcp.subscription (recipient);

CREATE TABLE ehcp.subscription_dead_letter (
    subscription UUID NOT NULL,
    number BIGINT NOT NULL,
    error VARCHAR(60) NOT NULL,
    attempts INTEGER NOT NULL,
    since BIGINT NOT NULL,
    replay SMALLINT NOT NULL,
    PRIMARY KEY (subscription, number)
);

CREATE TABLE ehcp.subscription_delivery (
    subscription UUID NOT NULL,
    number BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    attempts INTEGER NOT NULL,
    failures BIGINT NOT NULL,
    error VARCHAR(60) NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (subscription)
);

GRANT SELECT, INSERT ON ehcp.signal TO ehcp_app;
GRANT SELECT, INSERT, UPDATE ON ehcp.signal_recipient, ehcp.signal_lane, ehcp.subscription TO ehcp_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp.signal_party, ehcp.signal_due, ehcp.signal_parked,
    ehcp.subscription_delivery, ehcp.subscription_dead_letter TO ehcp_app;
