//! Customers in and out.

use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bytes::Bytes;
use clap::{Subcommand, ValueEnum};
use customers::customer::list::ListFilter;
use customers::directory::Directory;
use customers::export::{ExportFormat, stream};
use customers::import::error::CellError;
use customers::import::failed::{self, FailedRows};
use customers::import::format::Format;
use customers::import::records::ReadOptions;
use customers::import::run::{Counts, OnExisting, RunOptions};
use customers::import::service;
use customers::import::store::{self, NewRun};
use customers::import::work::{LARGE_CHUNK, Plan, Report, WorkError, carry_out};
use customers::view;
use platform::app::App;
use platform::auth::{Permission, PermissionSet, Sight};
use platform::error::AppError;
use platform::history::{Actor, Source};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::config::Config;
use super::progress::Progress;
use super::{Failure, Outcome, open};

/// Problems said on the terminal; the report has them all.
const PROBLEMS_SAID: usize = 20;

#[derive(Subcommand)]
pub enum ImportCommand {
    /// Take in customers from a CSV file: our own or one of the usual shops', in any usual encoding. An import that was
    /// cut off goes on where it stopped when it is started again.
    Customers(ImportArguments),
}

#[derive(clap::Args)]
pub struct ImportArguments {
    file: PathBuf,
    #[arg(long, value_enum, default_value_t = FormatName::Auto)]
    format: FormatName,
    /// Home channel of customers whose row names none.
    #[arg(long)]
    channel: Option<String>,
    /// What a column means, for example `Klant=last_name`; the field `ignore` leaves it out.
    #[arg(long, value_name = "COLUMN=FIELD", num_args = 1..)]
    map: Vec<String>,
    /// Check and count, write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Where to write the rows that were not taken in, to be mended and sent again.
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// What happens to a row whose customer is there already: known by customer number, account code, sign-in address, or as
    /// the only holder of the e-mail address whose name does not contradict.
    #[arg(long, value_enum, default_value_t = Existing::Skip)]
    on_existing: Existing,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    Auto,
    Clientele,
    Shopify,
    Woocommerce,
    Magento,
    Generic,
}

