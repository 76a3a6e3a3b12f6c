//! Saved views: a filter of the customer list under a name, with its columns and sort, private or shared. A view is at
//! once a segment (S4-11): it can be counted, explained, listed by the API and be the target of a bulk action.

pub mod api;
mod explain;
pub mod pages;
mod store;

use platform::auth::Sight;
use platform::clock::Micros;
use platform::contact::{clean_line, fold};
use platform::db::{Database, Tx, is_unique_violation};
use platform::error::{AppError, AppResult, FieldErrors, Reason};
use platform::history::{self, Actor, Entry};
use platform::i18n::Message;
use platform::ids::new_id;
use platform::registry::{Personal, Table, not_personal, personal};
use platform::sea_orm::{self, ConnectionTrait, FromQueryResult};
use platform::tr;
use uuid::Uuid;

use crate::customer::list::{ListFilter, Sort};

pub use explain::{Condition, explain};
pub use store::{find, list};

/// Longest name in characters.
const NAME: usize = 80;
/// Longest filter in bytes of its query.
const LONGEST_QUERY: usize = 8_000;

/// What the registry knows of the table.
pub const TABLE: Table = Table {
    name: "saved_view",
    columns: &[
        ("name", not_personal("named by staff for a kind of customers")),
        ("name_folded", not_personal("named by staff for a kind of customers")),
        ("query", personal(Personal::SearchText)),
        ("sort", not_personal("a key from a fixed list")),
        ("columns", not_personal("keys from a fixed list")),
    ],
    record: None,
};

/// A view as stored.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct SavedView {
    pub id: Uuid,
    /// Who made it and alone may change it.
    pub staff_id: Uuid,
    pub owner_name: String,
    pub name: String,
    pub shared: bool,
    /// The filter as the query of an address.
    pub query: String,
    pub sort: String,
    /// Keys of the columns, joined by commas; empty for each reader's own.
    pub columns: String,
    pub version: i64,
}

impl SavedView {
    /// The filter with its sort.
    ///
    /// # Errors
    /// `BadRequest` when the stored filter names something that no longer exists.
    pub fn filter(&self) -> AppResult<ListFilter> {
        Ok(ListFilter { sort: self.sort.clone(), ..ListFilter::from_query(&self.query)? })
    }

    /// The columns it was saved with; `None` for each reader's own.
    pub fn column_keys(&self) -> Option<Vec<String>> {
        (!self.columns.is_empty()).then(|| self.columns.split(',').map(str::to_owned).collect())
    }

    pub fn may_be_used_by(&self, staff: Uuid) -> bool {
        self.shared || self.staff_id == staff
    }

    /// The list as this view shows it.
    pub fn href(&self) -> String {
        format!("/customers?view={}", self.id)
    }
}

/// A view as typed.
#[derive(Clone, Debug, Default)]
pub struct ViewInput {
    pub name: String,
    pub shared: bool,
    /// The filter; `view`, `cursor` and `limit` in it are left out.
    pub filter: ListFilter,
    /// Keys of the columns; empty for each reader's own.
    pub columns: Vec<String>,
}

struct Checked {
    name: String,
    query: String,
    sort: String,
    columns: String,
}

async fn check(db: &Database, sight: &Sight, input: &ViewInput) -> AppResult<Checked> {
    let mut errors = FieldErrors::default();
    let name = clean_line(&input.name, NAME).unwrap_or_else(|unclean| {
        errors.add("name", unclean.code(), tr!("This name cannot be stored."));
        String::new()
    });
    if fold(&name).is_empty() && errors.is_empty() {
        errors.add("name", "required", tr!("Enter a name."));
    }
    let query = input.filter.question().to_query();
    if query.len() > LONGEST_QUERY {
        errors.add("filter", "too_long", tr!("This filter is too long to be saved."));
    }
    errors.into_result()?;
    Sort::parse(&input.filter.sort)?;
    // A filter that the list refuses is no view.
    crate::customer::list::page(db, sight, &ListFilter { limit: Some(1), ..input.filter.question() }).await?;
    let known = crate::customer::pages::column_keys();
    let columns: Vec<&str> = known.into_iter().filter(|key| input.columns.iter().any(|wanted| wanted == key)).collect();
    Ok(Checked { name, query, sort: input.filter.sort.clone(), columns: columns.join(",") })
}

