//! Search documents: lines of folded words in a table with the columns `seq` (ascending), `customer_id` and `document`.
//!
//! SQLite narrows by a trigram index without positions and then compares the documents, the newest first; PostgreSQL's
//! trigram index works behind `LIKE`, and has no order. Documents begin and end with a blank, so that `" ann"` is the
//! beginning of a word and `" ann "` a whole one.

use sea_orm::{DbErr, Value};

use super::{Database, Engine, SqlExt, contains_folded};
use crate::params;

/// The shortest text the trigram index can look up, in characters.
const TRIGRAM: usize = 3;

/// What a document must contain: one of these, and within it for each item one of its texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextMatch {
    pub any: Vec<Vec<Vec<String>>>,
}

/// Where documents are kept, and SQLite's index over them.
#[derive(Clone, Copy, Debug)]
pub struct Documents {
    pub table: &'static str,
    pub fts: &'static str,
}

/// Newest documents looked at to learn how common something is where the index cannot tell.
const SAMPLE: i64 = 2_000;
/// Letters from which a word is rare enough without knowing where it begins.
const LOOKED_UP_BARE: usize = 4;
/// Combinations of alternatives that are tried.
const MOST_SPELLED_OUT: usize = 24;
/// So many of them make it common.
const COMMON_IN_SAMPLE: i64 = 20;

impl TextMatch {
    /// Every one of these texts.
    pub fn all(texts: impl IntoIterator<Item = String>) -> Self {
        Self { any: vec![texts.into_iter().map(|text| vec![text]).collect()] }
    }

    pub fn is_empty(&self) -> bool {
        self.any.iter().all(Vec::is_empty)
    }

    /// Whether a document holds what is asked.
    pub fn is_met_by(&self, document: &str) -> bool {
        self.any.is_empty()
            || self
                .any
                .iter()
                .any(|items| items.iter().all(|texts| texts.iter().any(|text| document.contains(text.as_str()))))
    }

    /// The condition on a document, by comparing.
    pub fn compare(&self, engine: Engine, column: &str, params: &mut Vec<Value>) -> String {
        self.condition(|text| contains_folded(engine, column, text, params))
    }

    /// The condition on a document as PostgreSQL looks it up. Blanks around a longer word are left to a comparison: very
    /// many documents have a word that begins with one letter, and the index would read them all.
    fn looked_up(&self, column: &str, params: &mut Vec<Value>) -> String {
        self.condition(|text| {
            let word = text.trim();
            if word == text || word.chars().count() < LOOKED_UP_BARE {
                return contains_folded(Engine::Postgres, column, text, params);
            }
            let bare = contains_folded(Engine::Postgres, column, word, params);
            params.push(text.into());
            format!("({bare} and strpos({column}, ${}) > 0)", params.len())
        })
    }

    fn condition(&self, mut of_text: impl FnMut(&str) -> String) -> String {
        let parts = self.any.iter().map(|items| {
            let items: Vec<String> = items
                .iter()
                .map(|texts| {
                    let texts: Vec<String> = texts.iter().map(|text| of_text(text)).collect();
                    format!("({})", texts.join(" or "))
                })
                .collect();
            if items.is_empty() { "true".to_owned() } else { format!("({})", items.join(" and ")) }
        });
        let parts: Vec<String> = parts.collect();
        if parts.is_empty() { "true".to_owned() } else { format!("({})", parts.join(" or ")) }
    }

    /// The same with one text per item.
    fn spelled_out(&self) -> Self {
        let of_items = |items: &Vec<Vec<String>>| {
            items.iter().fold(vec![Vec::new()], |lists: Vec<Vec<Vec<String>>>, texts| {
                let longer = |list: &Vec<Vec<String>>, text: &String| {
                    let mut list = list.clone();
                    list.push(vec![text.clone()]);
                    list
                };
                lists
                    .iter()
                    .flat_map(|list| texts.iter().map(|text| longer(list, text)))
                    .take(MOST_SPELLED_OUT)
                    .collect()
            })
        };
        Self { any: self.any.iter().flat_map(of_items).collect() }
    }

