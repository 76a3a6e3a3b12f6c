//! What this program is, what it is doing, and how programs talk to it.

use askama::Template;
use axum::extract::State;

use crate::app::App;
use crate::auth::Permission;
use crate::http::{Access, PageContext, PageResult, PageRoute, get};
use crate::jobs::{self, Job};
use crate::ui::{self, Shell, filters};

const JOBS_SHOWN: i64 = 50;

pub(super) fn routes() -> Vec<PageRoute> {
    vec![
        get("/about", Access::SignedIn, about),
        get("/api/docs", Access::SignedIn, api_docs),
        get("/settings/jobs", Access::Needs(Permission::SettingsEdit), show_jobs),
    ]
}

#[derive(Template)]
#[template(path = "settings/about.html")]
struct AboutPage {
    shell: Shell,
    version: &'static str,
    engine: &'static str,
}

async fn about(State(app): State<App>, context: PageContext) -> PageResult {
    use sea_orm::DbBackend;
    let engine = match app.db.read().get_database_backend() {
        DbBackend::Postgres => "PostgreSQL",
        _ => "SQLite",
    };
    let page = AboutPage { shell: context.shell.clone(), version: env!("CARGO_PKG_VERSION"), engine };
    Ok(ui::render(&page, &context.shell))
}

#[derive(Template)]
#[template(path = "settings/api_docs.html")]
struct ApiDocsPage {
    shell: Shell,
}

async fn api_docs(context: PageContext) -> PageResult {
    Ok(ui::render(&ApiDocsPage { shell: context.shell.clone() }, &context.shell))
}

#[derive(Template)]
#[template(path = "settings/jobs.html")]
struct JobsPage {
    shell: Shell,
    jobs: Vec<JobLine>,
}

struct JobLine {
    job: Job,
    tone: &'static str,
    state: &'static str,
}

impl JobLine {
    fn of(job: Job) -> JobLine {
        let (tone, state) = match job.state.as_str() {
            "done" => ("good", crate::tr!("Done")),
            "failed" => ("bad", crate::tr!("Failed")),
            "running" => ("info", crate::tr!("Running")),
            _ => ("", crate::tr!("Waiting")),
        };
        JobLine { job, tone, state }
    }
}

async fn show_jobs(State(app): State<App>, context: PageContext) -> PageResult {
    let jobs = jobs::list(app.db.read(), JOBS_SHOWN).await?.into_iter().map(JobLine::of).collect();
    Ok(ui::render(&JobsPage { shell: context.shell.clone(), jobs }, &context.shell))
}
