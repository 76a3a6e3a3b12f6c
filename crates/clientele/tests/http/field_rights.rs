//! Rights on fields: what a role may not see is nowhere, and what it may not change stays as it is. A canary in each field
//! is looked for on every surface as that role.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Browser, Client, TestShop};

/// The canaries of the fields that hold text, as they could show on any surface.
const TEXTS: &[(&str, &[&str])] = &[
    ("title", &["Zqtitle"]),
    ("first_name", &["Zqfirst", "zqfirst"]),
    ("last_name", &["Zqlast", "zqlast"]),
    ("company_name", &["Zqcompany", "zqcompany"]),
    ("company_number", &["ZQNUM77"]),
    ("vat_number", &["NL123456789B01"]),
    ("account_code", &["ZQACC55"]),
    ("email", &["zqmail", "zqcanary.example"]),
    ("phone", &["55501234", "55 50 12 34", "555 01 234", "5550 1234"]),
    ("address", &["Zqstreet", "Zqlabel"]),
    ("town", &["Zqtown", "zqtown"]),
    ("county", &["Zqcounty"]),
    ("postcode", &["9876 ZQ", "9876ZQ", "9876zq"]),
];

/// What somebody would type to find the customer by each of them.
const QUESTIONS: &[(&str, &str)] = &[
    ("first_name", "Zqfirst"),
    ("last_name", "Zqlast"),
    ("company_name", "Zqcompany"),
    ("company_number", "ZQNUM77"),
    ("vat_number", "NL123456789B01"),
    ("account_code", "ZQACC55"),
    ("email", "zqmail@zqcanary.example"),
    ("phone", "06 55501234"),
    ("address", "Zqstreet"),
    ("town", "Zqtown"),
    ("postcode", "9876 ZQ"),
];

/// Filters of the list that ask for the field.
const FILTERS: &[(&str, &str)] = &[
    ("first_name", "name=Zqfirst"),
    ("last_name", "name=Zqlast"),
    ("company_name", "company=Zqcompany"),
    ("email", "email=zqmail"),
    ("phone", "phone=55501234"),
    ("town", "town=Zqtown"),
    ("postcode", "postcode=9876"),
    ("first_name", "missing=first_name"),
    ("last_name", "sort=name"),
    ("company_name", "sort=company"),
    ("email", "sort=-email"),
    ("language", "language=fi"),
    ("country", "country=MT"),
    ("note_flag", "flagged=true"),
    ("source", "source=ID"),
    ("groups", "group=ID"),
    ("home_channel", "channel=ID"),
    ("owner", "owner=ID"),
    ("property_type", "property_type=ID"),
    ("assignee", "assignee=none"),
];

struct World {
    customer: Value,
    id: String,
    path: String,
    role: String,
    group: String,
}

async fn world(shop: &TestShop) -> World {
    let admin = shop.api("administrator").await;
    let named = |name: &str| json!({ "name": name });
    let group = admin.post("/api/v1/groups", named("Zqgroup")).await.json();
    admin.post("/api/v1/lists/source", named("Zqsource")).await;
    admin.post("/api/v1/lists/property_type", named("Zqproperty")).await;
    for name in ["Zqhome", "Zqfurther"] {
        admin.post("/api/v1/channels", json!({ "name": name, "kind": "shop" })).await;
    }
    let parent = admin.customer(json!({ "first_name": "Zqparent", "last_name": "Other" })).await;
    let body = json!({
        "title": "Zqtitle", "first_name": "Zqfirst", "last_name": "Zqlast", "company_name": "Zqcompany",
        "company_number": "ZQNUM77", "vat_number": "NL123456789B01", "account_code": "ZQACC55",
        "emails": [{ "address": "zqmail@zqcanary.example", "is_primary": true }],
        "phones": [{ "number": "06 55501234", "is_primary": true }],
        "addresses": [{ "label": "Zqlabel", "line1": "Zqstreet 9", "town": "Zqtown", "county": "Zqcounty",
            "postcode": "9876 ZQ", "country": "MT", "is_primary": true }],
        "language": "fi", "source": "Zqsource", "property_type": "Zqproperty", "home_channel": "Zqhome",
        "channels": ["Zqfurther"], "groups": ["Zqgroup"], "owner": parent["id"], "note_flag": true,
        "assignee": "reader@shop.example", "status": "registered"
    });
    let customer = admin.customer(body).await;
    let id = customer["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/customers/{id}");
    // A second state, so that history and comparison have every field to tell of.
    let body = json!({ "first_name": "Zqfirst2", "last_name": "Zqlast2", "title": "Zqtitle2", "account_code": "ZQACC552",
        "company_name": "Zqcompany2", "company_number": "ZQNUM772", "town": "Zqtown2", "county": "Zqcounty2",
        "address1": "Zqstreet 10", "note_flag": false });
    let changed = admin.patch(&path, 1, body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let back = json!({ "first_name": "Zqfirst", "last_name": "Zqlast", "title": "Zqtitle", "account_code": "ZQACC55",
        "company_name": "Zqcompany", "company_number": "ZQNUM77", "town": "Zqtown", "county": "Zqcounty",
        "address1": "Zqstreet 9", "note_flag": true });
    let customer = admin.patch(&path, 2, back).await.json();
    let roles = admin.get("/api/v1/roles").await.json();
    let manager = roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "manager");
    let role = manager.expect("the manager")["id"].as_str().expect("an id").to_owned();
    World { customer, id, path, role, group: group["id"].as_str().expect("an id").to_owned() }
}

