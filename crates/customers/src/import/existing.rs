//! Whether the customer of a row is there already.
//!
//! The same customer is one with the row's customer number or account code, the account that signs in with its
//! e-mail address, or the only holder of that address unless the names contradict each other. A row without an address is
//! the same as a customer without one who has its name and its phone number or postcode. Customers that this very import
//! made do not count: what a file lists twice stays two records, for duplicate finding to judge.

use std::collections::HashMap;

use platform::clock::Micros;
use platform::contact::{Email, fold, normalise_postcode, search_digits};
use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};
use uuid::Uuid;

use super::row::ImportedRow;
use super::store;
use crate::customer::model::AliasKind;

/// By what a row could be known.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    number: Option<String>,
    account_code: Option<String>,
    email: Option<String>,
    /// First and last name, folded, last name first, as lists are sorted.
    name: String,
    phone: Option<String>,
    postcode: Option<String>,
}

impl Marks {
    pub fn of(row: &ImportedRow) -> Self {
        let text = |part: &Option<String>| part.clone().unwrap_or_default();
        let email = row.emails.first().and_then(|email| Email::parse(email).ok());
        let address = row.addresses.first();
        let country = row.country.clone().unwrap_or_default();
        let postcode = address.and_then(|address| address.postcode.as_deref());
        Self {
            number: row.customer_number.as_deref().map(|number| number.trim().to_uppercase()),
            account_code: row.account_code.clone(),
            email: email.map(|email| email.folded().to_owned()),
            name: fold(&format!("{} {}", text(&row.last_name), text(&row.first_name))),
            phone: row.phones.first().and_then(|phone| search_digits(&phone.number)),
            postcode: postcode.map(|postcode| normalise_postcode(&country, postcode)),
        }
    }

    fn name_key(&self) -> Option<&String> {
        let known_by_name = self.email.is_none() && (self.phone.is_some() || self.postcode.is_some());
        Some(&self.name).filter(|name| known_by_name && !name.is_empty())
    }
}

#[derive(Clone, Debug, FromQueryResult)]
struct Candidate {
    id: Uuid,
    key: String,
    sort_name: String,
    name_folded: String,
    main_phone: String,
    main_postcode: String,
    main_country: String,
}

/// The customers that some rows could mean.
#[derive(Debug, Default)]
pub struct Existing {
    by_number: HashMap<String, Vec<Candidate>>,
    by_code: HashMap<String, Vec<Candidate>>,
    by_login: HashMap<String, Vec<Candidate>>,
    by_email: HashMap<String, Vec<Candidate>>,
    by_name: HashMap<String, Vec<Candidate>>,
}

const CANDIDATE: &str = "c.id, c.sort_name, c.name_folded, c.main_phone, c.main_postcode, c.main_country";

impl Existing {
    /// Looks up the candidates for some rows among the customers created before `since`, with one query a mark.
    pub async fn load(db: &impl ConnectionTrait, marks: &[Marks], since: Micros) -> Result<Self, DbErr> {
        let of = |mark: fn(&Marks) -> Option<&String>| marks.iter().filter_map(mark).cloned().collect::<Vec<_>>();
        let numbers = "select c.number as key, {C} from customer c where c.number in ({IN})";
        let codes = "select c.account_code as key, {C} from customer c where c.account_code in ({IN})";
        let logins = "select a.login_folded as key, {C} from customer_account a join customer c on c.id = a.customer_id \
            where a.login_folded in ({IN})";
        let emails = "select e.folded as key, {C} from customer_email e join customer c on c.id = e.customer_id \
            where e.folded in ({IN})";
        let names = "select c.sort_name as key, {C} from customer c where c.sort_name in ({IN}) and c.main_email = ''";
        // The number or code of a record that became part of another means the survivor.
        let alias = |kind| {
            format!(
                "select a.value as key, {{C}} from customer_alias a join customer c on c.id = a.customer_id \
                where a.kind = '{kind}' and a.value in ({{IN}})"
            )
        };
        let (old_numbers, old_codes) = (alias(AliasKind::Number.key()), alias(AliasKind::AccountCode.key()));
        Ok(Self {
            by_number: candidates(db, &[numbers, &old_numbers], of(|mark| mark.number.as_ref()), since).await?,
            by_code: candidates(db, &[codes, &old_codes], of(|mark| mark.account_code.as_ref()), since).await?,
            by_login: candidates(db, &[logins], of(|mark| mark.email.as_ref()), since).await?,
            by_email: candidates(db, &[emails], of(|mark| mark.email.as_ref()), since).await?,
            by_name: candidates(db, &[names], of(Marks::name_key), since).await?,
        })
    }

    /// The customer that the row with these marks means.
    pub fn find(&self, marks: &Marks) -> Option<Uuid> {
        let of = |found: &HashMap<String, Vec<Candidate>>, key: Option<&String>| {
            key.and_then(|key| found.get(key)?.first()).map(|candidate| candidate.id)
        };
        of(&self.by_number, marks.number.as_ref())
            .or_else(|| of(&self.by_code, marks.account_code.as_ref()))
            .or_else(|| of(&self.by_login, marks.email.as_ref()))
            .or_else(|| self.holder(marks))
            .or_else(|| self.namesake(marks))
    }

    /// The holder of the e-mail address: the only one, or the one with the name.
    fn holder(&self, marks: &Marks) -> Option<Uuid> {
        let holders = self.by_email.get(marks.email.as_ref()?)?;
        let same_name = |holder: &&Candidate| holder.sort_name == marks.name;
        let nameless = |holder: &&Candidate| marks.name.is_empty() || holder.name_folded.is_empty();
        let named = holders.iter().find(same_name);
        let only = holders.first().filter(|_| holders.len() == 1).filter(nameless);
        named.or(only).map(|holder| holder.id)
    }

    fn namesake(&self, marks: &Marks) -> Option<Uuid> {
        let candidates = self.by_name.get(marks.name_key()?)?;
        let same = |candidate: &&Candidate| {
            let phone = search_digits(&candidate.main_phone);
            let postcode = normalise_postcode(&candidate.main_country, &candidate.main_postcode);
            match &marks.phone {
                Some(_) => phone == marks.phone,
                None => phone.is_none() && marks.postcode.as_ref() == Some(&postcode),
            }
        };
        candidates.iter().find(same).map(|candidate| candidate.id)
    }
}

/// What several ways lead to, the first way first.
async fn candidates(
    db: &impl ConnectionTrait,
    ways: &[&str],
    keys: Vec<String>,
    since: Micros,
) -> Result<HashMap<String, Vec<Candidate>>, DbErr> {
    let mut found: HashMap<String, Vec<Candidate>> = HashMap::new();
    for sql in ways {
        let sql = sql.replace("{C}", CANDIDATE);
        let sql = format!("{sql} and c.deleted_at is null and c.created_at < ${{NEXT}} order by c.created_at, c.id");
        for candidate in store::of_keys::<Candidate>(db, &sql, keys.clone(), &[since.into()]).await? {
            let known = found.entry(candidate.key.clone()).or_default();
            if !known.iter().any(|other| other.id == candidate.id) {
                known.push(candidate);
            }
        }
    }
    Ok(found)
}
