//! Readable numbers, one ascending series per name.

use sea_orm::DbErr;

use crate::db::{SqlExt, Tx};
use crate::params;

/// Takes `count` numbers of a series and answers the first; they belong to the caller's
/// transaction, so a rollback leaves no gap. `first` is where a new series begins.
pub async fn take(tx: &Tx, series: &str, first: i64, count: i64) -> Result<i64, DbErr> {
    let last: Option<i64> = tx
        .value(
            "insert into number_series (name, last_value) values ($1, $2) \
             on conflict (name) do update set last_value = number_series.last_value + $3 \
             returning last_value",
            params![series, first + count - 1, count],
        )
        .await?;
    Ok(last.unwrap_or(first + count - 1) - count + 1)
}

/// Makes sure that the next number of a series is above `least`: numbers brought in from elsewhere must not be given out
/// again.
pub async fn raise(tx: &Tx, series: &str, least: i64) -> Result<(), DbErr> {
    tx.run(
        "insert into number_series (name, last_value) values ($1, $2) on conflict (name) do update set last_value = \
         case when number_series.last_value < $2 then $2 else number_series.last_value end",
        params![series, least],
    )
    .await?;
    Ok(())
}
