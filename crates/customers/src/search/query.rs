//! Turning what was typed into a query, and ranking what it finds.

use std::sync::Arc;

use platform::auth::Sight;
use platform::db::{Database, Documents, SqlExt, TextMatch, these};
use platform::error::AppResult;
use platform::sea_orm::Value;
use uuid::Uuid;

use super::corrector::Corrector;
use super::few::{best, few};
use super::indexed::{by_contact, by_identity};
use super::question::{Level, Question};
use super::rank::{Candidate, Found, ranked};
use super::visible::answering;
use crate::customer::{Customer, list};
use crate::lineup::{self, Line};

/// Where the documents of customers are.
pub const DOCUMENTS: Documents = Documents { table: "customer_search", fts: "customer_search_fts" };

/// Candidates that are ranked: the newest that match.
pub(super) const CANDIDATES: usize = 20;
/// Candidates looked at for a role that does not see every field: what only a hidden field answers for falls out.
const LIMITED_CANDIDATES: usize = 200;
/// The same for a list, where the other conditions hold already.
pub const LIMITED_IN_LISTS: i64 = 2_000;
/// PostgreSQL's trigram index has no order, and what is common has long lists there. So the newest documents are looked at
/// first: they hold enough of what is common, and tell whether walking on or the index is the shorter way.
const NEWEST: i64 = 800;
const COMMON_IN_NEWEST: usize = 4;
/// Customers chosen from memory of whom the documents are read, and how many at once beyond those wanted.
const MOST_CHOSEN: usize = 400;
/// So few are all looked at sooner than the index tells which of them are meant.
const FEW_CHOSEN: usize = 100;
const SPARE: usize = 4;
/// The column by which an index gives the newest first.
const NEWEST_BY_INDEX: &str = "f.rowid";

/// Where is searched: the database, and in large shops what is kept in memory of it.
pub(super) struct Searched<'a> {
    pub db: &'a Database,
    pub line: Option<Arc<Line>>,
}

impl<'a> Searched<'a> {
    async fn open(db: &'a Database) -> AppResult<Self> {
        Ok(Self { db, line: lineup::current(db).await? })
    }
}

/// What documents must contain for a list that is narrowed to what was typed. When nothing fits exactly, typing errors are
/// forgiven.
pub async fn narrowing(db: &Database, sight: &Sight, typed: &str) -> AppResult<TextMatch> {
    let question = Question::read(typed);
    let exact = question.at(Level::Part);
    let searched = &Searched::open(db).await?;
    if exact.is_empty() || is_found(searched, sight, &exact).await? {
        return Ok(exact);
    }
    let mut corrector = Corrector::new(searched, &question);
    while let Some(corrected) = corrector.next().await? {
        if is_found(searched, sight, &corrected).await? {
            return Ok(corrected);
        }
    }
    Ok(exact)
}

/// Whether anybody within reach has such a document.
async fn is_found(searched: &Searched<'_>, sight: &Sight, text: &TextMatch) -> AppResult<bool> {
    Ok(match sight.reach.is_limited() {
        true => !list::matching(searched.db, sight, text, 1).await?.is_empty(),
        false => !newest(searched, text, 1).await?.is_empty(),
    })
}

/// Finds customers for the search box, the best first. Inactive ones are found too (R18), behind
/// the active ones of the same rank.
pub async fn find(db: &Database, sight: &Sight, typed: &str, limit: usize) -> AppResult<Vec<Found>> {
    let question = Question::read(typed);
    if question.words.is_empty() {
        return Ok(Vec::new());
    }
    let searched = &Searched::open(db).await?;
    if !sight.is_unlimited() {
        return find_seen(searched, sight, &question, limit).await;
    }
    let wanted = CANDIDATES.max(limit);
    let mut known = by_identity(db, &question).await?;
    if known.is_empty() || question.is_ambiguous() {
        let others = by_words(searched, &question, wanted).await?;
        let mut found = ranked(known, &question.words, false);
        let others = ranked(others, &question.words, false);
        found
            .extend(others.into_iter().filter(|other| !found.iter().any(|hit| hit.id == other.id)).collect::<Vec<_>>());
        if found.is_empty() {
            found = spelled_alike(searched, &question, wanted).await?;
        }
        found.truncate(limit);
        return Ok(found);
    }
    known.truncate(limit);
    Ok(ranked(known, &question.words, false))
}

