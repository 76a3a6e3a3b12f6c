//! Turning what was typed into a query, and ranking what it finds.

use platform::auth::FieldRights;
use platform::contact::{fold, search_digits, words};
use platform::db::{Database, SqlExt, full_text_match};
use platform::error::AppResult;
use platform::sea_orm::{self, FromQueryResult, Value};
use uuid::Uuid;

use super::spelling;
use crate::customer::Customer;

/// Longest question taken into account, in characters; the rest is ignored.
const LONGEST_QUESTION: usize = 200;
const MOST_WORDS: usize = 8;
/// Candidates that are ranked: the newest that match.
const MOST_CANDIDATES: i64 = 200;

/// A hit of the search box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub id: Uuid,
    pub number: String,
    pub name: String,
    pub company: String,
    pub email: String,
    pub phone: String,
    pub town: String,
    pub status: String,
    pub active: bool,
    /// Found by forgiving typing errors.
    pub corrected: bool,
}

#[derive(FromQueryResult)]
struct Candidate {
    id: Uuid,
    number: String,
    display_name: String,
    company_name: String,
    main_email: String,
    main_phone: String,
    main_town: String,
    status: String,
    active: bool,
    document: String,
}

/// A condition on customers `c` for lists: the folded words that must all occur, or alternatives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// One of these word lists must match whole.
    alternatives: Vec<Vec<String>>,
}

impl Narrowing {
    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.alternatives.is_empty()
    }

    pub(super) fn alternatives(&self) -> &[Vec<String>] {
        &self.alternatives
    }

    /// The condition as SQL on the alias `d` of `customer_search`.
    pub fn condition(&self, db: &Database, params: &mut Vec<Value>) -> String {
        let parts: Vec<String> = self
            .alternatives
            .iter()
            .map(|words| format!("({})", full_text_match(db.engine(), "d", "customer_search_fts", words, params)))
            .collect();
        if parts.is_empty() { "true".to_owned() } else { format!("({})", parts.join(" or ")) }
    }
}

/// Words as they stand in documents: e-mail parts stay whole, phone numbers become digits.
fn question_words(question: &str) -> Vec<String> {
    let question: String = question.chars().take(LONGEST_QUESTION).collect();
    let question = question.trim().to_lowercase();
    // Few plain digits are a customer number or postcode, not a phone number in some notation.
    let is_short_number = question.len() < 8 && question.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(digits) = search_digits(&question).filter(|_| !is_short_number || question.starts_with('0')) {
        return vec![digits];
    }
    let mut found = Vec::new();
    for part in question.split_whitespace() {
        let is_code = part.contains('@') || (part.contains('-') && part.chars().any(|c| c.is_ascii_digit()));
        if is_code {
            found.push(part.to_owned());
        } else {
            found.extend(words(part));
        }
    }
    found.truncate(MOST_WORDS);
    found
}

/// Postcodes are stored without blanks; "1075 ee" is asked as "1075ee" too.
fn alternatives(question: &str) -> Vec<Vec<String>> {
    let plain = question_words(question);
    if plain.is_empty() {
        return Vec::new();
    }
    let joined: String = fold(question).split_whitespace().collect();
    let has_digit = joined.chars().any(|character| character.is_ascii_digit());
    let mut all = vec![plain.clone()];
    if plain.len() > 1 && plain.len() < 4 && has_digit && joined.len() <= 10 {
        all.push(vec![joined]);
    }
    all
}

/// The condition that narrows a list to what was typed. When nothing fits exactly, typing errors
/// are forgiven.
pub async fn narrowing(db: &Database, question: &str) -> AppResult<Narrowing> {
    let exact = Narrowing { alternatives: alternatives(question) };
    if exact.is_empty() || exists(db, &exact).await? {
        return Ok(exact);
    }
    let corrected = corrected(db, question).await?;
    Ok(if corrected.is_empty() { exact } else { corrected })
}

async fn exists(db: &Database, narrowing: &Narrowing) -> AppResult<bool> {
    let mut params = Vec::new();
    let condition = narrowing.condition(db, &mut params);
    let sql = format!("select 1 from customer_search d where {condition} limit 1");
    Ok(db.read().value::<i32>(&sql, params).await?.is_some())
}

/// Word lists in which misspelled words are replaced by known ones; at most a dozen.
async fn corrected(db: &Database, question: &str) -> AppResult<Narrowing> {
    let mut lists: Vec<Vec<String>> = vec![Vec::new()];
    for word in question_words(question) {
        let mut options = vec![format!(" {word}")];
        options.extend(spelling::corrections(db.read(), &word).await?.into_iter().map(|word| format!(" {word}")));
        if options.len() == 1 {
            options = vec![word];
        }
        lists = lists
            .iter()
            .flat_map(|list| {
                options.iter().map(move |option| {
                    let mut longer = list.clone();
                    longer.push(option.clone());
                    longer
                })
            })
            .take(24)
            .collect();
    }
    lists.retain(|list| !list.is_empty());
    Ok(Narrowing { alternatives: lists })
}