/// Gives the managers these rights on fields and everything else they had.
pub async fn limit(admin: &Client<'_>, role: &str, rights: Value) -> crate::harness::Answer {
    let path = format!("/api/v1/roles/{role}");
    let now = admin.get(&path).await.json();
    let api = admin.with("if-match", &format!("\"v{}\"", now["version"]));
    let body = json!({ "name": now["name"], "permissions": now["permissions"], "field_rights": rights });
    api.send(Method::PUT, &path, Some(body)).await
}

/// Every surface that tells of a customer: where it is and what it says.
async fn surfaces(world: &World, page: &Browser<'_>, api: &Client<'_>) -> Vec<(String, String)> {
    let (id, path) = (&world.id, &world.path);
    let mut said = Vec::new();
    for topic in [
        "", "/details", "/contacts", "/sub-accounts", "/history", "/edit", "/as-of?moment=v1", "/as-of?moment=v2",
        "/compare?from=v1&to=v2", "/put-back?moment=v2", "/delete", "/panes", "/merges",
    ] {
        let path = format!("/customers/{id}{topic}");
        said.push((path.clone(), page.get(&path).await));
    }
    for path in [
        "/dashboard",
        "/customers/charts/figures",
        "/customers?activity=all",
        "/customers/export?format=csv&activity=all",
        "/customers/bin",
        "/search?q=",
    ] {
        said.push((path.to_owned(), page.get(path).await));
    }
    let export = "/api/v1/exports/customers";
    for path in [
        path.clone(),
        format!("{path}?as_of=v1"),
        format!("{path}?as_of=v2"),
        format!("{path}/history"),
        format!("{path}/compare?from=v1&to=v2"),
        "/api/v1/customers?activity=all".to_owned(),
        format!("{export}.csv?activity=all"),
        format!("{export}.jsonl?activity=all"),
        "/api/v1/search?q=C-10002".to_owned(),
    ] {
        said.push((path.clone(), api.get(&path).await));
    }
    let plan = api.with("if-match", &format!("\"v{}\"", world.customer["version"]));
    let body = json!({ "moment": "v2", "dry_run": true });
    said.push(("plan".to_owned(), plan.send(Method::POST, &format!("{path}/put-back"), Some(body)).await));
    let texts = said.into_iter().map(|(place, answer)| {
        assert_eq!(answer.status, StatusCode::OK, "{place} {}", answer.text);
        (place, answer.text)
    });
    texts.collect()
}

/// How often the customer is found by a question, on every surface that answers questions.
async fn found(world: &World, page: &Browser<'_>, api: &Client<'_>, question: &str) -> usize {
    let q = serde_html_form::to_string([("q", question)]).expect("a query");
    let mut answers = Vec::new();
    for path in [
        format!("/api/v1/search?{q}"),
        format!("/api/v1/customers?activity=all&{q}"),
        format!("/api/v1/exports/customers.jsonl?{q}"),
    ] {
        answers.push(api.get(&path).await);
    }
    for path in [format!("/search?{q}"), format!("/customers?{q}"), format!("/customers?activity=all&{q}")] {
        answers.push(page.get(&path).await);
    }
    answers.iter().filter(|answer| answer.text.contains(&world.id)).count()
}

