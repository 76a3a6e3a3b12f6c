//! Searching with a limited sight: what the index finds counts only if it can be found in what the person sees. Masked
//! fields are found by their whole value. Roles without limits never come here.

use platform::auth::Sight;
use platform::db::{Database, TextMatch};
use platform::error::AppResult;
use uuid::Uuid;

use super::document::document;
use crate::customer::model::Customer;
use crate::customer::visible::{masked_values, visible};
use crate::customer::{reach, store};

/// The customers among `ids` that this sight finds by one of the alternatives, as they are seen. A question that was
/// corrected finds nothing by a masked value: it was not known whole.
pub(super) async fn answering(
    db: &Database,
    sight: &Sight,
    text: &TextMatch,
    is_corrected: bool,
    ids: &[Uuid],
) -> AppResult<Vec<(Customer, String)>> {
    let customers = store::find_many(db.read(), ids).await?;
    let within = customers.into_iter().filter(|customer| reach::holds(&sight.reach, customer));
    let seen = within.filter_map(|customer| {
        let whole = if is_corrected { Vec::new() } else { masked_values(&customer, &sight.fields) };
        let seen = visible(&customer, &sight.fields).into_owned();
        let line = document(&seen);
        let is_found = |word: &String| line.contains(word.as_str()) || whole.iter().any(|value| value == word.trim());
        let answers = |all: &Vec<Vec<String>>| all.iter().all(|texts| texts.iter().any(is_found));
        text.any.iter().any(answers).then_some((seen, line))
    });
    Ok(seen.collect())
}
