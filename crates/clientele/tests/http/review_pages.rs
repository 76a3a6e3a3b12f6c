//! The review queue on screen, the hint of a form that edits, and where each value came from.

use axum::http::StatusCode;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::field_rights::limit;
use crate::harness::{Browser, TestShop};
use crate::review::{decide, edit, id, merge, pairs, rob, robert, third};

#[both_databases]
async fn one_pair_after_the_other_on_screen(shop: TestShop) {
    let api = shop.api("manager").await;
    let page = shop.staff("manager").await;
    let empty = page.get("/duplicates").await;
    assert!(empty.text.contains("No duplicates known yet"), "{}", empty.text);
    let (one, other, more) = (api.customer(robert()).await, api.customer(rob()).await, api.customer(third()).await);
    let list = page.get("/duplicates").await;
    let open = pairs(&api, "open").await;
    let ways: Vec<String> = open.iter().map(|[low, high]| format!("/duplicates/{low}/{high}")).collect();
    assert!(ways.iter().all(|way| list.text.contains(way)), "{}", list.text);
    let first = page.get(&ways[0]).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(first.text.contains("<svg class=\"waterfall-bar\"") && !first.text.contains(" style="), "{}", first.text);
    assert!(first.text.contains(&format!("href=\"{}?state=open\" rel=\"next\"", ways[1])), "{}", first.text);
    let put_off =
        page.post(&format!("{}/decide", ways[0]), &[("decision", "later"), ("days", "7"), ("state", "open")]).await;
    assert_eq!(put_off.header("location"), format!("{}?state=open", ways[1]), "on to the next one");
    let odd = page.post(&format!("{}/decide", ways[1]), &[("decision", "later"), ("days", "900")]).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    let second = page.get(&ways[1]).await.text;
    let plan = second
        .split("name=\"plan\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a plan")
        .to_owned();
    let survivor = second
        .split("name=\"survivor\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a survivor")
        .to_owned();
    let [low, high] = open[1].clone();
    let changed = json!({ "id": if survivor == low { high } else { low } });
    edit(&api, &changed, json!({ "language": "nl" })).await;
    let merge = format!("{}/merge", ways[1]);
    let form = |plan: &str| [("survivor", survivor.clone()), ("plan", plan.to_owned()), ("state", "open".to_owned())];
    let stale = form(&plan);
    let stale: Vec<(&str, &str)> = stale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = page.post(&merge, &stale).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "what was shown is not what would happen");
    assert_eq!(shop.count("select count(*) from customer_merge").await, 0);
    let plan = refused
        .text
        .split("name=\"plan\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a plan")
        .to_owned();
    let fresh = form(&plan);
    let fresh: Vec<(&str, &str)> = fresh.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let merged = page.post(&merge, &fresh).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text);
    assert!(merged.header("location").starts_with("/duplicates"), "back in the queue");
    assert_eq!(shop.count("select count(*) from customer_merge").await, 1);
    let _all = (one, other, more);
    let history = page.get(&format!("/customers/{survivor}/history")).await;
    assert_eq!(history.status, StatusCode::OK);
}

#[both_databases]
async fn a_form_that_edits_tells_of_others_but_never_of_itself(shop: TestShop) {
    let api = shop.api("manager").await;
    let (one, other) = (api.customer(robert()).await, api.customer(rob()).await);
    let page = shop.staff("manager").await;
    let edit = page.get(&format!("/customers/{}/edit", id(&one))).await;
    assert!(edit.text.contains("hx-post=\"/duplicates/likely\""), "{}", edit.text);
    let own = id(&one);
    let form = [("customer", own.as_str()), ("last_name", "Vandermolen"), ("email", "robert.vandermolen@post.example")];
    let hint = page.post("/duplicates/likely", &form).await;
    assert_eq!(hint.status, StatusCode::OK, "{}", hint.text);
    assert!(
        hint.text.contains(&format!("/customers/{}", id(&other))),
        "the stored phone and address count: {}",
        hint.text
    );
    assert!(!hint.text.contains(&format!("/customers/{own}\"")), "{}", hint.text);
    let decide = [("decision", "not_same"), ("back", "hint")];
    let done = page.post(&format!("/duplicates/{own}/{}/decide", id(&other)), &decide).await;
    assert_eq!((done.status, done.text.as_str()), (StatusCode::OK, ""), "only the line goes");
    assert!(done.header("hx-trigger").contains("undo"), "{:?}", done.headers);
    assert_eq!(page.post("/duplicates/likely", &form).await.text.trim(), "", "decided");
    let unknown = [("customer", "01900000-0000-7000-8000-000000000000"), ("last_name", "Vandermolen")];
    assert_eq!(page.post("/duplicates/likely", &unknown).await.status, StatusCode::NOT_FOUND);
}

