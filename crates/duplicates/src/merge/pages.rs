//! The merge workspace: records side by side, what would happen, and the button (S0-31 to S0-34, S2-14 to S2-17, S3-68).

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use customers::customer::store as customer_store;
use customers::directory::Directory;
use platform::app::App;
use platform::auth::Permission;
use platform::error::{AppError, AppResult, Reason};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use platform::i18n::Message;
use platform::tr;
use platform::ui::{self, redirect_to};
use uuid::Uuid;

use super::api::run;
use super::fields::Policy;
use super::pages_view::{MergePage, lines_of};
use super::plan::{MOST_RECORDS, Request, plan};

/// The pages of merging.
pub fn routes() -> Vec<PageRoute> {
    let needed = Access::Needs(Permission::CustomerMerge);
    vec![get("/merge", needed, show), post("/merge", needed, carry_out), post("/merge/open", needed, open)]
}

/// What the address or the form says.
#[derive(Clone, Debug, Default)]
struct Asked {
    ids: Vec<Uuid>,
    survivor: Option<Uuid>,
    /// "Merge this into another": whoever is added survives (R1).
    away: Option<Uuid>,
    /// Number or e-mail address of one more record.
    add: String,
    request: Option<Request>,
}

fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    serde_html_form::from_str(query.unwrap_or_default()).unwrap_or_default()
}

impl Asked {
    fn of(pairs: &[(String, String)]) -> Self {
        let mut asked = Self::default();
        let mut choices = super::fields::Choices::default();
        let mut confirm = std::collections::BTreeSet::new();
        let mut digest = None;
        for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
            let id = value.parse::<Uuid>().ok();
            match (name.as_str(), id) {
                ("ids", Some(id)) if !asked.ids.contains(&id) => asked.ids.push(id),
                ("without", Some(id)) => asked.ids.retain(|known| *known != id),
                ("survivor", Some(id)) => asked.survivor = Some(id),
                ("away", Some(id)) => asked.away = Some(id),
                ("confirm", Some(id)) => drop(confirm.insert(id)),
                ("add", _) => value.trim().clone_into(&mut asked.add),
                ("plan", _) => digest = Some(value.clone()),
                ("policy", _) => {
                    choices.policy =
                        Policy::ALL.iter().copied().find(|policy| policy.key() == value).unwrap_or_default();
                }
                (field, Some(id)) => {
                    if let Some(field) = field.strip_prefix("f.") {
                        choices.fields.insert(field.to_owned(), id);
                    }
                }
                _ => {}
            }
        }
        let first = asked.ids.iter().copied().find(|id| Some(*id) != asked.away).or(asked.ids.first().copied());
        asked.survivor = asked.survivor.filter(|id| asked.ids.contains(id)).or(first);
        choices.fields.retain(|_, id| asked.ids.contains(id));
        if let Some(survivor_id) = asked.survivor {
            let absorbed_ids = asked.ids.iter().copied().filter(|id| *id != survivor_id).collect();
            asked.request = Some(Request { survivor_id, absorbed_ids, choices, confirm, plan: digest });
        }
        asked
    }

    /// The policy, the values picked by hand and the groups confirmed.
    fn chosen(&self) -> Vec<(String, String)> {
        let Some(request) = &self.request else { return Vec::new() };
        let picked = request.choices.fields.iter().map(|(field, id)| (format!("f.{field}"), id.to_string()));
        let confirmed = request.confirm.iter().map(|id| ("confirm".to_owned(), id.to_string()));
        let policy = ("policy".to_owned(), request.choices.policy.key().to_owned());
        std::iter::once(policy).chain(picked).chain(confirmed).collect()
    }

    /// The same question as an address, with one more record.
    fn with_added(&self, id: Uuid) -> String {
        let mut pairs: Vec<(&str, String)> = self.ids.iter().map(|id| ("ids", id.to_string())).collect();
        pairs.push(("ids", id.to_string()));
        pairs.extend(self.away.map(|id| ("away", id.to_string())));
        if self.away != self.survivor {
            pairs.extend(self.survivor.map(|id| ("survivor", id.to_string())));
        }
        let mut pairs: Vec<(String, String)> =
            pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        pairs.extend(self.chosen());
        format!("/merge?{}", serde_html_form::to_string(pairs).unwrap_or_default())
    }
}

