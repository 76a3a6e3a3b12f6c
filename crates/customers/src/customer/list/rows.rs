//! Reading rows of the list.

use platform::db::{Database, SqlExt, only_used};
use platform::error::AppResult;
use platform::sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::conditions::Conditions;
use super::plan::{self, Order, Route, Source};
use super::{ListRow, SortKey};

/// The first rows, by the shortest way through the database.
pub(super) async fn rows_by_ways(
    db: &Database,
    sql: &Conditions,
    key: SortKey,
    order: &Order,
    most: i64,
) -> AppResult<Vec<ListRow>> {
    let route = plan::route(db, sql).await?;
    let rows = rows_on(db, sql, &route, key, order, most).await?;
    match route {
        Route::Some(way) | Route::Many(way) if (rows.len() as i64) < most => {
            rows_on(db, sql, &Route::Few(way), key, order, most).await
        }
        _ => Ok(rows),
    }
}

/// The first rows on a route.
async fn rows_on(
    db: &Database,
    sql: &Conditions,
    route: &Route,
    key: SortKey,
    order: &Order,
    most: i64,
) -> AppResult<Vec<ListRow>> {
    let mut sql = sql.clone();
    let source = plan::source(route, &mut sql, order);
    rows_from(db, sql, &source, key, order, most).await
}

/// The first rows of a source.
pub(super) async fn rows_from(
    db: &Database,
    mut sql: Conditions,
    source: &Source,
    key: SortKey,
    order: &Order,
    most: i64,
) -> AppResult<Vec<ListRow>> {
    let most = sql.param(most);
    let column = format!("{}.{}", source.sorted_by, order.column);
    let (sort_text, sort_number) = if key.is_time() { ("''", column.as_str()) } else { (column.as_str(), "0") };
    // 0 is an int4 on PostgreSQL; the row wants an int8 from both engines.
    let text = format!(
        "select c.id, c.number, c.display_name, c.company_name, c.main_email, c.main_phone, c.main_town, \
         c.main_postcode, c.main_country, c.status, c.active, c.customer_type, c.origin, c.incomplete, c.note_flag, \
         c.language, c.source_id, c.assignee_id, c.home_channel_id, c.created_at, c.updated_at, c.version, \
         {sort_text} as sort_text, cast({sort_number} as bigint) as sort_number \
         from {} where {} order by {} limit {most}",
        source.from,
        source.filter,
        order.by(source.sorted_by),
    );
    rows_of(db, &text, &sql.params).await
}

pub(super) async fn ids_of(db: &Database, text: &str, params: &[Value]) -> AppResult<Vec<Uuid>> {
    let (text, params) = only_used(text, params);
    Ok(db.read().values(&text, params).await?)
}

pub(super) async fn rows_of<T: FromQueryResult + Send>(
    db: &Database,
    text: &str,
    params: &[Value],
) -> AppResult<Vec<T>> {
    let (text, params) = only_used(text, params);
    Ok(db.read().all(&text, params).await?)
}
