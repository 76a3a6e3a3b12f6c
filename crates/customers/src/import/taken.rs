//! Keys that another customer has already.

use std::collections::HashSet;

use platform::sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult};

use super::reader::Candidate;
use super::store;

/// Keys that only one customer can have.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    pub logins: HashSet<String>,
    pub codes: HashSet<String>,
    pub numbers: HashSet<String>,
}

impl Taken {
    /// Which of the keys these rows want somebody has already, in the bin or out of it.
    pub async fn load(db: &impl ConnectionTrait, candidates: &[&Candidate]) -> Result<Self, DbErr> {
        let customers = || candidates.iter().filter_map(|candidate| candidate.customer.as_ref().ok());
        let logins = customers().filter_map(|customer| Some(customer.account.as_ref()?.login_folded.clone())).collect();
        let codes = customers().map(|customer| customer.account_code.clone()).filter(|code| !code.is_empty()).collect();
        let numbers = customers().map(|customer| customer.number.clone()).filter(|number| !number.is_empty()).collect();
        let login = "select login_folded as key from customer_account where login_folded in ({IN})";
        let code = "select account_code as key from customer where account_code in ({IN})";
        let number = "select number as key from customer where number in ({IN})";
        Ok(Self {
            logins: known(db, login, logins).await?,
            codes: known(db, code, codes).await?,
            numbers: known(db, number, numbers).await?,
        })
    }
}

async fn known(db: &impl ConnectionTrait, sql: &str, keys: HashSet<String>) -> Result<HashSet<String>, DbErr> {
    #[derive(FromQueryResult)]
    struct Key {
        key: String,
    }
    let rows: Vec<Key> = store::of_keys(db, sql, keys, &[]).await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}
