//! The topic of likely duplicates on a customer's page, and the hint in a form before it is saved.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use customers::customer::pages::{Record, find as find_customer, load};
use customers::customer::store;
use customers::directory::Directory;
use customers::match_keys;
use platform::app::App;
use platform::auth::Permission;
use platform::error::AppResult;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, Path, get, post};
use platform::ui::{self, Shell, filters};
use serde::Deserialize;
use uuid::Uuid;

use super::api::LikelyInput;
use super::{Likely, certainty, field_words, find, finding_words, may_compare};

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

#[derive(Template)]
#[template(path = "likely/of_customer.html", blocks = ["record"])]
struct LikelyPage {
    shell: Shell,
    record: Record,
    lines: Vec<Line>,
    may_merge: bool,
}

async fn show(State(app): State<App>, context: PageContext, headers: HeaderMap, Path(id): Path<Uuid>) -> PageResult {
    may_compare(context.caller()?.fields())?;
    let customer = find_customer(&app, &context, id).await?;
    let directory = Directory::load(app.db.read()).await?;
    let record = load(&app, &context, &headers, &customer, &directory, "duplicates").await?;
    let whole = store::get(app.db.read(), id).await?;
    let likely = find(&app, &match_keys::person(&whole), Some(id)).await?;
    let may_merge = context.may(Permission::CustomerMerge) && customer.can_be_edited();
    let lines = likely.iter().map(line).collect();
    let page = LikelyPage { shell: context.shell.clone(), record, lines, may_merge };
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
}

async fn hints(app: &App, context: &PageContext, form: &HintForm) -> AppResult<Vec<Line>> {
    if may_compare(context.caller()?.fields()).is_err() {
        return Ok(Vec::new());
    }
    let likely = find(app, &form.input.person(), form.customer.parse().ok()).await?;
    Ok(likely.iter().filter(|likely| likely.is_recommended()).take(MOST_HINTS).map(line).collect())
}

async fn hint(State(app): State<App>, context: PageContext, Form(form): Form<HintForm>) -> PageResult {
    let lines = hints(&app, &context, &form).await?;
    Ok(ui::fragment(&Hint { lines }, &context.shell))
}
