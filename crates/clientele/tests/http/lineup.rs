//! The list of a large shop is chosen from memory: whatever is filtered and sorted by, wherever the page begins and whatever
//! changed meanwhile, it is what plain SQL finds.

use customers::customer::list::{self, ListFilter};
use customers::generate::random::Chance;
use customers::{lineup, search};
use platform::clock::MINUTE;
use platform::db::SqlExt;
use platform::history::{self, Actor, Entry, Source};
use platform::params;
use platform::sea_orm::Value;
use platform::ui::Count;
use serde_json::json;
use testing_macros::both_databases;
use uuid::Uuid;

use crate::harness::TestShop;

/// Large enough to be lined up, and for every kind of way to be too long for another.
const CUSTOMERS: u64 = 6_000;

/// A filter as the address has it, and as a condition on a customer `c`.
fn filters() -> Vec<(ListFilter, String)> {
    let text = |column: &str, words: &[&str]| {
        let parts = words.iter().map(|word| format!("c.{column} like '%{word}%'"));
        parts.collect::<Vec<_>>().join(" and ")
    };
    let document = |words: &[&str]| {
        let parts = words.iter().map(|word| format!("d.document like '%{word}%'")).collect::<Vec<_>>().join(" and ");
        format!("exists (select 1 from customer_search d where d.customer_id = c.id and {parts})")
    };
    let some = |table: &str, condition: &str| {
        format!("exists (select 1 from {table} x where x.customer_id = c.id and {condition})")
    };
    let one = |change: fn(&mut ListFilter)| {
        let mut filter = ListFilter { activity: "all".to_owned(), ..ListFilter::default() };
        change(&mut filter);
        filter
    };
    vec![
        (one(|_| ()), "true".to_owned()),
        (one(|filter| filter.activity = "inactive".to_owned()), "not c.active".to_owned()),
        (one(|filter| filter.name = "an".to_owned()), text("name_folded", &["an"])),
        (one(|filter| filter.name = "eva".to_owned()), text("name_folded", &["eva"])),
        (one(|filter| filter.company = "gmbh".to_owned()), text("company_folded", &["gmbh"])),
        (one(|filter| filter.town = "london".to_owned()), document(&["london"])),
        (one(|filter| filter.q = "smi".to_owned()), document(&["smi"])),
        (one(|filter| filter.q = "example".to_owned()), document(&["example"])),
        (
            one(|filter| filter.email = "@gmail.example".to_owned()),
            some("customer_email", "x.domain = 'gmail.example'"),
        ),
        (one(|filter| filter.email = "a".to_owned()), some("customer_email", "x.folded like 'a%'")),
        (one(|filter| filter.postcode = "1".to_owned()), some("customer_address", "x.postcode_folded like '1%'")),
        (one(|filter| filter.postcode = "101".to_owned()), some("customer_address", "x.postcode_folded like '101%'")),
        (one(|filter| filter.customer_type = vec!["trade".to_owned()]), "c.customer_type = 'trade'".to_owned()),
        (one(|filter| filter.status = vec!["lead".to_owned()]), "c.status = 'lead'".to_owned()),
        (one(|filter| filter.missing = vec!["email".to_owned()]), "c.main_email = ''".to_owned()),
        (one(|filter| filter.country = vec!["NL".to_owned()]), "c.main_country = 'NL'".to_owned()),
        (one(|filter| filter.language = vec!["de".to_owned()]), "c.language = 'de'".to_owned()),
        (
            one(|filter| (filter.created_from, filter.created_to) = ("2025-01-15".to_owned(), "2025-07-01".to_owned())),
            format!("c.created_at >= {} and c.created_at < {}", day("2025-01-15"), day("2025-07-02")),
        ),
    ]
}

fn day(text: &str) -> i64 {
    platform::clock::day_start(text).expect("a day")
}

/// Both filters at once; `None` where they ask the same field for different things.
fn both(a: &ListFilter, b: &ListFilter) -> Option<ListFilter> {
    let query = format!("{}&{}", a.to_query(), b.to_query()).replace("activity=all", "");
    let mut filter = ListFilter::from_query(&query).ok()?;
    if filter.activity.is_empty() {
        filter.activity = "all".to_owned();
    }
    Some(filter)
}

