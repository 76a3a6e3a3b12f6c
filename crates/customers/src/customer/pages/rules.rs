//! The rules of the customer area: entry profiles, relay domains, the bin, the country that is assumed.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse;
use platform::app::App;
use platform::auth::Permission;
use platform::contact::Country;
use platform::error::{AppError, AppResult, FieldErrors};
use platform::http::{Access, Form, PageContext, PageResult, PageRoute, get, post};
use platform::ui::{self, Choice, Errors, Shell, choices, filters};
use platform::{settings, tr};
use serde::Deserialize;

use super::addresses::countries;
use crate::customer::profile::{EntryProfiles, Profile, REQUIRABLE};
use crate::forms::{refused_fields, status_of};
use crate::settings::CustomerSettings;

/// A year in the bin is long enough for anything.
const LONGEST_BIN_DAYS: i64 = 365;
const LONGEST_UNDO_DAYS: i64 = 3650;
/// More domains than any shop sells through.
const MOST_DOMAINS: usize = 500;

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
    profiles: Vec<ProfileLine>,
    errors: Errors,
}

struct ProfileLine {
    /// Name of the boxes: `required_full`.
    name: String,
    label: &'static str,
    fields: Vec<Choice>,
}

#[derive(Deserialize)]
struct RulesForm {
    country: String,
    bin_days: String,
    merge_undo_days: String,
    relay_domains: String,
    opens_first: String,
    #[serde(default)]
    required_full: Vec<String>,
    #[serde(default)]
    required_register: Vec<String>,
    #[serde(default)]
    required_quick: Vec<String>,
}

impl RulesForm {
    fn of(rules: &CustomerSettings, profiles: &EntryProfiles) -> RulesForm {
        let required = |profile| profiles.required(profile, None).to_vec();
        RulesForm {
            country: rules.country.clone(),
            bin_days: rules.bin_days.to_string(),
            merge_undo_days: rules.merge_undo_days.to_string(),
            relay_domains: rules.relay_domains.join("\n"),
            opens_first: profiles.opens_first.key().to_owned(),
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
}

fn field_label(field: &str) -> &'static str {
    if field == "name" { tr!("A person's or a company's name") } else { super::fields::label(field) }
}

fn page(context: &PageContext, form: &RulesForm, errors: Errors) -> PageResult {
    let line = |profile: Profile| {
        let required = form.required(profile);
        let choice = |field: &str| Choice::new(field, field_label(field), required.iter().any(|name| name == field));
        ProfileLine {
            name: format!("required_{}", profile.key()),
            label: profile.label(),
            fields: REQUIRABLE.iter().map(|field| choice(field)).collect(),
        }
    };
    let forms = Profile::FORMS.map(|profile| (profile.key(), profile.label()));
    let status = status_of(&errors);
    let page = RulesPage {
        shell: context.shell.clone(),
        countries: countries(&form.country, context.shell.lang()),
        bin_days: form.bin_days.clone(),
        merge_undo_days: form.merge_undo_days.clone(),
        relay_domains: form.relay_domains.clone(),
        opens_first: choices(forms, &form.opens_first),
        profiles: Profile::FORMS.into_iter().map(line).collect(),
        errors,
    };
    Ok(ui::render_status(status, &page, &context.shell))
}

async fn load(app: &App) -> AppResult<(CustomerSettings, EntryProfiles)> {
    Ok((settings::load(app.db.read()).await?, settings::load(app.db.read()).await?))
}

async fn show(State(app): State<App>, context: PageContext) -> PageResult {
    let (rules, profiles) = load(&app).await?;
    page(&context, &RulesForm::of(&rules, &profiles), Errors::none())
}

/// One domain a line; blanks, capitals and a leading @ do not matter.
fn domains(text: &str, errors: &mut FieldErrors) -> Vec<String> {
    let lines = text.split([',', ';', ' ', '\n', '\r']).map(|line| line.trim().trim_start_matches('@').to_lowercase());
    let mut domains: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    domains.dedup();
    let is_domain = |domain: &String| {
        domain.len() <= 253
            && domain.contains('.')
            && domain.chars().all(|character| character.is_alphanumeric() || matches!(character, '.' | '-'))
    };
    if domains.len() > MOST_DOMAINS || !domains.iter().all(is_domain) {
        errors.add("relay_domains", "domain_invalid", tr!("Write one domain a line, such as marketplace.example."));
    }
    domains
}

fn read(form: &RulesForm, before: EntryProfiles) -> Result<(CustomerSettings, EntryProfiles), FieldErrors> {
    let mut errors = FieldErrors::default();
    let bin_days = form.bin_days.trim().parse().ok().filter(|days| (0..=LONGEST_BIN_DAYS).contains(days));
    if bin_days.is_none() {
        errors.add("bin_days", "out_of_range", tr!("Choose 0 to 365 days."));
    }
    let merge_undo_days =
        form.merge_undo_days.trim().parse().ok().filter(|days| (0..=LONGEST_UNDO_DAYS).contains(days));
    if merge_undo_days.is_none() {
        errors.add("merge_undo_days", "out_of_range", tr!("Choose 0 to 3650 days."));
    }
    if Country::from_code(&form.country).is_none() {
        errors.add("country", "unknown_country", tr!("Choose a country from the list."));
    }
    let relay_domains = domains(&form.relay_domains, &mut errors);
    let mut default = before.default.clone();
    for profile in Profile::FORMS {
        let known = form.required(profile).iter().filter(|field| REQUIRABLE.contains(&field.as_str()));
        let fields: Vec<String> = known.cloned().collect();
        if fields.is_empty() {
            errors.add(format!("required_{}", profile.key()), "required", tr!("Ask for one field at least."));
        }
        default.insert(profile, fields);
    }
    errors.into_result()?;
    let opens_first = Profile::from_key(&form.opens_first).unwrap_or(before.opens_first);
    let rules = CustomerSettings {
        country: form.country.clone(),
        relay_domains,
        bin_days: bin_days.unwrap_or_default(),
        merge_undo_days: merge_undo_days.unwrap_or_default(),
    };
    Ok((rules, EntryProfiles { default: default.into_iter().collect::<BTreeMap<_, _>>(), opens_first, ..before }))
}

async fn store(app: &App, context: &PageContext, form: &RulesForm) -> AppResult<()> {
    let (_, before) = load(app).await?;
    let (rules, profiles) = read(form, before).map_err(AppError::from)?;
    let tx = app.begin_write().await?;
    let (actor, now) = (context.caller()?.actor(), app.clock.now());
    settings::save(&tx, &actor, now, &rules).await?;
    settings::save(&tx, &actor, now, &profiles).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(State(app): State<App>, context: PageContext, Form(form): Form<RulesForm>) -> PageResult {
    match refused_fields(store(&app, &context, &form).await)? {
        Ok(()) => Ok(ui::redirect_to("/settings/customers").saying(tr!("Settings saved")).into_response()),
        Err(errors) => page(&context, &form, errors),
    }
}