    /// FTS5's expression; `None` where something is too short to be looked up.
    fn expression(&self) -> Option<String> {
        let of_items = |items: &Vec<Vec<String>>| {
            let parts: Vec<String> = items.iter().filter_map(|texts| of_texts(texts)).collect();
            (!parts.is_empty()).then(|| format!("({})", parts.join(" AND ")))
        };
        let parts: Option<Vec<String>> = self.any.iter().map(of_items).collect();
        parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(" OR "))
    }

    /// `from` and `where` of the documents that match, as alias `d`, and the column that orders them by age. Read in
    /// that order, newest first, SQLite stops as soon as enough are found.
    pub fn matching(&self, engine: Engine, documents: Documents, params: &mut Vec<Value>) -> (String, &'static str) {
        let Documents { table, fts } = documents;
        match (engine, self.expression()) {
            (Engine::Sqlite, Some(expression)) => {
                params.push(expression.into());
                let place = params.len();
                let compare = self.compare(engine, "d.document", params);
                let sql = format!(
                    "{fts} f cross join {table} d where d.seq = f.rowid and f.{fts} match ${place} and {compare}"
                );
                (sql, "f.rowid")
            }
            (Engine::Sqlite, None) => {
                (format!("{table} d where {}", self.compare(engine, "d.document", params)), "d.seq")
            }
            // It intersects within one look-up of its index, but not between two.
            (Engine::Postgres, _) => {
                (format!("{table} d where {}", self.spelled_out().looked_up("d.document", params)), "d.seq")
            }
        }
    }

    /// Selects the numbers of the documents that may match, as column `seq`, without reading them; `None` where no index
    /// gives them.
    pub fn numbers(&self, engine: Engine, documents: Documents, params: &mut Vec<Value>) -> Option<String> {
        let expression = self.expression().filter(|_| engine == Engine::Sqlite)?;
        let fts = documents.fts;
        params.push(expression.into());
        Some(format!("select rowid as seq from {fts} where {fts} match ${}", params.len()))
    }

    /// Whether an index can look it up: one letter alone is too short for SQLite's.
    pub fn has_index(&self, engine: Engine) -> bool {
        engine == Engine::Postgres || self.expression().is_some()
    }

    /// As [`TextMatch::matching`], but by looking at the documents themselves, newest first: the way to what is common.
    pub fn walking(&self, engine: Engine, documents: Documents, params: &mut Vec<Value>) -> String {
        // "offset 0" keeps PostgreSQL from taking the index after all.
        let compare = self.compare(engine, "d.document", params);
        format!("(select * from {} order by seq desc offset 0) d where {compare}", documents.table)
    }

    /// A statement that tells how many documents match, counted to `most` (the place of a parameter); what is
    /// frequent among the newest counts as `most`.
    pub fn frequency(&self, engine: Engine, documents: Documents, most: &str, params: &mut Vec<Value>) -> String {
        let Documents { table, fts } = documents;
        if let (Engine::Sqlite, Some(expression)) = (engine, self.expression()) {
            params.push(expression.into());
            let place = params.len();
            return format!("select count(*) from (select rowid from {fts} where {fts} match ${place} limit {most})");
        }
        if engine == Engine::Sqlite {
            // Without an index nothing is short.
            return format!("select cast({most} as bigint)");
        }
        let compare = self.compare(engine, "d.document", params);
        let found = self.spelled_out().looked_up("d.document", params);
        // What is common has long lists in PostgreSQL's index, so they are counted only where the sample holds little.
        format!(
            "select case when (select count(*) from (select document from {table} order by seq desc limit {SAMPLE}) d \
             where {compare}) >= {COMMON_IN_SAMPLE} then cast({most} as bigint) \
             else (select count(*) from (select 1 from {table} d where {found} limit {most}) counted) end"
        )
    }
}

/// Pages of SQLite's index that one transaction puts in order: few milliseconds.
const MERGED_AT_ONCE: i64 = 300;