#[both_databases]
async fn each_value_tells_which_record_it_came_from(shop: TestShop) {
    let api = shop.api("manager").await;
    let one =
        api.customer(json!({ "first_name": "Robert", "last_name": "Vandermolen", "email": "a@post.example" })).await;
    let titled = json!({ "title": "Dr", "first_name": "Rob", "last_name": "Vandermolen", "phone": "+31 6 1234 5678",
        "address1": "Dorpsstraat 12", "postcode": "2801 XY", "town": "Gouda", "country": "NL" });
    let other = api.customer(titled).await;
    let way = format!("/api/v1/customers/{}/lineage", id(&one));
    let came = async || {
        let answer = api.get(&way).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()["items"].as_array().expect("items").clone()
    };
    assert_eq!(came().await, Vec::<Value>::new());
    let merged = merge(&api, &one, &other).await;
    let found = came().await;
    let kinds: Vec<&str> =
        found.iter().map(|value| value["part"].as_str().expect("a part").split('.').next().expect("a kind")).collect();
    assert_eq!(kinds, ["address", "alias", "alias", "phone", "title"], "{found:?}");
    assert!(found.iter().all(|value| value["from_id"] == other["id"] && value["merge_id"] == json!(merged)));
    assert_eq!(found[0]["from_number"], other["number"]);
    let page = shop.staff("manager").await;
    let mark = format!("class=\"came-from\" href=\"/merges/{merged}\"");
    let details = page.get(&format!("/customers/{}", id(&one))).await.text;
    assert_eq!(details.matches(&mark).count(), 1, "the title: {details}");
    let contacts = page.get(&format!("/customers/{}/contacts", id(&one))).await.text;
    assert_eq!(contacts.matches(&mark).count(), 2, "phone and address: {contacts}");
    edit(&api, &one, json!({ "title": "Prof" })).await;
    let parts = |found: &[Value]| {
        found.iter().map(|value| value["part"].as_str().expect("a part").to_owned()).collect::<Vec<_>>()
    };
    assert!(!parts(&came().await).contains(&"title".to_owned()), "edited since");
    // A merge of the survivor leads back to the first record.
    let last = api.customer(json!({ "first_name": "R", "last_name": "Vandermolen", "email": "c@post.example" })).await;
    merge(&api, &last, &one).await;
    let chained = api.get(&format!("/api/v1/customers/{}/lineage", id(&last))).await.json();
    let phone = chained["items"]
        .as_array()
        .expect("items")
        .iter()
        .find(|value| value["part"].as_str().expect("a part").starts_with("phone"))
        .expect("the phone")
        .clone();
    assert_eq!(phone["from_id"], other["id"], "{chained}");
    let outer = api.get(&format!("/api/v1/merges?customer={}", id(&last))).await.json()["items"][0]["id"].clone();
    for merge in [outer.as_str().expect("an id"), &merged] {
        let undone = api.post(&format!("/api/v1/merges/{merge}/undo"), json!({})).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    }
    assert_eq!(came().await, Vec::<Value>::new(), "gone with the undo");
    assert_eq!(
        api.get("/api/v1/customers/01900000-0000-7000-8000-000000000000/lineage").await.refusal(),
        "404 not_found"
    );
}

/// The number beside the topic of likely duplicates on a customer's page; `None` where the topic is not there.
async fn topic(browser: &Browser<'_>, customer: &Value) -> Option<String> {
    let page = browser.get(&format!("/customers/{}", id(customer))).await.text;
    let topic = page.split("/duplicates\" hx-target=\"#record\"").nth(1)?.split("</a>").next()?.to_owned();
    Some(topic.split("class=\"count\">").nth(1)?.split('<').next()?.to_owned())
}

#[both_databases]
async fn the_topic_counts_the_pairs_that_wait(shop: TestShop) {
    let admin = shop.api("administrator").await;
    let (one, other) = (admin.customer(robert()).await, admin.customer(rob()).await);
    let more = admin.customer(third()).await;
    let page = shop.staff("manager").await;
    assert_eq!(pairs(&admin, "open").await.len(), 3);
    assert_eq!(topic(&page, &one).await.as_deref(), Some("2"));
    decide(&admin, &one, &other, "same_household").await;
    assert_eq!(topic(&page, &one).await.as_deref(), Some("1"), "one was decided");
    let office = shop.staff("administrator").await;
    let set = async |threshold| {
        let form = [("threshold", threshold), ("repeat_days", "7")];
        assert_eq!(office.post("/duplicates/threshold", &form).await.status, StatusCode::SEE_OTHER);
    };
    set("99.9").await;
    assert_eq!(topic(&page, &other).await.as_deref(), Some("0"), "less sure than the shop asks for");
    set("50").await;
    assert_eq!(topic(&page, &other).await.as_deref(), Some("1"));
    let gone = admin.delete(&format!("/api/v1/customers/{}", id(&more))).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text);
    assert_eq!(topic(&page, &one).await.as_deref(), Some("0"), "nobody is offered from the bin");

    let roles = admin.get("/api/v1/roles").await.json();
    let manager = roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "manager");
    let role = manager.expect("the manager")["id"].as_str().expect("an id").to_owned();
    let answer = limit(&admin, &role, json!({ "phone": "hidden" })).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(topic(&page, &one).await, None, "nothing for those who may not compare");
}