async fn show(State(app): State<App>, context: PageContext, RawQuery(query): RawQuery) -> PageResult {
    let asked = Asked::of(&pairs(query.as_deref()));
    if !asked.add.is_empty() {
        return add(&app, &context, asked).await;
    }
    page(&app, &context, &asked, None, None).await
}

/// One more record, by number or e-mail address.
async fn add(app: &App, context: &PageContext, asked: Asked) -> PageResult {
    let may_ask = !asked.add.contains('@') || context.caller()?.fields().may_ask("email").is_ok();
    let found = match may_ask {
        true => customer_store::find_named(app.db.read(), &asked.add).await?,
        false => None,
    };
    let why = match found {
        Some(id) if asked.ids.contains(&id) => tr!("This customer is in the merge already."),
        Some(id) if customer_store::get(app.db.read(), id).await.is_ok() => {
            return Ok(redirect_to(asked.with_added(id)).into_response());
        }
        _ => tr!("No customer has this number or address."),
    };
    page(app, context, &asked, None, Some(why)).await
}

async fn page(
    app: &App,
    context: &PageContext,
    asked: &Asked,
    refused: Option<Reason>,
    not_added: Option<&'static str>,
) -> PageResult {
    let mut page = MergePage::empty(context.shell.clone());
    page.add.clone_from(&asked.add);
    page.away = asked.away.map(|id| id.to_string()).unwrap_or_default();
    page.not_added = not_added;
    page.chosen = asked.chosen();
    let directory = Directory::load(app.db.read()).await?;
    if let Some(request) = asked.request.as_ref().filter(|request| !request.absorbed_ids.is_empty()) {
        let permissions = &context.caller()?.permissions;
        match plan(app.db.read(), &app.registry, permissions, request, app.clock.now()).await {
            Ok(plan) => {
                let names = owners(app, &plan.records).await?;
                lines_of(&mut page, &plan, request, &directory, &names, app.clock.now());
            }
            Err(AppError::Invalid(errors)) => {
                page.refused = errors.0.into_iter().next().map(|error| Reason::new(error.code, error.detail));
            }
            Err(other) => return Err(other),
        }
    } else if let Some(id) = asked.survivor {
        let customer = customer_store::get(app.db.read(), id).await?;
        page.single(&customer, context.caller()?.fields());
    }
    page.refused = refused.or(page.refused);
    let status = match (&page.refused, not_added) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, Some(_)) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, None) => StatusCode::OK,
    };
    Ok(if context.htmx.wants("merge") {
        ui::fragment_status(status, &page.as_region(), &context.shell)
    } else {
        ui::render_status(status, &page, &context.shell)
    })
}

async fn owners(app: &App, records: &[customers::customer::model::Customer]) -> AppResult<super::pages_view::Names> {
    let ids: Vec<Uuid> = records.iter().filter_map(|record| record.owner_id).collect();
    Ok(customer_store::names(app.db.read(), &ids).await?)
}

/// The rows ticked in the list.
async fn open(State(_): State<App>, Form(pairs): Form<Vec<(String, String)>>) -> Response {
    let ids: Vec<(&str, &str)> = pairs
        .iter()
        .filter(|(name, value)| name == "id" && value.parse::<Uuid>().is_ok())
        .map(|(_, value)| ("ids", value.as_str()))
        .take(MOST_RECORDS + 1)
        .collect();
    redirect_to(format!("/merge?{}", serde_html_form::to_string(ids).unwrap_or_default())).into_response()
}

async fn carry_out(
    State(app): State<App>,
    context: PageContext,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let asked = Asked::of(&pairs);
    let Some(request) = &asked.request else { return page(&app, &context, &asked, None, None).await };
    let tx = app.begin_write().await?;
    match run(&tx, &app, context.caller()?, request).await {
        Ok(merge) => {
            tx.commit().await?;
            let text = Message::new(tr!("{n} records are one customer now")).with("n", request.absorbed_ids.len() + 1);
            let done = redirect_to(format!("/customers/{}", merge.survivor_id)).saying(text);
            let may_undo = context.may(Permission::CustomerMergeUndo);
            Ok(match may_undo {
                true => done.with_undo(format!("/merges/{}/undo", merge.id), tr!("Undo")).into_response(),
                false => done.into_response(),
            })
        }
        Err(AppError::Conflict(reason)) => {
            drop(tx);
            page(&app, &context, &asked, Some(reason), None).await
        }
        Err(other) => Err(other),
    }
}
