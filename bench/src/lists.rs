//! The list with every filter and every sort that is offered, at its beginning, in the middle and near its end.

use platform::db::{Database, SqlExt};
use platform::http::Cursor;
use platform::params;
use platform::sea_orm::{self, FromQueryResult};
use uuid::Uuid;

use super::client::{Client, escaped};
use super::sample::{Person, references};
use super::times::Times;

/// A filter as the address has it, under the name the report calls it by.
pub struct Filter {
    pub name: &'static str,
    pub query: String,
}

const SORTS: [&str; 5] = ["name", "company", "email", "created", "updated"];

/// Every filter alone, with values that are common, in between and rare; and some that are used together.
pub async fn filters(db: &Database, people: &[Person]) -> Vec<Filter> {
    let mut filters: Vec<Filter> = Vec::new();
    let mut add = |name: &'static str, query: String| filters.push(Filter { name, query });
    add("none", String::new());
    for value in ["inactive", "all"] {
        add("activity", format!("activity={value}"));
    }
    for value in ["registered", "guest", "in_store", "lead", "pending_approval"] {
        add("status", format!("status={value}&activity=all"));
    }
    for value in ["retail", "trade"] {
        add("type", format!("customer_type={value}"));
    }
    for value in ["web", "import", "sync", "pos", "manual"] {
        add("origin", format!("origin={value}"));
    }
    for table in ["customer_group", "channel", "source", "property_type"] {
        let name = if table == "customer_group" { "group" } else { table };
        let known = ["group", "channel", "source", "property_type"];
        let shown = known.into_iter().find(|known| *known == name).unwrap_or("group");
        for id in references(db, table).await.iter().take(3) {
            add(shown, format!("{name}={id}"));
        }
    }
    let staff = references(db, "staff").await;
    add("assignee", format!("assignee={}", staff[2]));
    add("assignee", "assignee=none".to_owned());
    for value in ["en", "nl"] {
        add("language", format!("language={value}"));
    }
    for value in ["GB", "FR", "BE"] {
        add("country", format!("country={value}"));
    }
    for value in ["email", "phone", "address", "first_name", "last_name", "company"] {
        add("missing", format!("missing={value}"));
    }
    add("incomplete", "incomplete=true".to_owned());
    add("flagged", "flagged=true".to_owned());
    add("created", "created_from=2026-11-01".to_owned());
    add("created", "created_from=2026-06-01&created_to=2026-06-02".to_owned());
    texts(people, &mut add);
    let group = references(db, "customer_group").await[0];
    let channel = references(db, "channel").await[1];
    add("together", format!("status=guest&customer_type=retail&group={group}"));
    add("together", format!("country=NL&group={group}&channel={channel}"));
    add("together", "town=utrecht&status=registered&missing=phone".to_owned());
    add("together", "country=DE&language=de&origin=pos&flagged=true".to_owned());
    filters
}

fn texts(people: &[Person], add: &mut impl FnMut(&'static str, String)) {
    let with = |pick: fn(&Person) -> &String| people.iter().filter(move |person| !pick(person).is_empty());
    let first = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    for person in with(|person| &person.last_name).step_by(97).take(3) {
        add("name", format!("name={}", escaped(&first(&person.last_name, 3))));
        add("name", format!("name={}", escaped(&person.last_name)));
        let whole = format!("{} {}", person.first_name, person.last_name);
        add("name", format!("name={}", escaped(&whole)));
    }
    add("name, part within", "name=bridge".to_owned());
    for person in with(|person| &person.email).step_by(89).take(3) {
        add("email", format!("email={}", escaped(&first(&person.email, 4))));
        add("email", format!("email={}", escaped(&person.email)));
    }
    add("email domain", "email=%40gmail.example".to_owned());
    add("email domain", "email=%40t-online.example".to_owned());
    add("email domain", "email=%40anchor-bakery.example".to_owned());
    for person in with(|person| &person.phone).step_by(83).take(2) {
        add("phone", format!("phone={}", escaped(&format!("+{}", person.phone))));
        add("phone", format!("phone={}", &person.phone[person.phone.len() - 6..]));
    }
    for value in ["bakery", "anchor", "gmbh"] {
        add("company", format!("company={value}"));
    }
    for person in with(|person| &person.postcode).step_by(79).take(3) {
        add("postcode", format!("postcode={}", escaped(&first(&person.postcode, 2))));
        add("postcode", format!("postcode={}", escaped(&first(&person.postcode, 3))));
        add("postcode", format!("postcode={}", escaped(&person.postcode)));
    }
    for value in ["london", "delft", "castrop", "york"] {
        add("town", format!("town={value}"));
    }
    for value in ["jan", "smith", "oliver%20smith", "maria%20garcia", "1075", "gmail"] {
        add("q", format!("q={value}"));
    }
}

#[derive(FromQueryResult)]
struct Place {
    text: String,
    number: i64,
    id: Uuid,
}

/// Sorts and the cursors at their beginning, middle and end.
pub async fn positions(db: &Database) -> Vec<(String, Vec<String>)> {
    let total: i64 = db.read().value("select count(*) from customer", params![]).await.expect("a count").unwrap_or(0);
    let mut all = Vec::new();
    for sort in SORTS {
        let (column, is_time) = match sort {
            "name" => ("sort_name", false),
            "company" => ("company_folded", false),
            "email" => ("main_email", false),
            "created" => ("created_at", true),
            _ => ("updated_at", true),
        };
        let (text, number) = if is_time { ("''", column) } else { (column, "0") };
        for direction in ["asc", "desc"] {
            let mut cursors = vec![String::new()];
            for percent in [50, 95] {
                let sql = format!(
                    "select {text} as text, cast({number} as bigint) as number, id from customer where deleted_at is \
                     null order by {column} {direction}, id {direction} limit 1 offset $1"
                );
                let offset = total * percent / 100;
                let place: Place = db.read().first(&sql, params![offset]).await.expect("rows").expect("a row");
                let Place { text, number, id } = place;
                cursors
                    .push(Cursor::pack(&serde_json::json!({ "sort": sort, "text": text, "number": number, "id": id })));
            }
            all.push((format!("{}{sort}", if direction == "desc" { "-" } else { "" }), cursors));
        }
    }
    all
}

/// A list that was asked for, with its times.
pub struct ListTimes {
    pub filter: &'static str,
    pub query: String,
    pub times: Times,
}

/// Every filter with every sort at every depth, each `times` times.
pub fn over_api(
    client: &Client,
    filters: &[Filter],
    positions: &[(String, Vec<String>)],
    times: usize,
) -> Vec<ListTimes> {
    let mut all = Vec::new();
    for filter in filters {
        for (sort, cursors) in positions {
            for cursor in cursors {
                let path = format!("/api/v1/customers?limit=50&sort={sort}&cursor={cursor}&{}", filter.query);
                client.fetch(&path);
                let measured = Times::of(times, |_| client.fetch(&path));
                let depth = if cursor.is_empty() { "" } else { " (deep)" };
                all.push(ListTimes {
                    filter: filter.name,
                    query: format!("{} sort={sort}{depth}", filter.query),
                    times: measured,
                });
            }
        }
    }
    all
}

/// Every filter as the screen shows it: a page with the number of rows found.
pub fn on_screen(client: &Client, filters: &[Filter], times: usize) -> Vec<ListTimes> {
    let screen = |filter: &Filter| {
        let path = format!("/customers?{}", filter.query);
        client.page(&path);
        let times = Times::of(times, |_| client.page(&path));
        ListTimes { filter: filter.name, query: filter.query.clone(), times }
    };
    filters.iter().map(screen).collect()
}