const SORTS: [(&str, &str); 5] = [
    ("name", "sort_name"),
    ("company", "company_folded"),
    ("email", "main_email"),
    ("created", "created_at"),
    ("updated", "updated_at"),
];

/// The ids that plain SQL finds, in order.
async fn plainly(shop: &TestShop, condition: &str, column: &str, direction: &str) -> Vec<Uuid> {
    let sql = format!(
        "select c.id from customer c where c.deleted_at is null and {condition} \
         order by c.{column} {direction}, c.id {direction}"
    );
    shop.app.db.read().values(&sql, Vec::<Value>::new()).await.expect("rows")
}

/// Reads a few pages from the beginning, then one back, and compares each with what plain SQL finds.
async fn compare(shop: &TestShop, filter: &ListFilter, condition: &str, chance: &mut Chance) {
    let (name, column) = SORTS[chance.below(5) as usize];
    let descending = chance.below(2) == 1;
    let sort = format!("{}{name}", if descending { "-" } else { "" });
    let limit = [1, 7, 50, 200][chance.below(4) as usize];
    let all = plainly(shop, condition, column, if descending { "desc" } else { "asc" }).await;
    match list::count(&shop.app.db, &Default::default(), filter).await.expect("counted") {
        Count::Exactly(found) => assert_eq!(found, all.len() as u64, "{} ({condition})", filter.to_query()),
        Count::MoreThan(found) => assert!(found <= all.len() as u64, "{} ({condition})", filter.to_query()),
    }
    let mut filter = ListFilter { sort, limit: Some(limit), ..filter.clone() };
    let told = format!("{} by {} ({condition})", filter.to_query(), filter.sort);
    let mut from = 0;
    for _ in 0..4 {
        let page = list::page(&shop.app.db, &Default::default(), &filter).await.expect("a page");
        let found: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
        let to = (from + limit as usize).min(all.len());
        assert_eq!(found, all[from..to], "{told} from {from}");
        assert_eq!(page.next.is_some(), to < all.len(), "{told} from {from}");
        let Some(next) = page.next else { break };
        filter.cursor = next;
        from = to;
        if from >= limit as usize && chance.below(4) == 0 {
            let page = list::page(&shop.app.db, &Default::default(), &filter).await.expect("a page");
            let back = ListFilter { cursor: page.previous.expect("a way back"), ..filter.clone() };
            let page = list::page(&shop.app.db, &Default::default(), &back).await.expect("a page");
            let found: Vec<Uuid> = page.rows.iter().map(|row| row.id).collect();
            assert_eq!(found, all[from - limit as usize..from], "{told} back from {from}");
        }
    }
}

async fn compare_many(shop: &TestShop, times: u64, seed: u64) {
    let filters = filters();
    for at in 0..times {
        let chance = &mut Chance::of(seed, at);
        let pick = |chance: &mut Chance| filters[chance.below(filters.len() as u64) as usize].clone();
        let (one, condition) = pick(chance);
        let (other, further) = pick(chance);
        match both(&one, &other).filter(|_| at % 2 == 0 && condition != further) {
            Some(filter) => compare(shop, &filter, &format!("{condition} and {further}"), chance).await,
            None => compare(shop, &one, &condition, chance).await,
        }
    }
}

#[both_databases]
async fn what_is_chosen_from_memory_is_what_plain_sql_finds(shop: TestShop) {
    let db = &shop.app.db;
    customers::generate::fill::fill(db, 3, CUSTOMERS, shop.app.clock.now(), |_| ()).await.expect("customers");
    compare_many(&shop, 20, 1).await;
    lineup::line_up(db).await.expect("lined up");
    assert!(lineup::is_lined_up(db));
    compare_many(&shop, 60, 2).await;
    change_some(&shop).await;
    compare_many(&shop, 60, 3).await;
    assert!(lineup::is_lined_up(db), "the changes were followed");
}

/// An event of the future tells that somebody's clock is wrong: the log's order says nothing then, and nothing is missed.
#[both_databases]
async fn a_wrong_clock_hides_nobody(shop: TestShop) {
    let db = &shop.app.db;
    customers::generate::fill::fill(db, 3, CUSTOMERS, shop.app.clock.now(), |_| ()).await.expect("customers");
    let tx = shop.app.begin_write().await.expect("a transaction");
    let actor = Actor::system(Source::CommandLine, "test");
    let entry = Entry::new("setting", Uuid::nil(), "changed");
    history::record(&tx, &actor, shop.app.clock.now() + 10 * MINUTE, entry).await.expect("recorded");
    tx.commit().await.expect("committed");
    lineup::line_up(db).await.expect("read");
    change_some(&shop).await;
    compare_many(&shop, 20, 4).await;
    assert!(!lineup::is_lined_up(db));
}

