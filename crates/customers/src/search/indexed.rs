//! Customers by what has an index of its own: whole e-mail addresses, customer numbers, account codes, telephone numbers,
//! postcodes, beginnings of addresses.

use platform::db::{Database, SqlExt, TextMatch, ends_with_digits};
use platform::error::AppResult;
use platform::sea_orm::Value;

use super::query::{CANDIDATES, COLUMNS, Searched, newest};
use super::question::Question;
use super::rank::Candidate;

/// What names its customers at once, whatever their words: a whole e-mail address, customer number or account code.
pub(super) async fn by_identity(db: &Database, question: &Question) -> AppResult<Vec<Candidate>> {
    let (condition, params) = if let Some(email) = question.email() {
        let of_address = "c.id in (select e.customer_id from customer_email e where e.folded = $1)";
        (of_address, vec![email.into()])
    } else if let Some(number) = question.number() {
        let code = question.typed.to_uppercase();
        ("(c.number = $1 or (c.account_code = $2 and c.account_code <> ''))", vec![number.into(), code.into()])
    } else if let Some(digits) = question.bare_number() {
        (
            "c.number in (select 'C-' || $1 union select k.number_prefix || '-' || $1 from channel k)",
            vec![digits.into()],
        )
    } else {
        return Ok(Vec::new());
    };
    having(db, condition, params).await
}

/// Customers by what has an index of its own: a phone number in any notation, a postcode, the beginning of an address.
pub(super) async fn by_contact(
    searched: &Searched<'_>,
    question: &Question,
    wanted: usize,
) -> AppResult<Vec<Candidate>> {
    let db = searched.db;
    let phones = question.whole_phones();
    if !phones.is_empty() {
        let places = (1..=phones.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        let condition = format!("c.id in (select p.customer_id from customer_phone p where p.digits in ({places}))");
        let found = having(db, &condition, phones.into_iter().map(Value::from).collect()).await?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    if question.is_phone {
        return by_end_of_phone(searched, question, wanted).await;
    }
    if let Some(email) = question.beginning_of_email().or_else(|| question.name_of_mailbox()) {
        let condition = format!(
            "c.id in (select e.customer_id from customer_email e where e.folded >= $1 and e.folded < $2 limit {wanted})"
        );
        return having(db, &condition, vec![email.clone().into(), format!("{email}\u{7f}").into()]).await;
    }
    match question.postcode() {
        Some(postcode) => {
            let condition = format!(
                "c.id in (select a.customer_id from customer_address a where a.postcode_folded = $1 \
                 order by a.customer_id desc limit {wanted})"
            );
            having(db, &condition, vec![postcode.into()]).await
        }
        None => Ok(Vec::new()),
    }
}

async fn having(db: &Database, condition: &str, mut params: Vec<Value>) -> AppResult<Vec<Candidate>> {
    params.push((CANDIDATES as i64).into());
    let sql = format!(
        "select {COLUMNS} from customer c join customer_search d on d.customer_id = c.id \
         where {condition} and c.deleted_at is null order by d.seq desc limit ${}",
        params.len()
    );
    Ok(db.read().all(&sql, params).await?)
}

/// Customers with a number that ends as the typed one does.
async fn by_end_of_phone(searched: &Searched<'_>, question: &Question, wanted: usize) -> AppResult<Vec<Candidate>> {
    let db = searched.db;
    let digits = question.words.first().cloned().unwrap_or_default();
    let mut params = Vec::new();
    match ends_with_digits(db.engine(), "p.digits", &digits, &mut params) {
        None => newest(searched, &TextMatch::all([format!("{digits} ")]), wanted).await,
        Some(condition) => {
            let condition =
                format!("c.id in (select p.customer_id from customer_phone p where {condition} limit {wanted})");
            having(db, &condition, params).await
        }
    }
}
