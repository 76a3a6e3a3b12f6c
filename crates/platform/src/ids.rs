//! Ids made anywhere, ordered by time, never guessable: UUIDv7.

use uuid::{NoContext, Timestamp, Uuid};

use crate::clock::Micros;

/// A new id whose leading bits are `now`.
pub fn new_id(now: Micros) -> Uuid {
    let seconds = now.div_euclid(1_000_000) as u64;
    let nanos = (now.rem_euclid(1_000_000) * 1000) as u32;
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos))
}

/// No id made at or after `at` is smaller.
pub fn first_id(at: Micros) -> Uuid {
    Uuid::from_u128((at.div_euclid(1000).max(0) as u128) << 80)
}

/// Random bytes as lower-case hexadecimal, for session and link tokens.
pub fn new_secret() -> String {
    use rand::RngExt;
    let bytes: [u8; 32] = rand::rng().random();
    hex::encode(bytes)
}

/// What is stored of a secret: its SHA-256. The secrets are random, so no salt is needed.
pub fn secret_hash(secret: &str) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(secret.as_bytes()).to_vec()
}
