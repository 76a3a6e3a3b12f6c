//! Filters as SQL.

use platform::auth::Sight;
use platform::contact::words;
use platform::db::{Database, TextMatch, contains_folded};
use platform::error::{AppError, AppResult, Reason};
use platform::sea_orm::Value;
use platform::tr;
use uuid::Uuid;

use super::ListFilter;
use super::fields;
use super::plan::{self, Way};
use super::rows::ids_of;
use crate::customer::marks::{self, Column, Lane};
use crate::customer::reach;
use crate::lineup::{Field, Question, Starting};
use crate::search::{self, DOCUMENTS};

/// More ids make SQLite slow to read the query.
const MOST_IDS: usize = 500;

/// SQL text and parameters of the conditions.
#[derive(Clone)]
pub(super) struct Conditions {
    pub parts: Vec<String>,
    pub params: Vec<Value>,
    /// Indexes that could lead to the rows.
    pub ways: Vec<Way>,
    /// Bits of which a row must have one, for each of these.
    pub marks: Vec<(Column, i64)>,
    /// So many of the parts are told whole by marks or words.
    pub told: usize,
    /// What can be told from a sort's own column, with the index entry as `k`.
    pub in_index: Vec<(&'static str, String)>,
}

impl Conditions {
    pub fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    pub(super) fn any_of<V: Into<Value>>(&mut self, column: &str, values: impl IntoIterator<Item = V>) {
        let places: Vec<String> = values.into_iter().map(|value| self.param(value)).collect();
        if !places.is_empty() {
            self.parts.push(format!("{column} in ({})", places.join(", ")));
        }
    }

    /// As [`Conditions::any_of`], for a column with an index of its own.
    pub(super) fn looked_up<V: Into<Value>>(&mut self, column: &str, values: impl IntoIterator<Item = V>) {
        let places: Vec<String> = values.into_iter().map(|value| self.param(value)).collect();
        if !places.is_empty() {
            let part = format!("c.{column} in ({})", places.join(", "));
            self.marked_way(format!("select c.id from customer c where {part}"));
            self.parts.push(part);
        }
    }

    /// Some row `x` of a table that customers own meets a condition.
    pub(super) fn has_row(&mut self, table: &str, condition: &str) {
        self.through(format!("select x.customer_id as id from {table} x where {condition}"));
        self.parts.push(some_row(table, condition));
    }

    /// As [`Conditions::has_row`], with a value that begins so.
    pub(super) fn starts(&mut self, what: Starting, start: &str) {
        let condition = self.begins_with(&format!("x.{}", what.column()), start);
        self.has_row(what.table(), &condition);
        self.ways.last_mut().into_iter().for_each(|way| way.starting = Some((what, start.to_owned())));
    }

    /// Marks or words tell as much as the part that was put in.
    pub(super) fn is_told(&mut self) {
        self.told += 1;
    }

    pub(super) fn active(&mut self, is: bool) {
        self.is_told();
        self.marked(marks::ACTIVE, [marks::ACTIVE.of_position(usize::from(is))]);
        self.parts.push(if is { "c.active".to_owned() } else { "not c.active".to_owned() });
    }

    pub(super) fn begins_with(&mut self, column: &str, start: &str) -> String {
        let from = self.param(start);
        let to = self.param(format!("{start}\u{7f}"));
        format!("({column} >= {from} and {column} < {to})")
    }

    /// As [`Conditions::through`], to what marks tell as well.
    pub(super) fn marked_way(&mut self, ids: String) {
        self.ways.push(Way::marked(ids));
    }

    /// Rows of customers that an index leads to: `ids` selects them as column `id`.
    pub(super) fn through(&mut self, ids: String) {
        self.ways.push(Way::of(ids));
    }

    /// Rows with one of these bits; no bits leave the rows as they are.
    pub(super) fn marked(&mut self, lane: Lane, bits: impl IntoIterator<Item = i64>) {
        let bits = bits.into_iter().fold(0, |all, bit| all | bit);
        if bits != 0 {
            self.marks.push((lane.column, bits));
        }
    }

    /// Documents that match lead to the rows; `field` is where in them.
    pub(super) fn documents(&mut self, db: &Database, text: &TextMatch, field: Field) {
        let (matching, _) = text.matching(db.engine(), DOCUMENTS, &mut self.params);
        let ids = format!("select d.customer_id as id from {matching}");
        // Its parameter is the last one, which the plan puts in.
        let mut counting = self.params.clone();
        let frequency = text.frequency(db.engine(), DOCUMENTS, "{most}", &mut counting);
        self.params = counting;
        let documents = text.numbers(db.engine(), DOCUMENTS, &mut self.params);
        self.ways.push(Way {
            frequency,
            some: plan::SOME_DOCUMENTS,
            documents,
            text: Some((text.clone(), field)),
            ..Way::of(ids)
        });
    }

    /// The documents of the rows match.
    pub(super) fn matches(&mut self, db: &Database, text: &TextMatch) {
        let compare = text.compare(db.engine(), "d.document", &mut self.params);
        self.parts.push(format!("exists (select 1 from customer_search d where d.customer_id = c.id and {compare})"));
        self.told += usize::from(Question::is_all(text));
        self.documents(db, text, Field::Document);
    }