impl Documents {
    /// Puts SQLite's index in order: every transaction adds a part to it, and each part costs every search a look-up. Writes
    /// a little at a time, so that others can write in between.
    pub async fn merge(&self, db: &Database) -> Result<(), DbErr> {
        if db.engine() == Engine::Postgres {
            return Ok(());
        }
        let fts = self.fts;
        let sql = format!("insert into {fts} ({fts}, rank) values ('merge', $1)");
        // A negative number begins: everything is to become one part.
        let mut pages = -MERGED_AT_ONCE;
        loop {
            let tx = db.begin_write().await?;
            let changes = "select total_changes()";
            let before: Option<i64> = tx.value(changes, params![]).await?;
            tx.run(&sql, params![pages]).await?;
            let after: Option<i64> = tx.value(changes, params![]).await?;
            tx.commit().await?;
            // The statement itself counts as one change.
            if after.unwrap_or_default() - before.unwrap_or_default() < 2 {
                return Ok(());
            }
            pages = MERGED_AT_ONCE;
        }
    }
}

/// One of the texts; nothing where one of them is too short.
fn of_texts(texts: &[String]) -> Option<String> {
    let parts: Option<Vec<String>> = texts.iter().map(|text| of_text(text)).collect();
    parts.map(|parts| if parts.len() == 1 { parts.concat() } else { format!("({})", parts.join(" OR ")) })
}

fn of_text(text: &str) -> Option<String> {
    // Very many mailboxes share a domain: what stands before it is looked up, and the whole compared.
    let before = text.find('@').filter(|at| *at > 0).map(|at| text[..at].chars().count() + TRIGRAM - 1);
    let looked_up: String = text.chars().take(before.unwrap_or(usize::MAX)).collect();
    let trigrams = trigrams(&looked_up);
    (!trigrams.is_empty()).then(|| format!("({})", trigrams.join(" AND ")))
}

/// The quoted trigrams of a text, for FTS5's `MATCH`.
fn trigrams(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .windows(TRIGRAM)
        .map(|window| format!("\"{}\"", window.iter().collect::<String>().replace('"', "\"\"")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENTS: Documents = Documents { table: "customer_search", fts: "customer_search_fts" };

    #[test]
    fn sqlite_narrows_by_trigrams_and_postgres_by_like() {
        let text = TextMatch { any: vec![vec![vec!["jose".into(), " jo ".into()], vec!["va".into()]]] };
        let mut params = Vec::new();
        let (sql, order) = text.matching(Engine::Sqlite, DOCUMENTS, &mut params);
        assert!(sql.contains("f.customer_search_fts match $1 and (((instr(d.document, $2) > 0"), "{sql}");
        assert_eq!(order, "f.rowid");
        let expression = "((((\"jos\" AND \"ose\") OR (\" jo\" AND \"jo \"))))";
        assert_eq!(params[0], Value::from(expression.replace("((((", "(((").replace("))))", ")))")));

        let mut params = Vec::new();
        let (sql, _) = TextMatch::all(["5%".to_owned()]).matching(Engine::Postgres, DOCUMENTS, &mut params);
        assert_eq!(sql, "customer_search d where (((d.document LIKE $1)))");
        assert_eq!(params[0], Value::from("%5\\%%"));
    }

    #[test]
    fn postgres_looks_longer_words_up_without_their_blanks() {
        let mut params = Vec::new();
        let text = TextMatch::all([" smith ".to_owned(), " oli".to_owned()]);
        let (sql, _) = text.matching(Engine::Postgres, DOCUMENTS, &mut params);
        let word = "((d.document LIKE $1 and strpos(d.document, $2) > 0))";
        assert_eq!(sql, format!("customer_search d where (({} and (d.document LIKE $3)))", &word));
        assert_eq!(params, params!["%smith%", " smith ", "% oli%"]);
    }

    #[test]
    fn mailboxes_are_looked_up_by_what_stands_before_the_domain() {
        let looked_up = |text: &str| of_text(text).unwrap_or_default();
        assert_eq!(looked_up("n77@gmail.ex"), "(\"n77\" AND \"77@\" AND \"7@g\")");
        assert_eq!(looked_up("@gma"), "(\"@gm\" AND \"gma\")");
        assert_eq!(looked_up("7@"), "");
    }

    #[test]
    fn what_is_too_short_for_the_index_is_compared() {
        let mut params = Vec::new();
        let (sql, order) = TextMatch::all(["a".to_owned()]).matching(Engine::Sqlite, DOCUMENTS, &mut params);
        assert_eq!((sql.as_str(), order), ("customer_search d where (((instr(d.document, $1) > 0)))", "d.seq"));
    }
}
