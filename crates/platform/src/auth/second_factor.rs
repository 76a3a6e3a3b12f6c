//! Time-based one-time passwords (RFC 6238) and recovery codes (R14).

use sea_orm::{ConnectionTrait, DbErr};
use totp_rs::{Builder, Secret, Totp};
use uuid::Uuid;

use super::staff::{self, StaffRow};
use crate::clock::{Micros, SECOND};
use crate::db::{SqlExt, Tx};
use crate::error::{AppError, AppResult};
use crate::history::{self, Actor, Entry};
use crate::ids::{new_id, new_secret, secret_hash};
use crate::params;

const RECOVERY_CODES: usize = 10;

/// A secret not yet confirmed, with its address for an authenticator app.
#[derive(Clone, Debug)]
pub struct Offer {
    /// Base32, for typing.
    pub secret: String,
    /// `otpauth://` address.
    pub address: String,
    /// The address as an SVG QR code.
    pub qr_svg: String,
}

fn totp(secret_base32: &str, account: &str) -> AppResult<Totp> {
    let secret = Secret::try_from_base32(secret_base32).map_err(AppError::broken)?;
    Builder::new()
        .with_secret(secret)
        .with_issuer(Some("Clientele"))
        .with_account_name(account.replace(':', "_"))
        .build()
        .map_err(AppError::broken)
}

/// A fresh secret for a person to scan.
pub fn offer(account: &str) -> AppResult<Offer> {
    offer_of(&Secret::generate().to_base32(), account)
}

/// The same offer again, when the first code typed was wrong.
pub fn offer_of(secret: &str, account: &str) -> AppResult<Offer> {
    let address = totp(secret, account)?.to_url().map_err(AppError::broken)?;
    let code = qrcode::QrCode::new(address.as_bytes()).map_err(AppError::broken)?;
    let qr_svg = code.render::<qrcode::render::svg::Color>().min_dimensions(200, 200).build();
    Ok(Offer { secret: secret.to_owned(), address, qr_svg })
}

fn matching_step(secret: &str, account: &str, code: &str, now: Micros) -> AppResult<Option<i64>> {
    let code: String = code.chars().filter(|character| !character.is_whitespace()).collect();
    let seconds = (now / SECOND).max(0) as u64;
    Ok(totp(secret, account)?.check(&code, seconds).map(|step| step as i64))
}

fn wrong_code() -> AppError {
    AppError::field("code", "code_wrong", "This code is not right. Try the next one.")
}

/// Turns the second factor on after the person proved to hold the secret; answers fresh recovery
/// codes, shown once.
pub async fn turn_on(
    tx: &Tx,
    actor: &Actor,
    now: Micros,
    person: &StaffRow,
    secret: &str,
    code: &str,
) -> AppResult<Vec<String>> {
    let step = matching_step(secret, &person.email, code, now)?.ok_or_else(wrong_code)?;
    tx.run(
        "update staff set totp_secret = $1, totp_since = $2, totp_last_step = $3 where id = $4",
        params![secret, now, step, person.id],
    )
    .await?;
    let codes = renew_recovery_codes(tx, now, person.id).await?;
    history::record(tx, actor, now, Entry::new("staff", person.id, "second_factor_on")).await?;
    Ok(codes)
}

/// Turns the second factor off (by its owner or by staff who manage staff); logged.
pub async fn turn_off(tx: &Tx, actor: &Actor, now: Micros, staff_id: Uuid) -> AppResult<()> {
    tx.run("update staff set totp_secret = '', totp_since = null where id = $1", params![staff_id]).await?;
    tx.run("delete from recovery_code where staff_id = $1", params![staff_id]).await?;
    history::record(tx, actor, now, Entry::new("staff", staff_id, "second_factor_off")).await?;
    Ok(())
}

/// Replaces all recovery codes.
pub async fn renew_recovery_codes(tx: &Tx, now: Micros, staff_id: Uuid) -> AppResult<Vec<String>> {
    tx.run("delete from recovery_code where staff_id = $1", params![staff_id]).await?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY_CODES {
        let secret = new_secret();
        let code = format!("{}-{}", &secret[..5], &secret[5..10]);
        tx.run(
            "insert into recovery_code (id, staff_id, code_hash) values ($1, $2, $3)",
            params![new_id(now), staff_id, secret_hash(&code)],
        )
        .await?;
        codes.push(code);
    }
    Ok(codes)
}

/// How many recovery codes are left.
pub async fn recovery_codes_left(db: &impl ConnectionTrait, staff_id: Uuid) -> Result<i64, DbErr> {
    let sql = "select count(*) from recovery_code where staff_id = $1 and used_at is null";
    Ok(db.value(sql, params![staff_id]).await?.unwrap_or(0))
}

/// Accepts a code from the app (each once) or an unused recovery code.
///
/// # Errors
/// `Invalid` on field `code` when neither fits.
pub async fn accept(tx: &Tx, now: Micros, staff_id: Uuid, code: &str) -> AppResult<()> {
    let person = staff::find(tx, staff_id).await?.ok_or(AppError::Unauthenticated)?;
    if let Some(step) = matching_step(&person.totp_secret, &person.email, code, now)? {
        let fresh = tx
            .run("update staff set totp_last_step = $1 where id = $2 and totp_last_step < $1", params![step, staff_id])
            .await?;
        return if fresh == 1 { Ok(()) } else { Err(wrong_code()) };
    }
    let typed = code.trim().to_lowercase();
    let used = tx
        .run(
            "update recovery_code set used_at = $1 \
             where staff_id = $2 and code_hash = $3 and used_at is null",
            params![now, staff_id, secret_hash(&typed)],
        )
        .await?;
    if used == 1 { Ok(()) } else { Err(wrong_code()) }
}