/// Finds customers for the search box, the best first. Inactive ones are found too (R18), behind
/// the active ones of the same rank.
pub async fn find(db: &Database, rights: &FieldRights, question: &str, limit: usize) -> AppResult<Vec<Found>> {
    let exact = Narrowing { alternatives: alternatives(question) };
    if exact.is_empty() {
        return Ok(Vec::new());
    }
    let asked = question_words(question);
    let mut candidates = known_by_identity(db, question).await?;
    if candidates.is_empty() {
        candidates = matching(db, &exact).await?;
    }
    let mut found = ranked(seen(db, rights, &exact, false, candidates).await?, &asked, false);
    if found.is_empty() {
        let corrected = corrected(db, question).await?;
        if !corrected.is_empty() {
            let candidates = matching(db, &corrected).await?;
            found = ranked(seen(db, rights, &corrected, true, candidates).await?, &asked, true);
        }
    }
    found.truncate(limit);
    Ok(found)
}

/// The customers that a question finds in what these rights show, for lists.
pub async fn visible_ids(db: &Database, rights: &FieldRights, question: &str) -> AppResult<Vec<Uuid>> {
    let found = find(db, rights, question, MOST_CANDIDATES as usize).await?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// The candidates as these rights show them, without those that only a hidden field answers for.
async fn seen(
    db: &Database,
    rights: &FieldRights,
    narrowing: &Narrowing,
    is_corrected: bool,
    candidates: Vec<Candidate>,
) -> AppResult<Vec<Candidate>> {
    if rights.is_unlimited() {
        return Ok(candidates);
    }
    let ids: Vec<Uuid> = candidates.iter().map(|candidate| candidate.id).collect();
    let answering = super::visible::answering(db, rights, narrowing, is_corrected, &ids).await?;
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

const SELECT: &str = "select c.id, c.number, c.display_name, c.company_name, c.main_email, c.main_phone, \
    c.main_town, c.status, c.active, d.document";

/// A whole e-mail address or customer number names its customers at once, whatever their words.
async fn known_by_identity(db: &Database, question: &str) -> AppResult<Vec<Candidate>> {
    let typed = question.trim();
    let (condition, value) = if typed.contains('@') && !typed.starts_with('@') {
        ("c.id in (select e.customer_id from customer_email e where e.folded = $1)", typed.to_lowercase())
    } else if typed.contains('-') && typed.len() < 20 {
        ("c.number = $1", typed.to_uppercase())
    } else {
        return Ok(Vec::new());
    };
    let sql = format!(
        "{SELECT} from customer c join customer_search d on d.customer_id = c.id \
         where {condition} and c.deleted_at is null order by d.seq desc limit $2"
    );
    Ok(db.read().all(&sql, vec![value.into(), MOST_CANDIDATES.into()]).await?)
}

/// The newest customers whose documents match.
async fn matching(db: &Database, narrowing: &Narrowing) -> AppResult<Vec<Candidate>> {
    let mut params = Vec::new();
    let condition = narrowing.condition(db, &mut params);
    params.push(MOST_CANDIDATES.into());
    let sql = format!(
        "{SELECT} from (select d.seq, d.customer_id, d.document from customer_search d \
         where {condition} order by d.seq desc limit ${}) d \
         join customer c on c.id = d.customer_id where c.deleted_at is null order by d.seq desc",
        params.len()
    );
    Ok(db.read().all(&sql, params).await?)
}

/// How well a document answers: whole words before beginnings of words before parts of words, near
/// spellings by their distance.
fn score(document: &str, asked: &[String]) -> i64 {
    asked
        .iter()
        .map(|word| {
            if document.contains(&format!(" {word} ")) {
                100
            } else if document.contains(&format!(" {word}")) {
                60
            } else if document.contains(word.as_str()) {
                30
            } else {
                let nearest = document.split(' ').map(|known| strsim::damerau_levenshtein(word, known)).min();
                20 - nearest.unwrap_or(20).min(20) as i64
            }
        })
        .sum()
}

fn ranked(candidates: Vec<Candidate>, asked: &[String], corrected: bool) -> Vec<Found> {
    let mut scored: Vec<(i64, Candidate)> = candidates
        .into_iter()
        .map(|candidate| {
            let active = i64::from(candidate.active);
            (2 * score(&candidate.document, asked) + active, candidate)
        })
        .collect();
    // Stable: the newest stay first among equals.
    scored.sort_by_key(|(score, _)| -score);
    scored
        .into_iter()
        .map(|(_, candidate)| Found {
            id: candidate.id,
            number: candidate.number,
            name: candidate.display_name,
            company: candidate.company_name,
            email: candidate.main_email,
            phone: candidate.main_phone,
            town: candidate.main_town,
            status: candidate.status,
            active: candidate.active,
            corrected,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_become_words_as_documents_have_them() {
        assert_eq!(question_words("  José  VAN der Berg"), ["jose", "van", "der", "berg"]);
        assert_eq!(question_words("anna@gmail.example"), ["anna@gmail.example"]);
        assert_eq!(question_words("C-10023"), ["c-10023"]);
        assert_eq!(question_words("06-12345678"), ["612345678"]);
        assert_eq!(alternatives("1075 EE"), [vec!["1075".to_owned(), "ee".to_owned()], vec!["1075ee".to_owned()]]);
    }

    #[test]
    fn whole_words_rank_before_beginnings_before_parts() {
        let asked = ["ann".to_owned()];
        let [whole, start, part] = [" ann lee ", " anna lee ", " joann lee "].map(|line| score(line, &asked));
        assert!(whole > start && start > part);
    }
}
