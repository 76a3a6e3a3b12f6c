//! The queue: the pairs in their order, how many there are, and which comes next.

use platform::app::App;
use platform::error::AppResult;
use platform::registry::CountFuture;
use platform::settings;
use uuid::Uuid;

use super::explain::doubt_of;
use super::follow;
use super::settings::DuplicateSettings;
use super::store::{self, FIRST, Pair, PairState, Place, StateCount};

/// One page of the queue.
pub struct Listed {
    pub pairs: Vec<Pair>,
    /// Behind which place the next page begins.
    pub next: Option<Place>,
}

/// The doubt that the shop's threshold allows.
///
/// # Errors
/// When the database cannot be read.
pub async fn most_doubt(app: &App) -> AppResult<i64> {
    let settings: DuplicateSettings = settings::load(app.db.read()).await?;
    Ok(doubt_of(settings.threshold))
}

/// Pairs of one state, the surest first, those put to the end last.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, state: PairState, after: Option<Place>, limit: i64) -> AppResult<Listed> {
    follow::catch_up(app).await?;
    let doubt = most_doubt(app).await?;
    let mut pairs = store::page(app.db.read(), state, doubt, after.unwrap_or(FIRST), limit + 1).await?;
    let has_more = pairs.len() as i64 > limit;
    pairs.truncate(limit.max(0) as usize);
    let next = pairs.last().filter(|_| has_more).map(Pair::place);
    Ok(Listed { pairs, next })
}

/// How many pairs there are of each state.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(app: &App) -> AppResult<Vec<StateCount>> {
    Ok(store::counts(app.db.read(), most_doubt(app).await?).await?)
}

/// The number beside the topic of likely duplicates on a customer's page. Most customers have no pair: they cost one look.
pub fn open_of(app: App, customer: Uuid) -> CountFuture {
    Box::pin(async move {
        let doubts = store::open_of(app.db.read(), customer).await?;
        let most = if doubts.is_empty() { 0 } else { most_doubt(&app).await? };
        Ok(doubts.into_iter().filter(|doubt| *doubt <= most).count() as i64)
    })
}

/// The pair behind a place; the first one where there is none behind.
///
/// # Errors
/// When the database cannot be read.
pub async fn next(app: &App, state: PairState, place: Place) -> AppResult<Option<Pair>> {
    let doubt = most_doubt(app).await?;
    let behind = store::page(app.db.read(), state, doubt, place, 1).await?;
    let found = match behind.is_empty() {
        true => store::page(app.db.read(), state, doubt, FIRST, 1).await?,
        false => behind,
    };
    Ok(found.into_iter().find(|pair| pair.place() != place))
}

/// The pair before a place.
///
/// # Errors
/// When the database cannot be read.
pub async fn previous(app: &App, state: PairState, place: Place) -> AppResult<Option<Pair>> {
    Ok(store::before(app.db.read(), state, most_doubt(app).await?, place).await?)
}