/// The customers that a question finds in what somebody sees, for lists: what the search box finds, and those of
/// `candidates` (customers whose documents match) that do not match by a hidden field alone.
pub async fn visible_ids(
    db: &Database,
    sight: &Sight,
    question: &str,
    text: &TextMatch,
    candidates: &[Uuid],
) -> AppResult<Vec<Uuid>> {
    let found = find(db, sight, question, LIMITED_CANDIDATES).await?;
    let mut ids: Vec<Uuid> = found.into_iter().map(|found| found.id).collect();
    let is_corrected = *text != Question::read(question).at(Level::Part);
    for candidates in candidates.chunks(LIMITED_CANDIDATES) {
        let answering = answering(db, sight, text, is_corrected, candidates).await?;
        ids.extend(answering.into_iter().map(|(customer, _)| customer.id));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// As [`find`], of what somebody sees.
async fn find_seen(searched: &Searched<'_>, sight: &Sight, question: &Question, limit: usize) -> AppResult<Vec<Found>> {
    let db = searched.db;
    let exact = question.at(Level::Part);
    let known = by_identity(db, question).await?;
    let mut candidates: Vec<Uuid> = known.into_iter().map(|candidate| candidate.id).collect();
    if candidates.is_empty() {
        candidates = limited_candidates(searched, sight, &exact, limit).await?;
    }
    let mut found = ranked(seen(db, sight, &exact, false, &candidates).await?, &question.words, false);
    let mut corrector = Corrector::new(searched, question);
    while found.is_empty()
        && let Some(corrected) = corrector.next().await?
    {
        let candidates = limited_candidates(searched, sight, &corrected, limit).await?;
        found = ranked(seen(db, sight, &corrected, true, &candidates).await?, &question.words, true);
    }
    found.truncate(limit);
    Ok(found)
}

/// The newest customers within reach whose documents match: more of them where a hidden field may be what matched.
async fn limited_candidates(
    searched: &Searched<'_>,
    sight: &Sight,
    text: &TextMatch,
    limit: usize,
) -> AppResult<Vec<Uuid>> {
    let most = if sight.fields.is_unlimited() { CANDIDATES.max(limit) } else { LIMITED_CANDIDATES };
    if sight.reach.is_limited() {
        return list::matching(searched.db, sight, text, most).await;
    }
    Ok(newest(searched, text, most).await?.into_iter().map(|candidate| candidate.id).collect())
}

/// The candidates as somebody sees them, without those that only a hidden field answers for.
async fn seen(
    db: &Database,
    sight: &Sight,
    text: &TextMatch,
    is_corrected: bool,
    candidates: &[Uuid],
) -> AppResult<Vec<Candidate>> {
    let answering = answering(db, sight, text, is_corrected, candidates).await?;
    let candidate = |(customer, document): (Customer, String)| Candidate {
        id: customer.id,
        number: customer.number.clone(),
        display_name: customer.display_name(),
        company_name: customer.company_name.clone(),
        main_email: customer.main_email().to_owned(),
        main_phone: customer.main_phone().to_owned(),
        main_town: customer.primary_address().map(|address| address.town.clone()).unwrap_or_default(),
        status: customer.status.key().to_owned(),
        active: customer.active,
        document,
    };
    Ok(answering.into_iter().map(candidate).collect())
}

/// Whole words before beginnings of words before parts of words; the later ones are looked up only where the earlier ones
/// leave room.
async fn by_words(searched: &Searched<'_>, question: &Question, wanted: usize) -> AppResult<Vec<Candidate>> {
    let known = by_contact(searched, question, wanted).await?;
    if !known.is_empty() {
        return Ok(known);
    }
    if question.is_phone {
        return newest(searched, &question.at(Level::Part), wanted).await;
    }
    if let Some(all) = few(searched, question).await? {
        return Ok(best(all, question, wanted));
    }
    let mut found =
        if question.is_part() { Vec::new() } else { newest(searched, &question.at(Level::Beginning), wanted).await? };
    if found.len() >= wanted {
        // Among so many, the newest beginnings alone could hide those that have the very words.
        let whole = newest(searched, &question.at(Level::Whole), wanted).await?;
        found.retain(|candidate| !whole.iter().any(|other| other.id == candidate.id));
        found.splice(0..0, whole);
    }
    if found.is_empty() { newest(searched, &question.at(Level::Part), wanted).await } else { Ok(found) }
}

async fn spelled_alike(searched: &Searched<'_>, question: &Question, wanted: usize) -> AppResult<Vec<Found>> {
    let mut corrector = Corrector::new(searched, question);
    while let Some(corrected) = corrector.next().await? {
        let found = newest(searched, &corrected, wanted).await?;
        if !found.is_empty() {
            return Ok(ranked(found, &question.words, true));
        }
    }
    Ok(Vec::new())
}

pub(super) const COLUMNS: &str = "c.id, c.number, c.display_name, c.company_name, c.main_email, c.main_phone, \
    c.main_town, c.status, c.active, d.document";

/// The newest customers whose documents match.
pub(super) async fn newest(searched: &Searched<'_>, text: &TextMatch, wanted: usize) -> AppResult<Vec<Candidate>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let db = searched.db;
    if let Some(line) = &searched.line
        && let Some(found) = chosen(db, line, text, wanted).await?
    {
        return Ok(found);
    }
    let engine = db.engine();
    let mut params = Vec::new();
    let (matching, order) = text.matching(engine, DOCUMENTS, &mut params);
    if order == NEWEST_BY_INDEX {
        return limited(db, &matching, order, params, wanted).await;
    }
    let mut sampled = Vec::new();
    let compare = text.compare(engine, "d.document", &mut sampled);
    let sample = format!("(select * from customer_search order by seq desc limit {NEWEST}) d where {compare}");
    let found = limited(db, &sample, order, sampled, wanted).await?;
    if found.len() >= wanted || !text.has_index(engine) {
        return Ok(found);
    }
    if found.len() >= COMMON_IN_NEWEST {
        let mut params = Vec::new();
        let walk = text.walking(engine, DOCUMENTS, &mut params);
        return limited(db, &walk, order, params, wanted).await;
    }
    // All that match first, then the newest: with the order in sight the planner would walk through everybody.
    let by_index = format!("(select d.seq, d.customer_id, d.document from {matching} offset 0) d where true");
    limited(db, &by_index, order, params, wanted).await
}

/// As [`newest`], chosen from memory; `None` where that cannot tell.
async fn chosen(db: &Database, line: &Line, text: &TextMatch, wanted: usize) -> AppResult<Option<Vec<Candidate>>> {
    let most = MOST_CHOSEN.max(2 * wanted);
    let Some(chosen) = lineup::newest(db, line, text, most).await else { return Ok(None) };
    // Where words say only a part, and that of many, whoever else is meant is looked for by the index at once.
    let looked_at = if chosen.is_exact || chosen.ids.len() <= FEW_CHOSEN { most } else { wanted + SPARE };
    let ids = &chosen.ids[..looked_at.min(chosen.ids.len())];
    let is_all = chosen.ids.len() < most && ids.len() == chosen.ids.len();
    let mut found: Vec<Candidate> = Vec::new();
    let mut rest = ids;
    while !rest.is_empty() && found.len() < wanted {
        let (now, later) = rest.split_at(rest.len().min(wanted + SPARE));
        let mut params = Vec::new();
        let from = these("customer", now, &mut params);
        let sql = format!(
            "select {COLUMNS} from {from} c join customer_search d on d.customer_id = c.id \
             where c.deleted_at is null order by c.id desc"
        );
        let read: Vec<Candidate> = db.read().all(&sql, params).await?;
        found.extend(read.into_iter().filter(|candidate| text.is_met_by(&candidate.document)));
        rest = later;
    }
    let is_told = found.len() >= wanted || is_all;
    found.truncate(wanted);
    Ok(is_told.then_some(found))
}

async fn limited(
    db: &Database,
    from: &str,
    order: &str,
    mut params: Vec<Value>,
    wanted: usize,
) -> AppResult<Vec<Candidate>> {
    params.push((wanted as i64).into());
    let sql = format!(
        "select {COLUMNS} from (select d.seq, d.customer_id, d.document from {from} order by {order} desc limit ${}) d \
         join customer c on c.id = d.customer_id where c.deleted_at is null order by d.seq desc",
        params.len()
    );
    Ok(db.read().all(&sql, params).await?)
}

/// Whether some document holds the word.
pub(super) async fn is_used(db: &Database, word: &str) -> AppResult<bool> {
    let text = TextMatch::all([Level::Whole.text(word)]);
    let mut params = Vec::new();
    let (from, _) = text.matching(db.engine(), DOCUMENTS, &mut params);
    Ok(db.read().value::<i32>(&format!("select 1 from {from} limit 1"), params).await?.is_some())
}
