-- What an entry belongs to has columns of its own. Until now entries of a merge had its id as their reason.
alter table event add column about text not null default '';
alter table event add column about_id {uuid};
update event set about = 'merge', reason = '',
{sqlite}    about_id = unhex(replace(reason, '-', ''))
{postgres}    about_id = reason::uuid
    where action in ('merged', 'merged_into', 'merge_undone', 'parent_merged', 'parent_merge_undone')
    and entity = 'customer' and length(reason) = 36;
