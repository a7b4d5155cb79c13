-- Relations have days. The rows that are there don't say them, so every view is emptied and taken in again from the log.

DROP TABLE ehcp_views.view_worklist_organisation;
CREATE TABLE ehcp_views.view_worklist_organisation (
    generation INTEGER NOT NULL,
    plan UUID NOT NULL,
    relation VARCHAR(40) NOT NULL,
    organisation VARCHAR(80) NOT NULL,
    since VARCHAR(10) NOT NULL,
    ended VARCHAR(10) NOT NULL,
    PRIMARY KEY (generation, plan, relation, organisation, since)
);
COMMENT ON COLUMN ehcp_views.view_worklist_organisation.ended IS 'the first day on which it doesn''t hold any more';
CREATE INDEX view_worklist_organisation_found ON ehcp_views.view_worklist_organisation (generation, organisation, plan);

TRUNCATE ehcp_views.view_current, ehcp_views.view_version, ehcp_views.view_history, ehcp_views.view_worklist,
    ehcp_views.view_worklist_clock, ehcp_views.view_worklist_name, ehcp_views.view_generation,
    ehcp_views.view_position, ehcp_views.view_parked;

GRANT SELECT, INSERT, UPDATE, DELETE ON ehcp_views.view_worklist_organisation TO ehcp_app;
