//! The choice when two people saved the same record (R24).

use platform::app::App;
use platform::error::{AppResult, FieldConflict};
use platform::http::PageContext;
use platform::i18n::Translate;
use uuid::Uuid;

use super::edit_view::{Conflict, ConflictField};
use super::fields;
use super::record::linked;
use crate::customer::input::CustomerInput;
use crate::directory::Directory;

/// Both values side by side. Fields that only one of the two changed go along as they are.
pub(super) async fn conflict(
    app: &App,
    context: &PageContext,
    id: Uuid,
    version: i64,
    input: &CustomerInput,
    conflicts: Vec<FieldConflict>,
) -> AppResult<Conflict> {
    let directory = Directory::load(app.db.read()).await?;
    let mut fields = Vec::new();
    for field in conflicts {
        fields.push(ConflictField {
            label: fields::label(&field.field),
            theirs_shown: shown(app, context, &field.field, &field.theirs, &directory).await?,
            yours_shown: shown(app, context, &field.field, &field.yours, &directory).await?,
            theirs: field.theirs,
            yours: field.yours,
            name: field.field,
        });
    }
    let asked = |name: &str| fields.iter().any(|field| field.name == name);
    let texts = input.texts().into_iter().filter(|(name, _)| !asked(name) && *name != "password");
    let mut kept: Vec<(String, String)> = texts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut keep = |name: &str, value: &str| kept.push((name.to_owned(), value.to_owned()));
    for (name, flag) in [("active", input.active), ("note_flag", input.note_flag)] {
        if let Some(is_on) = flag {
            keep("shows", name);
            if is_on {
                keep(name, "true");
            }
        }
    }
    for (name, list) in [("groups", &input.groups), ("channels", &input.channels), ("tags", &input.tags)] {
        if let Some(list) = list {
            keep("shows", name);
            list.iter().for_each(|value| keep(name, value));
        }
    }
    Ok(Conflict { id: id.to_string(), version, fields, kept })
}

async fn shown(app: &App, context: &PageContext, field: &str, value: &str, directory: &Directory) -> AppResult<String> {
    let lang = context.shell.lang();
    if field == "owner"
        && let Ok(owner) = value.parse::<Uuid>()
    {
        let name = linked(app, context.caller()?.sight(), &[owner]).await?.remove(&owner);
        return Ok(name.map_or_else(|| value.to_owned(), |(name, number)| format!("{name} ({number})")));
    }
    Ok(fields::shown(field, value, directory, lang).translate(lang))
}