fn told<'a>(said: &'a [(String, String)], canaries: &[&str]) -> Vec<&'a str> {
    let tells = |text: &str| canaries.iter().any(|canary| text.contains(canary));
    said.iter().filter(|(_, text)| tells(text)).map(|(place, _)| place.as_str()).collect()
}

#[both_databases]
async fn a_hidden_text_is_nowhere(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    let open = surfaces(&world, &page, &api).await;
    for (field, canaries) in TEXTS {
        let places = told(&open, canaries);
        assert!(places.len() >= 5, "{field} is only at {places:?}");
        assert_eq!(limit(&admin, &world.role, json!({ *field: "hidden" })).await.status, StatusCode::OK);
        let places = surfaces(&world, &page, &api).await;
        assert_eq!(told(&places, canaries), Vec::<&str>::new(), "{field} leaks");
    }
    // All at once: nothing but the number is left.
    let all: serde_json::Map<String, Value> =
        TEXTS.iter().map(|(field, _)| ((*field).to_owned(), json!("hidden"))).collect();
    limit(&admin, &world.role, Value::Object(all)).await;
    let places = surfaces(&world, &page, &api).await;
    for (field, canaries) in TEXTS {
        assert_eq!(told(&places, canaries), Vec::<&str>::new(), "{field} leaks");
    }
    assert_eq!(api.get(&world.path).await.json()["display_name"], world.customer["number"]);
}

#[both_databases]
async fn a_masked_text_is_never_whole(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    for (field, canaries) in TEXTS {
        assert_eq!(limit(&admin, &world.role, json!({ *field: "masked" })).await.status, StatusCode::OK);
        let places = surfaces(&world, &page, &api).await;
        assert_eq!(told(&places, canaries), Vec::<&str>::new(), "{field} leaks");
    }
    limit(&admin, &world.role, json!({ "email": "masked", "phone": "masked", "last_name": "masked" })).await;
    let seen = api.get(&world.path).await.json();
    assert_eq!(seen["emails"][0]["address"], "z•••@z•••.example");
    assert_eq!(seen["phones"][0]["number"], "•••34");
    assert_eq!((&seen["last_name"], &seen["display_name"]), (&json!("Z•••"), &json!("Zqfirst Z•••")));
    // Found by the whole value only.
    assert_eq!(found(&world, &page, &api, "zqmail@zqcanary.example").await, 6);
    assert_eq!(found(&world, &page, &api, "Zqlast").await, 6);
    assert_eq!(found(&world, &page, &api, "zqmail").await, 0);
    assert_eq!(found(&world, &page, &api, "Zqlas").await, 0);
    assert_eq!(found(&world, &page, &api, "55501").await, 0);
    let filter = api.get("/api/v1/customers?email=zqmail").await;
    assert_eq!(filter.refusal(), "403 field_masked");
}

#[both_databases]
async fn nobody_finds_a_customer_by_what_they_may_not_see(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    for (field, question) in QUESTIONS {
        limit(&admin, &world.role, json!({})).await;
        assert_eq!(found(&world, &page, &api, question).await, 6, "{field} {question}");
        limit(&admin, &world.role, json!({ *field: "hidden" })).await;
        assert_eq!(found(&world, &page, &api, question).await, 0, "{field} {question}");
    }
    // With a typing error as little; by what may be seen as ever.
    limit(&admin, &world.role, json!({ "last_name": "hidden" })).await;
    assert_eq!(found(&world, &page, &api, "Zqlasst").await, 0);
    assert_eq!(found(&world, &page, &api, "Zqfirst Zqlast").await, 0);
    assert_eq!(found(&world, &page, &api, "Zqfirst").await, 6);
    assert_eq!(found(&world, &page, &api, "C-10002").await, 6);
}

