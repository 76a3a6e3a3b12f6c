//! Looking after the database.

use std::process::ExitCode;

use clientele::program::modules;
use platform::auth::staff;
use platform::clock::{Clock, SECOND};
use platform::db::{Database, SqlExt, applied};
use platform::params;
use platform::server;

use super::config::Config;
use super::{Failure, Outcome};

async fn connect(config: &Config) -> Result<Database, Failure> {
    Database::connect(&config.database()).await.map_err(|error| Failure::Start(error.into()))
}

/// Brings the schema up to date and says what was done.
pub async fn migrate(config: Config) -> Outcome {
    let db = connect(&config).await?;
    let now = Clock::system(config.clock_offset_seconds * SECOND).now();
    let done = server::prepare(&db, &modules(), now).await.map_err(|error| Failure::Start(error.into()))?;
    db.close().await?;
    match done.as_slice() {
        [] => println!("The database is up to date."),
        steps => steps.iter().for_each(|step| println!("applied {step}")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks what the server needs, one line each; fails if one is wrong.
pub async fn doctor(config: Config) -> Outcome {
    let mut healthy = true;
    let mut say = |what: &str, problem: Option<String>| {
        healthy &= problem.is_none();
        println!(
            "{} {what}{}",
            if problem.is_none() { "ok " } else { "BAD" },
            problem.map(|p| format!(": {p}")).unwrap_or_default()
        );
    };
    say("data folder", unwritable(&config));
    match connect(&config).await {
        Err(failure) => say("database", Some(failure.to_string())),
        Ok(db) => {
            say("database", None);
            say("schema", schema_problem(&db).await);
            say("staff", staff_problem(&db).await);
            say("jobs", job_problem(&db).await);
            db.close().await?;
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn unwritable(config: &Config) -> Option<String> {
    let probe = config.data_dir.join(".doctor");
    let tried = std::fs::create_dir_all(&config.data_dir).and_then(|()| std::fs::write(&probe, b"probe"));
    let tried = tried.and_then(|()| std::fs::remove_file(&probe));
    tried.err().map(|error| format!("{} cannot be written: {error}", config.data_dir.display()))
}

async fn schema_problem(db: &Database) -> Option<String> {
    let wanted = server::migrations(&modules());
    let done = applied(db.read()).await.unwrap_or_default();
    let missing: Vec<&str> =
        wanted.iter().map(|step| step.name).filter(|name| !done.iter().any(|known| known == name)).collect();
    let newer = done.iter().find(|name| !wanted.iter().any(|step| step.name == name.as_str()));
    match (missing.as_slice(), newer) {
        (_, Some(name)) => Some(format!("written by a newer version (it has {name})")),
        ([], None) => None,
        (missing, None) => Some(format!("run clientele migrate (missing: {})", missing.join(", "))),
    }
}

async fn staff_problem(db: &Database) -> Option<String> {
    match staff::list(db.read()).await {
        Ok(people) if people.iter().any(|person| person.active) => None,
        Ok(_) => Some("nobody can sign in; run clientele staff add".to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

async fn job_problem(db: &Database) -> Option<String> {
    let failed: Result<Option<i64>, _> =
        db.read().value("select count(*) from job where state = 'failed'", params![]).await;
    match failed {
        Ok(Some(0) | None) => None,
        Ok(Some(count)) => Some(format!("{count} failed; see Settings, Background work")),
        Err(error) => Some(error.to_string()),
    }
}
