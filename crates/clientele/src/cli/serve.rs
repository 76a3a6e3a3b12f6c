//! The server.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clientele::program;
use customers::lineup;
use metrics_exporter_prometheus::PrometheusBuilder;
use platform::app::App;
use platform::auth::staff;
use platform::server::Metrics;
use platform::{jobs, live};
use tokio::net::TcpListener;

use super::config::Config;
use super::{Failure, Outcome, open};

/// Workers that run jobs beside the requests.
const JOB_WORKERS: usize = 2;
/// How long a stopping server waits for requests under way.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs the server until it is told to stop.
pub async fn serve(config: Config) -> Outcome {
    let app = open(&config).await?;
    if staff::count(app.db.read()).await? == 0 {
        tracing::warn!(
            "nobody can sign in yet: clientele staff add --email you@example.com --name You --role administrator"
        );
    }
    run(app, config.listen, |address| println!("Clientele is ready at http://{address}")).await
}

/// Reads what the customer list keeps in memory, so that the first page need not wait for it.
async fn line_up(app: App) {
    if let Err(error) = lineup::line_up(&app.db).await {
        tracing::warn!(%error, "customers cannot be lined up");
    }
}

/// Serves an opened program; `ready` is told the address once requests are answered.
pub async fn run(app: App, listen: SocketAddr, ready: impl FnOnce(SocketAddr)) -> Outcome {
    let metrics = start_metrics();
    let site = program::site(&app, Some(metrics));
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| Failure::Refused(format!("cannot listen on {listen}: {error}")))?;
    jobs::schedule_recurring(&app).await?;
    let workers: Vec<_> = (0..JOB_WORKERS).map(|_| tokio::spawn(jobs::work(app.clone()))).collect();
    let watcher = tokio::spawn(live::watch(app.clone()));
    let lining_up = tokio::spawn(line_up(app.clone()));
    ready(listener.local_addr()?);
    let service = site.router.into_make_service_with_connect_info::<SocketAddr>();
    let (asked, mut stopping) = tokio::sync::watch::channel(false);
    let closing = app.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop_asked().await;
        closing.live.close();
        let _nobody_waits = asked.send(true);
    });
    tokio::select! {
        ended = server => ended?,
        () = async {
            let _never_asked = stopping.wait_for(|stop| *stop).await;
            tokio::time::sleep(PATIENCE).await;
        } => tracing::warn!("requests that took too long were cut off"),
    }
    lining_up.abort();
    watcher.abort();
    workers.iter().for_each(tokio::task::JoinHandle::abort);
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn start_metrics() -> Metrics {
    let metrics = Metrics::default();
    let started = metrics.clone();
    std::thread::spawn(move || match PrometheusBuilder::new().install_recorder() {
        Ok(recorder) => drop(started.set(recorder)),
        Err(error) => tracing::warn!(%error, "nothing is counted"),
    });
    metrics
}

/// Ctrl+C, or the signal a service manager sends.
async fn stop_asked() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => {
            let _interrupted = tokio::signal::ctrl_c().await;
        }
    }
}