#[both_databases]
async fn one_is_no_plural(shop: TestShop) {
    let api = shop.api("manager").await;
    let person = json!({ "first_name": "Robert", "last_name": "Vandermolen", "phone": "+31 6 1234 5678" });
    let mail = json!({ "email": "robert.vandermolen@post.example", "phone": "+31 6 1234 5678", "last_name": "Vandermolen",
        "first_name": "Robert" });
    let (one, other) = (api.customer(person).await, api.customer(mail).await);
    assert_eq!(pairs(&api, "open").await.len(), 1);
    let page = shop.staff("manager").await;
    let way = format!("/duplicates/{}/{}?survivor={}", id(&one), id(&other), id(&one));
    let pair = page.get(&way).await.text;
    assert!(pair.contains("One row moves to the one that survives."), "{pair}");
    let tried = page.get("/duplicates/threshold?threshold=50").await.text;
    assert!(tried.contains("<b>1</b><span>open pair</span>"), "{tried}");
    assert!(
        tried.contains("<b>2</b><span>customers in it</span>") && tried.contains("<b>0</b><span>pairs come</span>")
    );
    merge(&api, &one, &other).await;
    assert_eq!(api.post("/api/v1/duplicates/scans", json!({})).await.status, StatusCode::ACCEPTED);
    shop.run_jobs().await;
    let queue = page.get("/duplicates").await.text;
    assert!(queue.contains(": one customer."), "{queue}");
}

/// Memberships, channels and tags are rows without an id of their own.
#[both_databases]
async fn groups_channels_and_tags_tell_which_record_they_came_from(shop: TestShop) {
    let api = shop.api("administrator").await;
    let tag = api.post("/api/v1/lists/tag", json!({ "name": "Trade fair" })).await.json();
    let make = |name: &str, prefix: &str| json!({ "name": name, "kind": "shop", "number_prefix": prefix });
    let market = api.post("/api/v1/channels", make("Market", "A")).await.json();
    api.post("/api/v1/channels", make("Store", "S")).await;
    let group = api.post("/api/v1/groups", json!({ "name": "Regular guests" })).await.json();
    let one = api.customer(json!({ "last_name": "Vandermolen", "channels": ["Store"] })).await;
    let more = json!({ "last_name": "Vandermolen", "channels": ["Store", "Market"], "tags": ["Trade fair"],
        "groups": ["Regular guests"] });
    let other = api.customer(more).await;
    let merged = merge(&api, &one, &other).await;
    let lineage = async || {
        let items = api.get(&format!("/api/v1/customers/{}/lineage", id(&one))).await.json()["items"].clone();
        let parts =
            items.as_array().expect("items").iter().map(|value| value["part"].as_str().expect("a part").to_owned());
        parts.filter(|part| !part.starts_with("alias")).collect::<Vec<_>>()
    };
    let part = |kind: &str, row: &Value| format!("{kind}.{}", id(row));
    assert_eq!(lineage().await, [part("channel", &market), part("group", &group), part("tag", &tag)]);
    let page = shop.staff("administrator").await;
    let mark = format!("class=\"came-from\" href=\"/merges/{merged}\"");
    let details = page.get(&format!("/customers/{}", id(&one))).await.text;
    assert_eq!(details.matches(&mark).count(), 2, "channel and tag: {details}");
    assert!(
        !details.contains(&format!("Store <a {mark}")) && details.contains(&format!("Market <a {mark}")),
        "{details}"
    );
    let groups = page.get(&format!("/customers/{}/groups", id(&one))).await.text;
    assert_eq!(groups.matches(&mark).count(), 1, "{groups}");
    // Taken out and put in again by hand, it is the customer's own.
    edit(&api, &one, json!({ "tags": [] })).await;
    edit(&api, &one, json!({ "tags": ["Trade fair"] })).await;
    assert_eq!(lineage().await, [part("channel", &market), part("group", &group)]);
    let undone = api.post(&format!("/api/v1/merges/{merged}/undo"), json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    assert_eq!(lineage().await, Vec::<String>::new());
}