#[both_databases]
async fn filters_and_sorts_by_a_hidden_field_are_refused(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    for (field, filter) in FILTERS {
        let filter = filter.replace("ID", &world.group);
        limit(&admin, &world.role, json!({})).await;
        assert_eq!(api.get(&format!("/api/v1/customers?{filter}")).await.status, StatusCode::OK, "{filter}");
        limit(&admin, &world.role, json!({ *field: "hidden" })).await;
        for path in ["/api/v1/customers", "/api/v1/exports/customers.csv"] {
            assert_eq!(api.get(&format!("{path}?{filter}")).await.refusal(), "403 field_hidden", "{path} {filter}");
        }
        assert_eq!(page.get(&format!("/customers?{filter}")).await.status, StatusCode::FORBIDDEN, "{filter}");
    }
    limit(&admin, &world.role, json!({ "title": "hidden" })).await;
    let history = api.get(&format!("{}/history?field=title", world.path)).await;
    assert_eq!(history.refusal(), "403 field_hidden");
}

#[both_databases]
async fn hidden_choices_are_left_out(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    for (field, name, keys) in [
        ("source", "Zqsource", &["source_id"][..]),
        ("property_type", "Zqproperty", &["property_type_id"]),
        ("assignee", "Test Reader", &["assignee_id"]),
        ("owner", "Zqparent", &["owner_id"]),
        ("home_channel", "Zqhome", &["home_channel_id"]),
        ("channels", "Zqfurther", &["channel_ids"]),
        ("groups", "Zqgroup", &["group_ids", "primary_group_id"]),
        ("language", "Finnish", &["language"]),
        ("country", "Malta", &["country"]),
        ("note_flag", "See the notes", &["note_flag"]),
    ] {
        limit(&admin, &world.role, json!({})).await;
        let places = ["", "/contacts", "/history", "/as-of?moment=v1", "/compare?from=v1&to=v2", "/panes"];
        let mut open = 0;
        for place in places {
            open += usize::from(page.get(&format!("/customers/{}{place}", world.id)).await.text.contains(name));
        }
        assert!(open > 0, "{name} is nowhere");
        assert_eq!(limit(&admin, &world.role, json!({ field: "hidden" })).await.status, StatusCode::OK);
        for place in places {
            let answer = page.get(&format!("/customers/{}{place}", world.id)).await;
            assert_eq!(answer.status, StatusCode::OK, "{place}");
            assert!(!answer.text.contains(name), "{name} at {place}");
        }
        for format in ["csv", "jsonl"] {
            let file = api.get(&format!("/api/v1/exports/customers.{format}?activity=all")).await.text;
            assert!(!file.contains(name) || field == "owner", "{name} in {format}");
        }
        for path in [world.path.clone(), format!("{}?as_of=v1", world.path)] {
            let body = api.get(&path).await.json();
            for key in keys {
                assert!(body.get(key).is_none() && body["addresses"][0].get(key).is_none(), "{key} in {path}");
                let id = world.customer[key].as_str().filter(|value| value.len() == 36);
                assert!(!body.to_string().contains(id.unwrap_or("no such id")), "{key}");
            }
        }
        let history = api.get(&format!("{}/history", world.path)).await.text;
        let id = world.customer[keys[0]].as_str().or(world.customer[keys[0]][0].as_str());
        let id = id.filter(|value| value.len() == 36).unwrap_or("no such id");
        assert!(!history.contains(id), "{field} in the history");
    }
}

