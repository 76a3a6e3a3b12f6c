//! The form of the customer area's rules.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::error::AppResult;
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use platform::tr;
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use serde::Deserialize;

use super::addresses::countries;
use super::profile_line::ProfileLine;
use crate::customer::profile::Profile;
use crate::customer::rules::Rules;
use crate::forms::{refused_fields, status_of};

pub(super) fn routes() -> Vec<PageRoute> {
    let needed = Access::Needs(Permission::SettingsEdit);
    vec![get("/settings/customers", needed, show), post("/settings/customers", needed, save)]
}

#[derive(Template)]
#[template(path = "settings/customers.html")]
struct RulesPage {
    shell: Shell,
    countries: Vec<Choice>,
    bin_days: String,
    merge_undo_days: String,
    relay_domains: String,
    opens_first: Vec<Choice>,
    visibility: Vec<Choice>,
    profiles: Vec<ProfileLine>,
    errors: Errors,
}

#[derive(Deserialize)]
struct RulesForm {
    country: String,
    bin_days: String,
    merge_undo_days: String,
    relay_domains: String,
    opens_first: String,
    /// `all` or `own`.
    #[serde(default)]
    visibility: String,
    #[serde(default)]
    required_full: Vec<String>,
    #[serde(default)]
    required_register: Vec<String>,
    #[serde(default)]
    required_quick: Vec<String>,
}

impl RulesForm {
    fn of(rules: &Rules) -> RulesForm {
        let required = |profile| rules.required.get(&profile).cloned().unwrap_or_default();
        RulesForm {
            country: rules.country.clone(),
            bin_days: rules.bin_days.to_string(),
            merge_undo_days: rules.merge_undo_days.to_string(),
            relay_domains: rules.relay_domains.join("\n"),
            opens_first: rules.opens_first.key().to_owned(),
            visibility: if rules.own_channels_only { "own" } else { "all" }.to_owned(),
            required_full: required(Profile::Full),
            required_register: required(Profile::Register),
            required_quick: required(Profile::Quick),
        }
    }

    fn required(&self, profile: Profile) -> &[String] {
        match profile {
            Profile::Register => &self.required_register,
            Profile::Quick => &self.required_quick,
            Profile::Full | Profile::Import => &self.required_full,
        }
    }

    /// What was typed; a number that is none is out of any range.
    fn rules(&self) -> Rules {
        let days = |typed: &str| typed.trim().parse().unwrap_or(-1);
        let required = |profile| (profile, self.required(profile).to_vec());
        Rules {
            country: self.country.clone(),
            relay_domains: self.relay_domains.split([',', ';', ' ', '\n', '\r']).map(str::to_owned).collect(),
            bin_days: days(&self.bin_days),
            merge_undo_days: days(&self.merge_undo_days),
            opens_first: Profile::from_key(&self.opens_first).unwrap_or_default(),
            required: Profile::FORMS.map(required).into(),
            own_channels_only: self.visibility == "own",
        }
    }
}

fn page(context: &PageContext, form: &RulesForm, errors: Errors) -> PageResult {
    let line = |profile: Profile| ProfileLine::of(profile, form.required(profile));
    let forms = Profile::FORMS.map(|profile| (profile.key(), profile.label()));
    let seen =
        [("all", tr!("Everybody sees every customer")), ("own", tr!("People see the customers of their channels"))];
    let status = status_of(&errors);
    let page = RulesPage {
        shell: context.shell.clone(),
        countries: countries(&form.country, context.shell.lang()),
        bin_days: form.bin_days.clone(),
        merge_undo_days: form.merge_undo_days.clone(),
        relay_domains: form.relay_domains.clone(),
        opens_first: choices(forms, &form.opens_first),
        visibility: choices(seen, &form.visibility),
        profiles: Profile::FORMS.into_iter().map(line).collect(),
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    page(&context, &RulesForm::of(&Rules::load(app.db.read()).await?), Errors::none())
}

async fn store(app: &App, context: &PageContext, form: &RulesForm) -> AppResult<()> {
    let tx = app.begin_write().await?;
    form.rules().save(&tx, &context.caller()?.actor(), app.clock.now()).await?;
    tx.commit().await?;
    app.wake_jobs();
    Ok(())
}

async fn save(State(app): State<App>, context: PageContext, Form(form): Form<RulesForm>) -> PageResult {
    match refused_fields(store(&app, &context, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/customers").saying(tr!("Settings saved")).into_response()),
        Err(errors) => page(&context, &form, errors),
    }
}