/// Renames, deletes and adds customers, with names from one end of the order to the other.
async fn change_some(shop: &TestShop) {
    let api = shop.api("manager").await;
    let sql =
        "select id from customer where deleted_at is null and status <> 'pending_approval' order by number limit 40";
    let ids: Vec<Uuid> = shop.app.db.read().values(sql, params![]).await.expect("customers");
    for (at, id) in ids.iter().enumerate() {
        let path = format!("/api/v1/customers/{id}");
        let version: i64 = shop
            .app
            .db
            .read()
            .value("select version from customer where id = $1", params![*id])
            .await
            .unwrap()
            .unwrap();
        if at % 5 == 0 {
            api.with("if-match", &format!("\"v{version}\"")).delete(&path).await;
        } else {
            let name = ["Aaron", "Smithers", "Zwart", "Evans", "Andersen"][at % 5];
            let changed = json!({ "last_name": name, "company_name": if at % 2 == 0 { "Anders GmbH" } else { "" } });
            api.patch(&path, version, changed).await;
        }
    }
    for name in ["Smith", "Aab", "Zzyzx"] {
        api.customer(json!({ "last_name": name, "email": format!("{name}@gmail.example"), "status": "in_store" }))
            .await;
    }
}

/// What the search box finds for beginnings of words, letters inside words, and domains, is what plain SQL finds.
async fn compare_searches(shop: &TestShop, seed: u64) {
    let db = &shop.app.db;
    let names: Vec<String> = db
        .read()
        .values("select name_folded from customer where deleted_at is null order by number", params![])
        .await
        .expect("names");
    for at in 0..60 {
        let chance = &mut Chance::of(seed, at);
        let name = &names[chance.below(names.len() as u64) as usize];
        let begin = |word: &str, chance: &mut Chance| word[..word.len().min(2 + chance.below(6) as usize)].to_owned();
        let words: Vec<String> = name.split(' ').take(2).map(|word| begin(word, chance)).collect();
        let (question, like): (String, Vec<String>) = match at % 4 {
            0 => ("@gmail.exa".to_owned(), vec!["@gmail.exa".to_owned()]),
            1 => (format!("{} 12", words[0]), vec![format!(" {}", words[0]), " 12".to_owned()]),
            _ => (words.join(" "), words.iter().map(|word| format!(" {word}")).collect()),
        };
        let parts = like.iter().map(|text| format!("d.document like '%{text}%'")).collect::<Vec<_>>().join(" and ");
        // A postcode can be typed with a blank.
        let joined = question.replace(' ', "");
        let sql = format!(
            "select c.id from customer c join customer_search d on d.customer_id = c.id \
             where c.deleted_at is null and ({parts} or ({} and d.document like '% {joined}%'))",
            at % 4 == 1
        );
        let all: Vec<Uuid> = db.read().values(&sql, params![]).await.expect("customers");
        let found = search::find(db, &Default::default(), &question, 20).await.expect("found");
        assert_eq!(found.len(), all.len().min(20), "{question}");
        assert!(found.iter().all(|hit| !hit.corrected && all.contains(&hit.id)), "{question}");
    }
}

#[both_databases]
async fn searches_from_memory_find_what_plain_sql_finds(shop: TestShop) {
    let db = &shop.app.db;
    customers::generate::fill::fill(db, 3, CUSTOMERS, shop.app.clock.now(), |_| ()).await.expect("customers");
    lineup::line_up(db).await.expect("lined up");
    compare_searches(&shop, 5).await;
    change_some(&shop).await;
    compare_searches(&shop, 6).await;
    let found = search::find(db, &Default::default(), "smithres", 20).await.expect("found");
    assert!(!found.is_empty() && found.iter().all(|hit| hit.corrected && hit.name.contains("Smith")), "{found:?}");
    assert!(search::find(db, &Default::default(), "zqxwvu", 20).await.expect("nobody").is_empty());
    assert!(lineup::is_lined_up(db));
}