#[both_databases]
async fn what_may_not_be_changed_stays(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let (page, api) = (shop.staff("manager").await, shop.api("manager").await);
    let version = world.customer["version"].as_i64().expect("a version");
    for (field, body) in [
        ("title", json!({ "title": "X" })),
        ("vat_number", json!({ "vat_number": "NL999999999B99" })),
        ("account_code", json!({ "account_code": "X1" })),
        ("email", json!({ "email": "x@x.example" })),
        ("email", json!({ "emails": [{ "address": "x@x.example" }] })),
        ("phone", json!({ "phones": [] })),
        ("town", json!({ "town": "X" })),
        ("town", json!({ "addresses": [{ "town": "X", "line1": "Y" }] })),
        ("address", json!({ "addresses": [] })),
        ("groups", json!({ "groups": [] })),
        ("channels", json!({ "channels": [] })),
        ("note_flag", json!({ "note_flag": false })),
        ("language", json!({ "language": "nl" })),
        ("company_name", json!({ "company_name": "X" })),
        ("owner", json!({ "owner": "" })),
    ] {
        for (right, code) in [("read_only", "403 field_read_only"), ("hidden", "403 field_hidden")] {
            assert_eq!(limit(&admin, &world.role, json!({ field: right })).await.status, StatusCode::OK);
            let mut body = body.clone();
            if right == "hidden" && matches!(field, "note_flag") {
                // What is sent as it is seen is no change.
                assert_eq!(api.patch(&world.path, version, body.clone()).await.status, StatusCode::OK, "{field}");
                body = json!({ "note_flag": true });
            }
            if right == "hidden" && matches!(field, "phone" | "owner") {
                assert_eq!(api.patch(&world.path, version, body).await.status, StatusCode::OK, "{field}");
                continue;
            }
            if right == "hidden" && (field == "groups" || field == "channels") {
                body = json!({ field: ["Zqgroup"] });
            }
            let answer = api.patch(&world.path, version, body.clone()).await;
            assert_eq!(answer.refusal(), code, "{field} {body}");
            for (_, canaries) in TEXTS {
                assert!(!canaries.iter().any(|canary| answer.text.contains(canary)), "{}", answer.text);
            }
        }
    }
    assert_eq!(admin.get(&world.path).await.json(), world.customer, "nothing was stored");
    for (right, body) in [("active", json!({})), ("status", json!({ "status": "lead" }))] {
        limit(&admin, &world.role, json!({ right: "read_only" })).await;
        let answer = match right {
            "active" => api.post(&format!("{}/deactivate", world.path), body).await,
            _ => api.patch(&world.path, version, body).await,
        };
        assert_eq!(answer.refusal(), "403 field_read_only");
    }
    // A form without the hidden field, and a record sent back as it was read, change only what was changed.
    limit(&admin, &world.role, json!({ "town": "hidden", "vat_number": "masked", "email": "hidden" })).await;
    let form = page.get(&format!("/customers/{}/edit", world.id)).await;
    assert!(!form.text.contains("name=\"town\"") && !form.text.contains("name=\"email\""));
    assert!(form.text.contains("value=\"N•••\"") && form.text.contains("disabled"));
    let seen = api.get(&world.path).await.json();
    let body = json!({ "title": "Changed", "vat_number": seen["vat_number"], "addresses": seen["addresses"] });
    let changed = api.patch(&world.path, version, body).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let now = admin.get(&world.path).await.json();
    assert_eq!((&now["title"], &now["vat_number"]), (&json!("Changed"), &json!("NL123456789B01")));
    assert_eq!((&now["addresses"], &now["emails"]), (&world.customer["addresses"], &world.customer["emails"]));
}

#[both_databases]
async fn two_people_meeting_tell_each_other_nothing_hidden(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let api = shop.api("manager").await;
    limit(&admin, &world.role, json!({ "account_code": "hidden" })).await;
    let version = world.customer["version"].as_i64().expect("a version");
    admin.patch(&world.path, version, json!({ "account_code": "ZQSECRET", "title": "Zqnew" })).await;
    let answer = api.patch(&world.path, version, json!({ "account_code": "GUESS", "title": "Mine" })).await;
    assert_eq!(answer.refusal(), "409 edit_conflict");
    assert!(!answer.text.contains("ZQSECRET") && !answer.text.contains("ZQACC55"), "{}", answer.text);
    // Nor does the refusal of a taken code say that there is one.
    let taken = api.patch(&world.path, version + 1, json!({ "account_code": "ZQSECRET" })).await;
    assert_eq!(taken.refusal(), "403 field_hidden");
    // A parent cannot be asked for by an address that may not be seen.
    limit(&admin, &world.role, json!({ "email": "hidden" })).await;
    let other = admin.customer(json!({ "last_name": "Child" })).await;
    let child = format!("/api/v1/customers/{}", other["id"].as_str().expect("an id"));
    for address in ["zqmail@zqcanary.example", "nobody@x.example"] {
        let asked = api.patch(&child, 1, json!({ "owner": address })).await;
        assert_eq!(asked.refusal(), "403 field_hidden", "{address}");
    }
}

