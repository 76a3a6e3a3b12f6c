//! Password hashes (argon2id) and the policy for new passwords (R12).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};

use crate::error::{AppError, AppResult, FieldErrors};

/// Shortest password accepted, in characters (NIST SP 800-63B asks for 8 or more).
pub const SHORTEST_PASSWORD: usize = 10;
/// Longest password accepted, in bytes: hashing time must stay bounded.
pub const LONGEST_PASSWORD: usize = 512;

/// How much work a hash costs.
#[derive(Clone, Copy, Debug)]
pub enum HashCost {
    /// OWASP's recommendation for argon2id: 19 MiB, two passes.
    Full,
    /// The least the algorithm allows, for tests that sign in hundreds of times.
    Least,
}

impl HashCost {
    fn hasher(self) -> Argon2<'static> {
        let params = match self {
            Self::Full => Params::new(19 * 1024, 2, 1, None),
            Self::Least => Params::new(8, 1, 1, None),
        };
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.unwrap_or(Params::DEFAULT))
    }
}

/// Checks a new password against the policy: length, not the address or name itself.
pub fn check_policy(field: &str, password: &str, about: &[&str]) -> Result<(), FieldErrors> {
    let refuse = |code, detail: &'static str| Err(FieldErrors::one(field, code, detail));
    if password.chars().count() < SHORTEST_PASSWORD {
        return refuse("password_too_short", "A password needs at least 10 characters.");
    }
    if password.len() > LONGEST_PASSWORD {
        return refuse("password_too_long", "A password has at most 512 characters.");
    }
    let lower = password.to_lowercase();
    if about.iter().any(|text| !text.is_empty() && text.to_lowercase() == lower) {
        return refuse("password_is_name", "The password must not be the name or e-mail address.");
    }
    if lower.chars().all(|character| lower.starts_with(character)) {
        return refuse("password_too_simple", "The password repeats a single character.");
    }
    Ok(())
}

/// Hashes a password: it takes tens of milliseconds by design.
pub async fn hash(cost: HashCost, password: String) -> AppResult<String> {
    let hashed = one_by_one(move || cost.hasher().hash_password(password.as_bytes()).map(|hash| hash.to_string()));
    hashed.await?.map_err(AppError::broken)
}

/// Whether the password fits the stored hash. With no hash it still does the same work, so that
/// known and unknown addresses take equally long.
pub async fn verify(cost: HashCost, password: String, stored: Option<String>) -> AppResult<bool> {
    one_by_one(move || match stored {
        Some(stored) => PasswordHash::new(&stored)
            .is_ok_and(|hash| cost.hasher().verify_password(password.as_bytes(), &hash).is_ok()),
        None => {
            let _same_work = cost.hasher().hash_password(password.as_bytes());
            false
        }
    })
    .await
}

type Work = Box<dyn FnOnce() + Send>;

/// Work for the one thread that hashes. Each hash fills 19 MiB: however many people sign in at once, that is all it takes.
static QUEUE: LazyLock<Sender<Work>> = LazyLock::new(|| {
    let (queue, work) = channel::<Work>();
    let serve = move || {
        for work in work {
            // Whoever asked learns of a panic from the answer that does not come.
            let _panicked = catch_unwind(AssertUnwindSafe(work));
        }
    };
    // Without the thread nothing can be sent, which the askers are told.
    let _not_started = std::thread::Builder::new().name("passwords".to_owned()).spawn(serve);
    queue
});

async fn one_by_one<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> AppResult<T> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    let work = move || {
        if !answer.is_closed() {
            let _gone = answer.send(work());
        }
    };
    QUEUE.send(Box::new(work)).map_err(AppError::broken)?;
    answered.await.map_err(AppError::broken)
}
