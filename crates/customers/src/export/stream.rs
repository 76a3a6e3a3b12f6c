//! Reading customers out of the database, page by page, in the order of the list.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use platform::app::App;
use platform::auth::Sight;
use platform::error::{AppError, AppResult};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::csv::CsvWriter;
use super::jsonl::JsonLinesWriter;
use super::row::{ExportAddress, ExportRow};
use crate::customer::list::{self, ListFilter};
use crate::customer::visible::visible;
use crate::customer::{Address, Customer, store};
use crate::directory::Directory;

/// Customers read at once.
const STEP: i64 = 200;

/// What a file is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExportFormat {
    #[default]
    Csv,
    JsonLines,
}

impl ExportFormat {
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Writes every customer that the filter finds and sends the file in pieces. Answers how many customers there are; stops
/// early when nobody takes the pieces any more.
///
/// # Errors
/// `BadRequest` for a filter value that does not exist.
pub async fn write(
    app: &App,
    sight: &Sight,
    mut filter: ListFilter,
    format: ExportFormat,
    pieces: &mpsc::Sender<Bytes>,
) -> AppResult<u64> {
    let directory = Directory::load(app.db.read()).await?;
    let mut writer = Writer::start(format).map_err(AppError::broken)?;
    filter.limit = Some(STEP);
    let mut count = 0;
    loop {
        let page = list::page(&app.db, sight, &filter).await?;
        let ids: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        for customer in store::find_many(app.db.read(), &ids).await? {
            writer.write(&row_of(&visible(&customer, &sight.fields), &directory)).map_err(AppError::broken)?;
            count += 1;
        }
        let piece = writer.take().map_err(AppError::broken)?;
        if pieces.send(piece).await.is_err() {
            return Ok(count);
        }
        match page.next {
            Some(next) => filter.cursor = next,
            None => return Ok(count),
        }
    }
}

/// A file being written, and what of it has not been sent yet.
struct Writer {
    rows: Rows,
    waiting: Waiting,
}

enum Rows {
    Csv(Box<CsvWriter<Waiting>>),
    JsonLines(JsonLinesWriter<Waiting>),
}

impl Writer {
    fn start(format: ExportFormat) -> io::Result<Self> {
        let waiting = Waiting::default();
        let rows = match format {
            ExportFormat::Csv => Rows::Csv(Box::new(CsvWriter::new(waiting.clone())?)),
            ExportFormat::JsonLines => Rows::JsonLines(JsonLinesWriter::new(waiting.clone())),
        };
        Ok(Self { rows, waiting })
    }

    fn write(&mut self, row: &ExportRow) -> io::Result<()> {
        match &mut self.rows {
            Rows::Csv(writer) => writer.write(row),
            Rows::JsonLines(writer) => writer.write(row),
        }
    }

    fn take(&mut self) -> io::Result<Bytes> {
        match &mut self.rows {
            Rows::Csv(writer) => writer.flush()?,
            Rows::JsonLines(writer) => writer.flush()?,
        }
        Ok(std::mem::take(&mut *self.waiting.bytes()).into())
    }
}

/// Bytes written and not sent, within reach of both the writer of rows and the sender.
#[derive(Clone, Default)]
struct Waiting(Arc<Mutex<Vec<u8>>>);

impl Waiting {
    fn bytes(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Waiting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A customer as a file shows it.
pub fn row_of(customer: &Customer, directory: &Directory) -> ExportRow {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let name = |id: Option<Uuid>| id.and_then(|id| directory.label(id)).map(str::to_owned);
    let mut emails: Vec<_> = customer.emails.iter().collect();
    emails.sort_by_key(|email| !email.is_primary);
    let mut phones: Vec<_> = customer.phones.iter().collect();
    phones.sort_by_key(|phone| !phone.is_primary);
    let mut addresses: Vec<_> = customer.addresses.iter().collect();
    addresses.sort_by_key(|address| !address.is_billing);
    let mut groups: Vec<_> = customer.groups.iter().collect();
    groups.sort_by_key(|group| !group.is_primary);
    ExportRow {
        id: customer.id.to_string(),
        customer_number: customer.number.clone(),
        status: customer.status.key().to_owned(),
        customer_type: customer.customer_type.key().to_owned(),
        active: customer.active,
        privacy_state: customer.privacy_state.key().to_owned(),
        title: text(&customer.title),
        first_name: text(&customer.first_name),
        last_name: text(&customer.last_name),
        company: text(&customer.company_name),
        company_number: text(&customer.company_number),
        vat_number: text(&customer.vat_number),
        emails: emails.into_iter().map(|email| email.address.clone()).collect(),
        phones: phones.into_iter().map(|phone| phone.typed.clone()).collect(),
        addresses: addresses.into_iter().map(address_of).collect(),
        language: text(&customer.language),
        source: name(customer.source_id),
        channel: name(customer.home_channel_id),
        channels: customer.channels.iter().filter_map(|id| name(Some(*id))).collect(),
        tags: customer.tags.iter().filter_map(|id| name(Some(*id))).collect(),
        property_type: name(customer.property_type_id),
        assignee: customer.assignee_id.and_then(|id| directory.address_of(id)).map(str::to_owned),
        groups: groups.into_iter().filter_map(|group| name(Some(group.group_id))).collect(),
        account_code: text(&customer.account_code),
        created_at: platform::clock::rfc3339(customer.created_at),
    }
}

fn address_of(address: &Address) -> ExportAddress {
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    ExportAddress {
        recipient: text(&address.label),
        company: None,
        address1: text(&address.line1),
        address2: text(&address.line2),
        town: text(&address.town),
        county: text(&address.county),
        postcode: text(&address.postcode),
        country: text(&address.country),
        is_billing: address.is_billing,
        is_delivery: address.is_delivery,
    }
}
