//! Figures that are dear to compute and may be a minute old: kept in memory for a while. Nothing depends on them being
//! there, so every server of a shop keeps its own.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::clock::Micros;
use crate::error::{AppError, AppResult};

/// More answers than this are not kept: the oldest go.
const MOST: usize = 200;

/// Answers by key, each with the time it was computed.
#[derive(Debug, Default)]
pub struct Memo(Mutex<HashMap<String, (Micros, String)>>);

impl Memo {
    /// The kept answer if it is younger than `keep`, else a fresh one.
    ///
    /// # Errors
    /// What computing it answers.
    pub async fn get<T, F>(&self, key: &str, now: Micros, keep: Micros, fresh: F) -> AppResult<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = AppResult<T>>,
    {
        self.get_if(key, now, keep, |_| true, fresh).await
    }

    /// As [`Memo::get`], keeping only the answers that `is_kept` approves of.
    ///
    /// # Errors
    /// What computing it answers.
    pub async fn get_if<T, F>(
        &self,
        key: &str,
        now: Micros,
        keep: Micros,
        is_kept: impl FnOnce(&T) -> bool,
        fresh: F,
    ) -> AppResult<T>
    where
        T: Serialize + DeserializeOwned,
        F: Future<Output = AppResult<T>>,
    {
        if let Some(kept) = self.kept(key, now - keep) {
            return serde_json::from_str(&kept).map_err(AppError::broken);
        }
        let value = fresh.await?;
        if is_kept(&value) {
            self.put(key, now, &value)?;
        }
        Ok(value)
    }

    fn put<T: Serialize>(&self, key: &str, now: Micros, value: &T) -> AppResult<()> {
        let text = serde_json::to_string(value).map_err(AppError::broken)?;
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST {
            let oldest = answers.iter().min_by_key(|(_, (at, _))| *at).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| answers.remove(&oldest));
        }
        answers.insert(key.to_owned(), (now, text));
        Ok(())
    }

    fn kept(&self, key: &str, since: Micros) -> Option<String> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(key).filter(|(at, _)| *at > since).map(|(_, text)| text.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_answer_is_kept_until_it_is_old() {
        let memo = Memo::default();
        let ask = async |now: Micros, value: i64| memo.get("a", now, 10, async { Ok(value) }).await.expect("a value");
        assert_eq!(ask(100, 1).await, 1);
        assert_eq!(ask(105, 2).await, 1);
        assert_eq!(ask(110, 3).await, 3);
    }

    #[tokio::test]
    async fn only_approved_answers_are_kept() {
        let memo = Memo::default();
        let ask = async |value: i64| {
            memo.get_if("a", 100, 10, |value| *value > 5, async { Ok(value) }).await.expect("a value")
        };
        assert_eq!([ask(1).await, ask(9).await, ask(2).await], [1, 9, 9]);
    }
}
