//! The topic of likely duplicates on a customer's page, and the hint in a form before it is saved.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use customers::customer::pages::{Record, find as find_customer, load};
use customers::customer::store;
use customers::directory::Directory;
use customers::match_keys;
use matching::Person;
use platform::app::App;
use platform::auth::{Permission, Reach};
use platform::error::AppResult;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::reach;
use platform::ui::{self, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::api::LikelyInput;
use super::{Likely, certainty, field_words, find, finding_words, may_compare, threshold};
use crate::review::{PairState, decide, follow};

/// Lines of the hint in a form.
const MOST_HINTS: usize = 3;

pub(super) fn routes() -> Vec<PageRoute> {
    let needed = Access::Needs(Permission::CustomerView);
    vec![get("/customers/{id}/duplicates", needed, show), post("/duplicates/likely", needed, hint)]
}

/// What a field added, as a bar.
struct Step {
    field: &'static str,
    finding: &'static str,
    is_for: bool,
    /// Tenths of the strongest one: 1 to 10.
    size: u32,
}

struct Line {
    id: String,
    name: String,
    number: String,
    facts: String,
    tone: &'static str,
    certainty: &'static str,
    percent: u32,
    same_email: bool,
    same_name_and_postcode: bool,
    steps: Vec<Step>,
}

fn line(likely: &Likely) -> Line {
    let (tone, certainty) = certainty(likely.score.probability);
    let strongest = likely.score.contributions.iter().map(|part| part.weight.abs()).fold(1.0, f64::max);
    let customer = &likely.customer;
    let address = customer.primary_address().map(|address| address.one_line()).unwrap_or_default();
    let facts = [customer.main_email(), customer.main_phone(), &address];
    let steps = likely.score.contributions.iter().map(|part| Step {
        field: field_words(part.field),
        finding: finding_words(part.finding),
        is_for: part.weight >= 0.0,
        size: ((part.weight.abs() / strongest * 10.0).ceil() as u32).clamp(1, 10),
    });
    Line {
        id: customer.id.to_string(),
        name: customer.display_name(),
        number: customer.number.clone(),
        facts: facts.into_iter().filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · "),
        tone,
        certainty,
        percent: (likely.score.probability * 100.0).floor() as u32,
        same_email: likely.rules.contains(&super::Rule::Email),
        same_name_and_postcode: likely.rules.contains(&super::Rule::LastNamePostcode),
        steps: steps.collect(),
    }
}

/// What was decided about the customer and another one.
struct Decided {
    id: Uuid,
    other: Uuid,
    name: String,
    number: String,
    /// Empty for a household: it stands among its own.
    state: &'static str,
    by: String,
    at: i64,
    due: Option<i64>,
}

/// The household, and what else was decided.
async fn decided(app: &App, reach: &Reach, own: Uuid, person: &Person) -> AppResult<(Vec<Decided>, Vec<Decided>)> {
    let now = app.clock.now();
    let standing = decide::standing(app.db.read(), own, person).await?;
    let ids: Vec<Uuid> = standing.iter().map(|decision| decision.other_id).collect();
    let ids = reach::those_within(app, reach, ids).await?;
    let names = store::names(app.db.read(), &ids).await?;
    let (mut household, mut settled) = (Vec::new(), Vec::new());
    let is_shown = |other: Uuid| ids.contains(&other);
    for decision in standing.into_iter().filter(|decision| decision.rests(now) && is_shown(decision.other_id)) {
        let state = decision.pair_state(now);
        let (name, number) = names.get(&decision.other_id).cloned().unwrap_or_default();
        let is_household = state == PairState::SameHousehold;
        let line = Decided {
            id: decision.id,
            other: decision.other_id,
            name,
            number,
            state: if is_household { "" } else { state.label() },
            by: decision.actor_name,
            at: decision.decided_at,
            due: decision.due_at,
        };
        if is_household { household.push(line) } else { settled.push(line) }
    }
    Ok((household, settled))
}

#[derive(Template)]
#[template(path = "likely/of_customer.html", blocks = ["record"])]
struct LikelyPage {
    shell: Shell,
    record: Record,
    lines: Vec<Line>,
    household: Vec<Decided>,
    settled: Vec<Decided>,
    may_merge: bool,
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    may_compare(context.caller()?.fields())?;
    follow::catch_up(&app).await?;
    let customer = find_customer(&app, &context, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(&app, &context, &headers, &customer, &directory, "duplicates").await?;
    let whole = store::get(app.db.read(), id).await?;
    let person = match_keys::person(&whole);
    let likely = find(&app, &context.caller()?.sight().reach, &person, Some(id)).await?;
    let (household, settled) = decided(&app, &context.caller()?.sight().reach, id, &person).await?;
    let may_merge = context.may(Permission::CustomerMerge) && customer.can_be_edited();
    let lines = likely.iter().map(line).collect();
    let page = LikelyPage { shell: context.shell.clone(), record, lines, household, settled, may_merge };
    Ok(if context.htmx.wants("record") {
        ui::fragment_status(StatusCode::OK, &page.as_record(), &context.shell)
    } else {
        ui::render(&page, &context.shell)
    })
}

/// A form with the id of the customer it edits, if any.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct HintForm {
    customer: String,
    #[serde(flatten)]
    input: LikelyInput,
}

#[derive(Template)]
#[template(path = "likely/hint.html")]
struct Hint {
    lines: Vec<Line>,
    /// The customer that is edited; none for a new one.
    own: Option<Uuid>,
    may_merge: bool,
}

async fn hints(app: &App, context: &PageContext, form: &HintForm) -> AppResult<Vec<Line>> {
    if may_compare(context.caller()?.fields()).is_err() {
        return Ok(Vec::new());
    }
    let own = form.customer.parse::<Uuid>().ok();
    if let Some(own) = own {
        reach::ensure(app, context.caller()?, own).await?;
    }
    let person = match own {
        Some(id) => form.input.clone().over(&store::get(app.db.read(), id).await?),
        None => form.input.person(),
    };
    let likely = find(app, &context.caller()?.sight().reach, &person, own).await?;
    let threshold = threshold(app).await?;
    Ok(likely.iter().filter(|known| known.is_recommended(threshold)).take(MOST_HINTS).map(line).collect())
}

async fn hint(State(app): State<App>, context: PageContext, Form(form): Form<HintForm>) -> PageResult {
    let lines = hints(&app, &context, &form).await?;
    let hint = Hint { lines, own: form.customer.parse().ok(), may_merge: context.may(Permission::CustomerMerge) };
    Ok(ui::fragment(&hint, &context.shell))
}
