//! Saved views: segments with a name, a live count and a reason for each member (S4-11, S4-12).

use platform::http::etag;
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};

async fn three_customers(api: &Client<'_>) -> Vec<Value> {
    let mut made = Vec::new();
    for (name, language) in [("Anna", "nl"), ("Bert", "nl"), ("Carla", "fr")] {
        let body = json!({"first_name": name, "last_name": "Peters", "language": language, "status": "lead"});
        made.push(api.customer(body).await);
    }
    made
}

async fn names(api: &Client<'_>, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/api/v1/customers?sort=name&{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", answer.text);
    let items = answer.json()["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["display_name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[both_databases]
async fn a_view_is_a_live_segment(shop: TestShop) {
    let api = shop.api("administrator").await;
    let made = three_customers(&api).await;
    let saved = api.post("/api/v1/views", json!({"name": "Dutch", "query": "language=nl&sort=-name"})).await;
    assert_eq!(saved.status.as_u16(), 201, "{}", saved.text);
    let view = saved.json();
    assert_eq!((view["count"].as_i64(), view["sort"].as_str()), (Some(2), Some("-name")));
    // By id, by name, and together with a further filter.
    let id = view["id"].as_str().expect("an id");
    assert_eq!(names(&api, &format!("view={id}")).await.len(), 2);
    assert_eq!(names(&api, "view=dutch").await, ["Anna Peters", "Bert Peters"]);
    assert_eq!(names(&api, "view=Dutch&name=bert").await, ["Bert Peters"]);
    assert_eq!(names(&api, "view=Dutch&language=fr").await, Vec::<String>::new());
    // It is live: who changes, enters or leaves.
    let carla = made[2]["id"].as_str().expect("an id");
    api.patch(&format!("/api/v1/customers/{carla}"), 1, json!({"language": "nl"})).await;
    assert_eq!(api.get(&format!("/api/v1/views/{id}")).await.json()["count"], 3);
    // The export takes it too, in the same words.
    let file = api.get("/api/v1/exports/customers.csv?view=Dutch").await;
    assert_eq!(file.text.lines().count(), 4, "{}", file.text);
    assert_eq!(api.get("/api/v1/customers?view=French").await.refusal(), "400 view_unknown");
}

#[both_databases]
async fn a_view_tells_why(shop: TestShop) {
    let api = shop.api("administrator").await;
    let made = three_customers(&api).await;
    let saved = api.post("/api/v1/views", json!({"name": "Dutch leads", "query": "language=nl&status=lead"})).await;
    let id = saved.json()["id"].as_str().expect("an id").to_owned();
    let why =
        |customer: &Value| format!("/api/v1/views/{id}/customers/{}", customer["id"].as_str().unwrap_or_default());
    let inside = api.get(&why(&made[0])).await.json();
    assert_eq!(inside["is_in"], true);
    assert!(inside["conditions"].as_array().expect("conditions").iter().all(|part| part["holds"] == true), "{inside}");
    let outside = api.get(&why(&made[2])).await.json();
    assert_eq!(outside["is_in"], false);
    let failing: Vec<&Value> =
        outside["conditions"].as_array().expect("conditions").iter().filter(|part| part["holds"] == false).collect();
    assert_eq!(failing.len(), 1, "{outside}");
    assert_eq!((&failing[0]["filter"], &failing[0]["actual"]), (&json!("language"), &json!("fr")));
    let page = shop.staff("administrator").await;
    let shown = page.get(&format!("/customers/views/{id}/why/{}", made[2]["id"].as_str().unwrap_or_default())).await;
    assert!(shown.text.contains("is not in this view") && shown.text.contains("Does not fit"), "{}", shown.text);
}

#[both_databases]
async fn a_private_view_is_nobody_elses(shop: TestShop) {
    let mine = shop.api("manager").await;
    let other = shop.api("administrator").await;
    let id = mine.post("/api/v1/views", json!({"name": "Mine"})).await.json()["id"].as_str().expect("id").to_owned();
    let path = format!("/api/v1/views/{id}");
    assert_eq!(other.get(&path).await.status.as_u16(), 404);
    assert_eq!(other.get("/api/v1/customers?view=Mine").await.refusal(), "400 view_unknown");
    assert_eq!(other.get("/api/v1/views").await.json(), json!([]));
    assert_eq!(other.delete(&path).await.status.as_u16(), 404);
    // Shared, all can use it, and its maker alone can change it.
    let shared = mine.with("if-match", &etag(1));
    let body = json!({"name": "Ours", "shared": true});
    let answer = shared.send(axum::http::Method::PUT, &path, Some(body.clone())).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text);
    assert_eq!(other.get("/api/v1/customers?view=ours").await.status.as_u16(), 200);
    let stolen = other.with("if-match", &etag(2)).send(axum::http::Method::PUT, &path, Some(body.clone())).await;
    assert_eq!(stolen.refusal(), "403 view_of_another");
    assert_eq!(other.delete(&path).await.refusal(), "403 view_of_another");
    let stale = mine.with("if-match", &etag(1)).send(axum::http::Method::PUT, &path, Some(body)).await;
    assert_eq!(stale.status.as_u16(), 412);
}

#[both_databases]
async fn a_view_needs_a_name_of_its_own_and_a_filter_that_exists(shop: TestShop) {
    let api = shop.api("reader").await;
    let save = async |body: Value| api.post("/api/v1/views", body).await;
    assert_eq!(save(json!({"name": " "})).await.refusal(), "422 invalid name=required");
    assert_eq!(save(json!({"name": "A"})).await.status.as_u16(), 201);
    assert_eq!(save(json!({"name": "a"})).await.refusal(), "422 invalid name=taken");
    assert_eq!(save(json!({"name": "B", "query": "colour=red"})).await.refusal(), "400 filter_unknown");
    assert_eq!(save(json!({"name": "B", "query": "status=king"})).await.refusal(), "400 filter_unknown_value");
    assert_eq!(save(json!({"name": "B", "query": "sort=shoe"})).await.refusal(), "400 sort_unknown");
    assert_eq!(shop.count("select count(*) from saved_view").await, 1);
}

#[both_databases]
async fn the_list_page_saves_shows_and_changes_a_view(shop: TestShop) {
    let api = shop.api("administrator").await;
    three_customers(&api).await;
    let page = shop.staff("administrator").await;
    let saved = page.post("/customers/views", &[("name", "Les Français"), ("query", "language=fr")]).await;
    assert_eq!(saved.status.as_u16(), 303, "{}", saved.text);
    let at = saved.header("location").to_owned();
    let shown = page.get(&at).await.text;
    assert!(shown.contains("Carla Peters") && !shown.contains("Anna Peters"), "{shown}");
    assert!(shown.contains("Les Français") && !shown.contains("Save the view"), "{shown}");
    // Another filter on top: it can be saved over the view, under a new name, or reset.
    let id = at.rsplit('=').next().expect("an id").to_owned();
    let changed = page.get(&format!("/customers?from={id}&language=nl")).await.text;
    assert!(changed.contains("Anna Peters") && changed.contains("Save the view"), "{changed}");
    let over = page.post(&format!("/customers/views/{id}"), &[("query", "language=nl"), ("version", "1")]).await;
    assert_eq!(over.status.as_u16(), 303, "{}", over.text);
    assert!(page.get(&at).await.text.contains("Anna Peters"));
    // The bar counts, the page of views renames and deletes.
    let bar = page.get(&format!("/customers/views/bar?current={id}")).await.text;
    assert!(bar.contains("<span class=\"count\">2</span>"), "{bar}");
    let fields = [("name", "Dutch"), ("shared", "true"), ("version", "2")];
    assert_eq!(page.post(&format!("/customers/views/{id}"), &fields).await.status.as_u16(), 303);
    let manage = page.get("/customers/views").await.text;
    assert!(manage.contains("Dutch") && manage.contains("Shared"), "{manage}");
    page.post(&format!("/customers/views/{id}/delete"), &[]).await;
    assert_eq!(shop.count("select count(*) from saved_view").await, 0);
    assert_eq!(shop.count("select count(*) from event where entity = 'view'").await, 4);
}

#[both_databases]
async fn each_person_keeps_their_layout_and_the_panes_show_one_customer(shop: TestShop) {
    let api = shop.api("administrator").await;
    let body = json!({"first_name": "Anna", "last_name": "Peters", "email": "anna@shop.example", "phone": "0612345678",
        "address1": "Kerkstraat 1", "postcode": "1017 GA", "town": "Amsterdam", "country": "NL"});
    let anna = api.customer(body).await;
    let page = shop.staff("administrator").await;
    assert!(!page.get("/customers").await.text.contains("data-list=\"workspace\""));
    page.post("/customers/layout", &[("layout", "workspace")]).await;
    let shown = page.get("/customers").await.text;
    assert!(
        shown.contains("data-list=\"workspace\"") && shown.contains("Select a customer to see the orders."),
        "{shown}"
    );
    assert!(!shop.staff("reader").await.get("/customers").await.text.contains("data-list=\"workspace\""));
    let panes = page.get(&format!("/customers/{}/panes", anna["id"].as_str().unwrap_or_default())).await.text;
    for part in ["anna@shop.example", "Kerkstraat 1", "1017 GA Amsterdam", "data-pane-for=\"orders\""] {
        assert!(panes.contains(part), "{part}: {panes}");
    }
}

#[both_databases]
async fn figures_add_up_to_the_list(shop: TestShop) {
    let api = shop.api("administrator").await;
    api.post("/api/v1/groups", json!({"name": "VIP"})).await;
    for country in ["NL", "NL", "BE"] {
        let body =
            json!({"last_name": "A", "groups": ["VIP"], "address1": "Kerkstraat 1", "town": "X", "country": country});
        api.customer(body).await;
    }
    let by = async |by: &str, query: &str| api.get(&format!("/api/v1/figures/customers/{by}?{query}")).await;
    let countries = by("country", "").await.json();
    assert_eq!(countries, json!([{"key": "NL", "count": 2}, {"key": "BE", "count": 1}]));
    assert_eq!(by("country", "country=BE").await.json(), json!([{"key": "BE", "count": 1}]));
    assert_eq!(by("group", "").await.json()[0]["count"], 3);
    assert_eq!(by("channel", "").await.json(), json!([{"key": "", "count": 3}]));
    let weeks = by("week", "").await.json();
    let weeks = weeks.as_array().expect("weeks");
    assert_eq!((weeks.len(), &weeks[25]), (26, &json!({"key": "2026-11-16", "count": 3})));
    assert_eq!(by("shoe_size", "").await.refusal(), "400 figure_unknown");
    let page = shop.staff("administrator").await;
    assert_eq!(page.get("/").await.header("location"), "/dashboard");
    let dashboard = page.get("/dashboard").await.text;
    assert!(dashboard.contains("Active customers") && dashboard.contains("<b>3</b>"), "{dashboard}");
    let charts = page.get("/customers/charts/figures?country=NL").await.text;
    assert!(charts.contains("Netherlands") && !charts.contains("Belgium"), "{charts}");
    assert!(page.get("/customers/charts?country=NL").await.text.contains("2 customers"));
}

#[both_databases]
async fn a_token_that_may_only_look_changes_no_view(shop: TestShop) {
    let full = shop.api("manager").await;
    let view = full.post("/api/v1/views", json!({ "name": "Leads", "query": "status=lead" })).await.json();
    let way = format!("/api/v1/views/{}", view["id"].as_str().expect("an id"));
    let looking = shop.scoped_api("manager", &["customer.view"]).await;
    assert_eq!(looking.get(&way).await.status.as_u16(), 200);
    let made = looking.post("/api/v1/views", json!({ "name": "Mine", "shared": true })).await;
    assert_eq!(made.refusal(), "403 permission_missing");
    assert_eq!(looking.delete(&way).await.refusal(), "403 permission_missing");
    assert_eq!(full.get(&way).await.json(), view);
}

/// S4-32: a shared view of one's own customers is another's for everybody, and a batch keeps to whose it was.
#[both_databases]
async fn mine_is_whoever_asks(shop: TestShop) {
    let (manager, clerk) = (shop.api("manager").await, shop.api("sales_representative").await);
    for (name, assignee) in [("Ann", "manager@shop.example"), ("Bob", "sales_representative@shop.example"), ("Cid", "")]
    {
        let body = json!({ "first_name": name, "last_name": "Bos", "email": format!("{name}@bos.example"),
            "phone": "0612345678", "status": "in_store", "assignee": assignee });
        manager.customer(body).await;
    }
    let view = json!({ "name": "Mine", "shared": true, "query": "assignee=me" });
    assert_eq!(manager.post("/api/v1/views", view).await.status.as_u16(), 201);
    for query in ["assignee=me", "view=Mine"] {
        assert_eq!(names(&manager, query).await, ["Ann Bos"], "{query}");
        assert_eq!(names(&clerk, query).await, ["Bob Bos"], "{query}");
    }
    assert_eq!(names(&clerk, "assignee=me&assignee=none").await, ["Bob Bos", "Cid Bos"]);
    for role in ["manager", "sales_representative"] {
        let page = shop.staff(role).await.get("/customers?view=Mine").await.text;
        assert_eq!(page.contains("Ann Bos"), role == "manager", "{role}");
        assert!(page.contains("Assigned to"), "{role}");
    }
    let plan = manager.post("/api/v1/bulk-plans", json!({ "action": "deactivate", "query": "view=Mine" })).await.json();
    let admin = shop.api("administrator").await;
    let path = format!("/api/v1/bulk-plans/{}", plan["id"].as_str().expect("an id"));
    admin.post(&format!("{path}/preview"), json!({})).await;
    shop.run_jobs().await;
    let rows = admin.get(&format!("{path}/rows")).await.json();
    assert_eq!(rows["items"].as_array().map(Vec::len), Some(1), "{rows}");
    assert_eq!(rows["items"][0]["name"], "Ann Bos");
}