#[both_databases]
async fn roles_offer_what_makes_sense_and_administrators_are_free(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let refused = |rights: Value| limit(&admin, &world.role, rights);
    assert_eq!(refused(json!({ "nope": "hidden" })).await.refusal(), "422 invalid field_rights=unknown_field");
    assert_eq!(refused(json!({ "status": "hidden" })).await.refusal(), "422 invalid field_rights=right_not_offered");
    assert_eq!(refused(json!({ "source": "masked" })).await.refusal(), "422 invalid field_rights=right_not_offered");
    assert_eq!(refused(json!({ "title": "gone" })).await.refusal(), "422 invalid field_rights=unknown_right");
    let roles = admin.get("/api/v1/roles").await.json();
    let own = roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "administrator");
    let own = own.expect("administrators")["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        limit(&admin, &own, json!({ "title": "hidden" })).await.refusal(),
        "422 invalid field_rights=never_limited"
    );

    // The page of the role says and saves the same.
    let page = shop.staff("administrator").await;
    let path = format!("/settings/roles/{}", world.role);
    let form = page.get(&path).await;
    assert!(form.text.contains("name=\"right.vat_number\" value=\"hidden\""), "{}", form.text);
    assert!(!form.text.contains("name=\"right.status\" value=\"hidden\""));
    let version = admin.get(&format!("/api/v1/roles/{}", world.role)).await.json()["version"].to_string();
    let fields = [
        ("name", "Manager"),
        ("version", &version),
        ("permission", "customer.view"),
        ("permission", "staff.edit"),
        ("right.vat_number", "masked"),
        ("right.title", "editable"),
    ];
    assert_eq!(page.post(&path, &fields).await.status, StatusCode::SEE_OTHER);
    let role = admin.get(&format!("/api/v1/roles/{}", world.role)).await.json();
    assert_eq!(role["field_rights"], json!({ "vat_number": "masked" }));
    assert!(page.get(&path).await.text.contains("value=\"masked\" aria-label=\"VAT number: Masked\""));

    // Whoever sees less gives nobody a role that sees more, nor manages such a person.
    let manager = shop.api("manager").await;
    let body = json!({ "email": "new@shop.example", "name": "New", "role": "reader", "password": "long enough 123" });
    assert_eq!(manager.post("/api/v1/staff", body).await.refusal(), "422 invalid role=role_too_powerful");
    let token = shop.scoped_api("manager", &["customer.view"]).await;
    assert_eq!(token.get(&world.path).await.json()["vat_number"], "N•••");
}

#[both_databases]
async fn an_import_tells_and_changes_nothing_hidden(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let api = shop.api("manager").await;
    limit(&admin, &world.role, json!({ "email": "hidden", "vat_number": "read_only" })).await;
    let csv = "customer_number,last_name,email,vat_number\n\
        C-10002,Known,zqmail@zqcanary.example,\nC-10002,Known,,NL999999999B99\nC-10002,Renamed,,\n";
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/api/v1/imports?file_name=people.csv")
        .header("authorization", format!("Bearer {}", api.secret))
        .header("content-type", "text/csv")
        .body(axum::body::Body::from(csv));
    let import = shop.send(request.expect("a request")).await.json();
    let path = format!("/api/v1/imports/{}", import["id"].as_str().expect("an id"));
    let set = api.send(Method::PATCH, &path, Some(json!({ "on_existing": "update" }))).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    api.post(&format!("{path}/start"), json!({})).await;
    shop.run_jobs().await;
    let done = api.get(&path).await;
    assert_eq!((&done.json()["failed"], &done.json()["updated"]), (&json!(2), &json!(1)), "{}", done.text);
    assert_eq!(shop.count("select count(*) from import_problem where code = 'field_hidden'").await, 1);
    assert_eq!(shop.count("select count(*) from import_problem where code = 'field_read_only'").await, 1);
    let now = admin.get(&world.path).await.json();
    assert_eq!((&now["last_name"], &now["vat_number"]), (&json!("Renamed"), &json!("NL123456789B01")));
}
