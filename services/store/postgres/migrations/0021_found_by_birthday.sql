-- A date of birth is looked for by its hash, as names are, and is no content of the list any more. The list is made anew.
ALTER TABLE ehcp_views.view_worklist DROP COLUMN sealed;
TRUNCATE ehcp_views.view_worklist, ehcp_views.view_worklist_organisation, ehcp_views.view_worklist_clock,
    ehcp_views.view_worklist_name;
DELETE FROM ehcp_views.view_position WHERE view = 'worklist';
DELETE FROM ehcp_views.view_generation WHERE view = 'worklist';
DELETE FROM ehcp_views.view_parked WHERE view = 'worklist';