impl FormatName {
    fn format(self) -> Option<Format> {
        match self {
            Self::Auto => None,
            Self::Clientele => Some(Format::Clientele),
            Self::Shopify => Some(Format::Shopify),
            Self::Woocommerce => Some(Format::WooCommerce),
            Self::Magento => Some(Format::Magento),
            Self::Generic => Some(Format::Generic),
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Existing {
    Skip,
    Update,
    Fail,
}

/// Takes in a file.
pub async fn import(config: Config, command: ImportCommand) -> Outcome {
    let ImportCommand::Customers(arguments) = command;
    let options = look_at(&arguments)?;
    let app = open(&config).await?;
    let options = RunOptions { channel: channel(&app, arguments.channel.as_deref()).await?, ..options };
    let work = Work::start(&app, &arguments, options).await?;
    app.db.before_much_writing().await?;
    let counts = work.carry_out(&app, &arguments).await?;
    app.db.close().await?;
    Ok(if counts.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn look_at(arguments: &ImportArguments) -> Result<RunOptions, Failure> {
    let refused = |error: String| Failure::Refused(format!("{}: {error}", arguments.file.display()));
    let file = File::open(&arguments.file).map_err(|error| refused(error.to_string()))?;
    let found = service::describe(file, ReadOptions::default(), arguments.format.format())
        .map_err(|error| refused(error.to_string()))?;
    let mut mapping = found.mapping();
    mapping.correct(arguments.map.iter().map(String::as_str)).map_err(|error| Failure::Refused(error.to_string()))?;
    mapping.check().map_err(|error| refused(error.to_string()))?;
    let on_existing = match arguments.on_existing {
        Existing::Skip => OnExisting::Skip,
        Existing::Update => OnExisting::Update,
        Existing::Fail => OnExisting::Fail,
    };
    let RunOptions { separator, encoding, .. } = found;
    Ok(RunOptions { separator, encoding, on_existing, dry_run: arguments.dry_run, ..RunOptions::of(&mapping) })
}

async fn channel(app: &App, name: Option<&str>) -> Result<Option<Uuid>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let directory = Directory::load(app.db.read()).await?;
    match directory.channel(name) {
        Some(channel) => Ok(Some(channel.id)),
        None => {
            let known: Vec<&str> = directory.channels.iter().map(|channel| channel.name.as_str()).collect();
            Err(Failure::Refused(format!("There is no channel {name}. There are: {}.", known.join(", "))))
        }
    }
}

/// An import about to be carried out.
struct Work {
    run: Option<Uuid>,
    file_bytes: u64,
    file_name: String,
    options: RunOptions,
    done: Counts,
    since: i64,
}

impl Work {
    /// Finds the import of this file that was cut off, or begins one. A check leaves no trace.
    async fn start(app: &App, arguments: &ImportArguments, options: RunOptions) -> Result<Self, Failure> {
        let name = arguments.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file_bytes = arguments.file.metadata()?.len();
        let now = app.clock.now();
        let begun = Self { run: None, file_bytes, file_name: name, options, done: Counts::default(), since: now };
        if arguments.dry_run {
            return Ok(begun);
        }
        let digest = digest(&arguments.file, &begun.options)?;
        if let Some(run) = store::find_cut_off(app.db.read(), &digest).await? {
            let done = run.counts();
            println!("Going on with the import that was cut off after {} rows.", done.rows);
            return Ok(Self { run: Some(run.id), done, since: run.started_at.unwrap_or(now), ..begun });
        }
        let file = NewRun { file_name: begun.file_name.clone(), file_bytes, file_digest: digest, ..NewRun::default() };
        let tx = app.begin_write().await?;
        let id = store::add(&tx, &actor(), now, &file, &begun.options).await?;
        store::begin(&tx, id, now).await?;
        tx.commit().await?;
        Ok(Self { run: Some(id), ..begun })
    }

    async fn carry_out(self, app: &App, arguments: &ImportArguments) -> Result<Counts, Failure> {
        let plan = Plan {
            run: self.run,
            job: None,
            file_name: self.file_name.clone(),
            file_bytes: self.file_bytes,
            chunk: LARGE_CHUNK,
            options: self.options.clone(),
            actor: actor(),
            permissions: PermissionSet::of(Permission::ALL),
            done: self.done,
            since: self.since,
        };
        let mut teller = Teller::start(&self, arguments)?;
        let input = Box::new(File::open(&arguments.file)?);
        let mut progress = Progress::start("Importing", self.file_bytes);
        let carried_out = carry_out(app, plan, input, &mut |report| {
            progress.at(report.counts.bytes, report.counts.rows);
            teller.hear(&report);
        })
        .await;
        let took = progress.finish();
        let counts = match carried_out {
            Ok(counts) => counts,
            Err(WorkError::File(error)) => {
                self.end(app, &error.to_string()).await?;
                return Err(Failure::Refused(error.to_string()));
            }
            Err(WorkError::App(error)) => return Err(error.into()),
        };
        self.end(app, "").await?;
        if let (Some(run), Some(path)) = (self.run, &arguments.report) {
            let run = store::find(app.db.read(), run).await?.ok_or(AppError::NotFound)?;
            failed::write(app.db.read(), &run, &mut BufWriter::new(File::create(path)?)).await?;
        }
        teller.finish()?;
        let rows = counts.rows - self.done.rows;
        let pace = (rows as f64 / took.as_secs_f64().max(0.001)) as u64;
        say_counts(&counts, self.options.dry_run);
        eprintln!("{rows} rows in {:.1} s, {pace} rows/s", took.as_secs_f64());
        Ok(counts)
    }

    async fn end(&self, app: &App, failure: &str) -> Result<(), Failure> {
        if let Some(run) = self.run {
            let tx = app.begin_write().await?;
            store::finish(&tx, run, app.clock.now(), failure).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

fn actor() -> Actor {
    Actor::system(Source::CommandLine, "import customers")
}

/// Tells the same file read in the same way: only then may an import go on behind another's rows.
fn digest(path: &Path, options: &RunOptions) -> Result<String, Failure> {
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => break,
            read => hash.update(&chunk[..read]),
        }
    }
    hash.update(serde_json::to_vec(options).map_err(|error| Failure::Refused(error.to_string()))?);
    Ok(hex::encode(hash.finalize()))
}

/// Says problems while the import runs, and writes the report of a check, which is kept nowhere else.
struct Teller {
    said: usize,
    report: Option<FailedRows<BufWriter<File>>>,
    broken: Option<AppError>,
}

impl Teller {
    fn start(work: &Work, arguments: &ImportArguments) -> Result<Self, Failure> {
        let report = match &arguments.report {
            Some(path) if work.run.is_none() => {
                Some(FailedRows::start(&work.options.columns, BufWriter::new(File::create(path)?))?)
            }
            _ => None,
        };
        Ok(Self { said: 0, report, broken: None })
    }

    fn hear(&mut self, report: &Report<'_>) {
        for failed in report.failures {
            for problem in &failed.problems {
                self.said += 1;
                if self.said <= PROBLEMS_SAID {
                    eprintln!("{}", sentence(problem));
                }
            }
            for (line, cells) in &failed.records {
                let Some(report) = &mut self.report else { continue };
                let written = report.add(*line, cells.clone(), failed.problems.iter());
                self.broken = self.broken.take().or(written.err());
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        if self.said > PROBLEMS_SAID {
            eprintln!("... and {} more problems", self.said - PROBLEMS_SAID);
        }
        match self.broken {
            Some(error) => Err(error.into()),
            None => Ok(self.report.map_or(Ok(()), FailedRows::finish)?),
        }
    }
}

fn sentence(problem: &CellError) -> String {
    let column = problem.column.as_ref().map(|column| format!(", column {column}")).unwrap_or_default();
    let value = if problem.value.is_empty() { String::new() } else { format!(" \"{}\"", problem.value) };
    format!("line {}{column}:{value} {} [{}]", problem.line, problem.message, problem.code)
}

fn say_counts(counts: &Counts, dry_run: bool) {
    let Counts { rows, created, updated, skipped, failed, .. } = counts;
    let would = if dry_run { "would be " } else { "" };
    println!(
        "{rows} rows: {created} {would}created, {updated} {would}updated, {skipped} {would}skipped, {failed} failed"
    );
}

#[derive(Subcommand)]
pub enum ExportCommand {
    /// Write customers as CSV or JSON lines.
    Customers(ExportArguments),
}

#[derive(clap::Args)]
pub struct ExportArguments {
    #[arg(long, value_enum, default_value_t = ExportName::Csv)]
    format: ExportName,
    /// Which customers: the part after `?` of the customer list's address, for example `status=lead&country=NL`.
    #[arg(long, value_name = "QUERY", default_value = "")]
    filter: String,
    /// Or those of a shared view, by its name or id.
    #[arg(long, value_name = "NAME", conflicts_with = "filter")]
    view: Option<String>,
    /// Where to write; standard output without it.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExportName {
    Csv,
    Jsonl,
}

/// Writes customers out.
pub async fn export(config: Config, command: ExportCommand) -> Outcome {
    let ExportCommand::Customers(arguments) = command;
    let mut filter: ListFilter = serde_html_form::from_str(&arguments.filter)
        .map_err(|error| Failure::Refused(format!("the filter cannot be read: {error}")))?;
    match arguments.view {
        Some(view) => filter.view = view,
        None if filter.activity.is_empty() => filter.activity = "all".to_owned(),
        None => {}
    }
    let format = match arguments.format {
        ExportName::Csv => ExportFormat::Csv,
        ExportName::Jsonl => ExportFormat::JsonLines,
    };
    let app = open(&config).await?;
    // Nobody in particular asks: only shared views are known.
    let filter = view::resolve(app.db.read(), Uuid::nil(), filter).await?;
    let out: Box<dyn Write + Send> = match &arguments.out {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(std::io::stdout()),
    };
    let (sender, pieces) = mpsc::channel(4);
    let written = tokio::task::spawn_blocking(move || write_pieces(out, pieces));
    let count = stream::write(&app, &Sight::default(), filter, format, &sender).await?;
    drop(sender);
    match written.await {
        Ok(written) => written?,
        Err(error) => return Err(Failure::Refused(error.to_string())),
    }
    app.db.close().await?;
    eprintln!("{count} customers were written.");
    Ok(ExitCode::SUCCESS)
}

fn write_pieces(mut out: Box<dyn Write + Send>, mut pieces: mpsc::Receiver<Bytes>) -> std::io::Result<()> {
    while let Some(piece) = pieces.blocking_recv() {
        out.write_all(&piece)?;
    }
    out.flush()
}