fn taken(error: platform::sea_orm::DbErr) -> AppError {
    if is_unique_violation(&error) {
        return AppError::field("name", "taken", tr!("You have a view of this name already."));
    }
    error.into()
}

/// Saves a new view of a staff member.
///
/// # Errors
/// `Invalid` beside the field, `BadRequest` for a filter that the list refuses.
pub async fn add(
    (db, sight): (&Database, &Sight),
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    staff: Uuid,
    input: &ViewInput,
) -> AppResult<Uuid> {
    let checked = check(db, sight, input).await?;
    let view = SavedView {
        id: new_id(now),
        staff_id: staff,
        owner_name: String::new(),
        name: checked.name,
        shared: input.shared,
        query: checked.query,
        sort: checked.sort,
        columns: checked.columns,
        version: 1,
    };
    store::insert(tx, &view, now).await.map_err(taken)?;
    history::record(tx, actor, now, Entry::new("view", view.id, "created").change("name", "", &view.name)).await?;
    Ok(view.id)
}

/// Refuses whoever did not make the view.
fn ensure_own(view: &SavedView, staff: Uuid) -> AppResult<()> {
    if view.staff_id == staff {
        return Ok(());
    }
    if !view.shared {
        return Err(AppError::NotFound);
    }
    let detail = Message::new(tr!("Only {name} can change this view.")).with("name", &view.owner_name);
    let reason = Reason::new("view_of_another", detail).with_remedy(tr!("Save it under a name of your own."));
    Err(AppError::Forbidden(reason))
}

/// Changes a view.
///
/// # Errors
/// As [`add`]; `Forbidden` for another person's view, `Stale` when it was saved in between.
pub async fn save(
    (db, sight): (&Database, &Sight),
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    (id, version): (Uuid, i64),
    staff: Uuid,
    input: &ViewInput,
) -> AppResult<()> {
    let before = find(tx, id).await?.ok_or(AppError::NotFound)?;
    ensure_own(&before, staff)?;
    if before.version != version {
        return Err(AppError::Stale { current: before.version });
    }
    let checked = check(db, sight, input).await?;
    let entry = Entry::new("view", id, "changed")
        .change("name", &before.name, &checked.name)
        .change("shared", &before.shared.to_string(), &input.shared.to_string())
        .change("columns", &before.columns, &checked.columns)
        .change("sort", &before.sort, &checked.sort);
    let after = SavedView {
        name: checked.name,
        shared: input.shared,
        query: checked.query,
        sort: checked.sort,
        columns: checked.columns,
        ..before
    };
    store::update(tx, &after).await.map_err(taken)?;
    history::record(tx, actor, now, entry).await?;
    Ok(())
}

/// Deletes a view; customers are not touched.
///
/// # Errors
/// `Forbidden` for another person's view.
pub async fn delete(tx: &Tx, actor: &Actor, now: Micros, id: Uuid, staff: Uuid) -> AppResult<SavedView> {
    let view = find(tx, id).await?.ok_or(AppError::NotFound)?;
    ensure_own(&view, staff)?;
    store::delete(tx, id).await?;
    history::record(tx, actor, now, Entry::new("view", id, "deleted").change("name", &view.name, "")).await?;
    Ok(view)
}

/// The view of an id or name that a person may use.
///
/// # Errors
/// `BadRequest` with `view_unknown`.
pub async fn named(db: &impl ConnectionTrait, staff: Uuid, text: &str) -> AppResult<SavedView> {
    let found = match Uuid::parse_str(text.trim()) {
        Ok(id) => find(db, id).await?.filter(|view| view.may_be_used_by(staff)),
        Err(_) => store::find_by_name(db, staff, &fold(text)).await?,
    };
    found.ok_or_else(|| {
        let detail = Message::new(tr!("There is no view {name}.")).with("name", text);
        AppError::BadRequest(Reason::new("view_unknown", detail))
    })
}

/// Looks up the view that a filter names: its filter must hold too.
///
/// # Errors
/// `BadRequest` with `view_unknown`.
pub async fn resolve(db: &impl ConnectionTrait, staff: Uuid, mut filter: ListFilter) -> AppResult<ListFilter> {
    if filter.view.is_empty() {
        return Ok(filter);
    }
    let view = named(db, staff, &filter.view).await?.filter()?;
    if filter.sort.is_empty() {
        filter.sort.clone_from(&view.sort);
    }
    filter.within = Some(Box::new(view));
    Ok(filter)
}