    /// Every word typed is part of the column, which is part of the document, and of what the list can be sorted by.
    pub(super) fn contains(&mut self, db: &Database, column: &str, sorted: &'static str, typed: &str) {
        let words = words(typed);
        for word in &words {
            let part = contains_folded(db.engine(), &format!("c.{column}"), word, &mut self.params);
            self.parts.push(part);
            let in_index = contains_folded(db.engine(), &format!("k.{sorted}"), word, &mut self.params);
            self.in_index.push((sorted, in_index));
            self.told += usize::from(Question::is_all(&TextMatch::all([word.clone()])));
        }
        let field = if column == "company_folded" { Field::Company } else { Field::Name };
        self.documents(db, &TextMatch::all(words), field);
    }

    /// One of these channels is the home channel or a further one (R26).
    pub(super) fn in_channels<'a>(&mut self, channels: impl IntoIterator<Item = &'a Uuid>) {
        let channels: Vec<Uuid> = channels.into_iter().copied().collect();
        self.marked(marks::CHANNEL, channels.iter().map(|channel| marks::CHANNEL.of_id(*channel)));
        let places: Vec<String> = channels.into_iter().map(|channel| self.param(channel)).collect();
        let places = places.join(", ");
        self.marked_way(format!(
            "select c.id from customer c where c.home_channel_id in ({places}) union all \
             select x.customer_id from customer_channel x where x.channel_id in ({places})"
        ));
        self.parts.push(reach::has_channel(&places));
    }

    /// Nobody meets this.
    pub(super) fn nothing(&mut self) {
        self.parts.push("false".to_owned());
    }

    pub(super) fn has(&mut self, what: usize) {
        self.marked(marks::HAS, [marks::HAS.of_position(what)]);
    }
}

pub(super) fn some_row(table: &str, condition: &str) -> String {
    format!("exists (select 1 from {table} x where x.customer_id = c.id and {condition})")
}

pub(super) fn bad(code: &'static str, detail: &'static str) -> AppError {
    AppError::BadRequest(Reason::new(code, detail))
}

/// The conditions of a filter.
///
/// # Errors
/// `BadRequest` for a value that does not exist.
pub(super) async fn conditions(db: &Database, sight: &Sight, filter: &ListFilter) -> AppResult<Conditions> {
    for asked in [Some(filter), filter.within.as_deref()].into_iter().flatten() {
        super::rights::check(asked, &sight.fields)?;
    }
    let mut sql = of_sight(sight);
    match &filter.within {
        None => add(db, sight, filter, "active", &mut sql).await?,
        Some(view) => {
            add(db, sight, view, "active", &mut sql).await?;
            add(db, sight, filter, "all", &mut sql).await?;
        }
    }
    Ok(sql)
}

/// Whoever somebody sees.
fn of_sight(sight: &Sight) -> Conditions {
    let mut sql = Conditions {
        parts: vec!["c.deleted_at is null".to_owned()],
        params: Vec::new(),
        ways: Vec::new(),
        marks: Vec::new(),
        // Those in the bin are not lined up.
        told: 1,
        in_index: Vec::new(),
    };
    if let Some(channels) = sight.reach.channels() {
        sql.in_channels(channels);
    }
    sql
}

/// Whoever somebody sees with a document that matches.
pub(super) fn of_documents(db: &Database, sight: &Sight, text: &TextMatch) -> Conditions {
    let mut sql = of_sight(sight);
    sql.matches(db, text);
    sql
}

/// Adds what one filter asks; `usual` is the activity where it names none.
async fn add(db: &Database, sight: &Sight, filter: &ListFilter, usual: &str, sql: &mut Conditions) -> AppResult<()> {
    let narrowing = search::narrowing(db, sight, &filter.q).await?;
    let is_limited = !sight.fields.is_unlimited();
    if narrowing.is_empty() && !filter.q.trim().is_empty() {
        sql.nothing();
    } else if !narrowing.is_empty() && !is_limited {
        sql.matches(db, &narrowing);
    }
    fields::activity(db, filter, usual, sql)?;
    fields::texts(db, filter, sql);
    if filter.id.len() > MOST_IDS {
        return Err(bad("too_many_ids", tr!("At most 500 customers can be named.")));
    }
    if !filter.id.is_empty() {
        let places: Vec<String> = filter.id.iter().map(|id| sql.param(*id)).collect();
        let named = format!("c.id in ({})", places.join(", "));
        sql.through(format!("select c.id from customer c where {named}"));
        sql.parts.push(named);
    }
    fields::keys(filter, sql)?;
    fields::references(filter, sql);
    fields::memberships(filter, sql);
    fields::links(filter, sight, sql)?;
    fields::lacking(filter, sql)?;
    fields::created(filter, sql)?;
    if is_limited && !narrowing.is_empty() {
        only_visible(db, sight, &filter.q, &narrowing, sql).await?;
    }
    Ok(())
}

/// What the index finds by a field that may not be seen must not be found. Of those who meet all other conditions the
/// newest are looked at.
async fn only_visible(
    db: &Database,
    sight: &Sight,
    question: &str,
    narrowing: &TextMatch,
    sql: &mut Conditions,
) -> AppResult<()> {
    let mut asked = sql.clone();
    asked.matches(db, narrowing);
    let text = format!(
        "select c.id from customer c where {} order by c.created_at desc limit {}",
        asked.parts.join(" and "),
        search::LIMITED_IN_LISTS
    );
    let candidates = ids_of(db, &text, &asked.params).await?;
    let ids = search::visible_ids(db, sight, question, narrowing, &candidates).await?;
    if ids.is_empty() {
        sql.nothing();
    }
    sql.any_of("c.id", ids);
    Ok(())
}
