//! What people who see the customers of some channels write, compare and grant (R26).

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::harness::{Client, TestShop};
use crate::imports::{counts, import};
use crate::visibility::{apart, belong, id, keep_apart, run_then_undo_apart, world};

#[both_databases]
async fn people_of_a_channel_write_customers_of_theirs(shop: TestShop) {
    let world = apart(&shop).await;
    let api = shop.api("manager").await;
    let new = |body: Value| {
        let mut whole = json!({ "first_name": "New", "last_name": "One", "email": "new@one.example", "phone": "0612345678",
            "status": "in_store" });
        whole.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
        api.post("/api/v1/customers", whole)
    };
    // Who has one channel needs not name it.
    let created = new(json!({})).await.json();
    assert_eq!(created["home_channel_id"], json!(world.own), "{created}");
    assert!(created["number"].as_str().is_some_and(|number| number.starts_with("ZQOWN-")), "{created}");
    let refused = new(json!({ "home_channel": "Zqother" })).await;
    assert_eq!(refused.refusal(), "422 invalid home_channel=channel_out_of_reach");
    let refused = new(json!({ "home_channel": "Zqown", "channels": ["Zqother"] })).await;
    assert_eq!(refused.refusal(), "422 invalid channels=channel_out_of_reach");
    // A parent account they do not see is none.
    let refused = new(json!({ "owner": "zqotto@zqverborgen.example" })).await;
    assert_eq!(refused.refusal(), "422 invalid owner=owner_unknown");

    let patch = async |customer: &Value, body: Value| {
        let path = format!("/api/v1/customers/{}", id(customer));
        api.patch(&path, customer["version"].as_i64().expect("a version"), body).await
    };
    let refused = patch(&world.mine, json!({ "home_channel": "" })).await;
    assert_eq!(refused.refusal(), "422 invalid home_channel=channel_needed");
    let refused = patch(&world.both, json!({ "home_channel": "Zqown", "channels": [] })).await;
    assert_eq!(refused.refusal(), "422 invalid home_channel=channel_out_of_reach");
    let refused = patch(&world.both, json!({ "channels": [] })).await;
    assert_eq!(refused.refusal(), "422 invalid home_channel=channel_needed");
    let changed = patch(&world.both, json!({ "title": "Dr" })).await;
    assert_eq!(changed.json()["title"], "Dr", "{}", changed.text);

    // With two channels one must be named; customers may be moved between them.
    belong(&shop, "manager", &[&world.own, &world.other]).await;
    assert_eq!(new(json!({})).await.refusal(), "422 invalid home_channel=channel_needed");
    let theirs = patch(&world.theirs, json!({ "home_channel": "Zqown" })).await;
    assert_eq!(theirs.json()["home_channel_id"], json!(world.own), "{}", theirs.text);
}

#[both_databases]
async fn files_and_batches_keep_to_the_channels(shop: TestShop) {
    let world = apart(&shop).await;
    let api = shop.api("manager").await;
    let file = "first_name,last_name,email,channel\n\
        Zqotto,Zqverborgen,zqotto@zqverborgen.example,Zqown\n\
        Fresh,Person,fresh@person.example,\n\
        Other,Person,other@person.example,Zqother\n";
    let done = import(&shop, &api, file, json!({ "on_existing": "update" })).await;
    assert_eq!(counts(&done), "done 3: 1 created, 0 updated, 0 skipped, 2 failed");
    let problems = api.get(&format!("/api/v1/imports/{}/problems", id(&done))).await.json();
    let codes: Vec<&str> =
        problems["items"].as_array().expect("problems").iter().filter_map(|problem| problem["code"].as_str()).collect();
    assert_eq!(codes, ["customer_out_of_reach", "channel_out_of_reach"]);
    let fresh = api.get("/api/v1/customers?email=fresh@person.example").await.json();
    let number = fresh["items"][0]["number"].as_str().expect("a number");
    assert!(number.starts_with("ZQOWN-"), "{fresh}");

    let plan = json!({ "action": "deactivate", "ids": [id(&world.theirs), id(&world.mine)] });
    let plan = api.post("/api/v1/bulk-plans", plan).await.json();
    shop.run_jobs().await;
    let plan = api.get(&format!("/api/v1/bulk-plans/{}", id(&plan))).await.json();
    let rows = api.get(&format!("/api/v1/bulk-plans/{}/rows", id(&plan))).await.json();
    let kept: Vec<(&Value, &Value)> =
        rows["items"].as_array().expect("rows").iter().map(|row| (&row["customer"], &row["outcome"])).collect();
    let refused: Vec<_> = kept.iter().filter(|(customer, _)| **customer == world.theirs["id"]).collect();
    assert!(refused.iter().all(|(_, outcome)| **outcome == json!("refused")), "{rows}");
    assert!(rows.to_string().contains("customer_out_of_reach"), "{rows}");
    assert!(kept.contains(&(&world.mine["id"], &json!("change"))), "{rows}");
    assert!(!rows.to_string().contains("Zqotto"), "{rows}");
}

#[both_databases]
async fn comparing_shows_ones_own_and_merging_needs_everybody(shop: TestShop) {
    let world = apart(&shop).await;
    let admin = shop.api("administrator").await;
    let twin = json!({ "first_name": "Zqotto", "last_name": "Zqverborgen", "email": "zqotto@zqverborgen.example",
        "phone": "06 55501234", "status": "in_store", "home_channel": "Zqown" });
    let twin = admin.customer(twin).await;
    let path = format!("/api/v1/customers/{}/duplicates", id(&twin));
    let likely = async |api: &Client<'_>| api.get(&path).await.json()["items"].as_array().map_or(0, Vec::len);
    let api = shop.api("manager").await;
    assert_eq!((likely(&admin).await, likely(&api).await), (1, 0));
    let typed = json!({ "first_name": "Zqotto", "last_name": "Zqverborgen", "email": "zqotto@zqverborgen.example" });
    let found = api.post("/api/v1/duplicates/likely", typed).await.json();
    let found: Vec<&Value> =
        found["items"].as_array().expect("a list").iter().map(|known| &known["customer_id"]).collect();
    assert_eq!(found, [&twin["id"]]);
    let merge = json!({ "survivor_id": twin["id"], "absorbed_ids": [world.mine["id"]] });
    for path in ["/api/v1/merges/preview", "/api/v1/merges"] {
        assert_eq!(api.post(path, merge.clone()).await.refusal(), "403 channels_limited");
    }
    assert_eq!(api.get("/api/v1/duplicates/pairs").await.refusal(), "403 channels_limited");
    let page = shop.staff("manager").await;
    for path in ["/duplicates", "/merge"] {
        assert_eq!(page.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
}

/// An id in a form's or request's body is no way round the addresses.
#[both_databases]
async fn ids_in_bodies_are_asked_for_too(shop: TestShop) {
    let world = apart(&shop).await;
    let admin = shop.api("administrator").await;
    let page = shop.staff("manager").await;
    let theirs = id(&world.theirs);
    let hint = page.post("/duplicates/likely", &[("customer", theirs.as_str())]).await;
    assert_eq!(hint.status, StatusCode::NOT_FOUND, "{}", hint.text);
    let gone = json!({ "last_name": "Gone", "status": "lead", "home_channel": "Zqother" });
    let gone = id(&admin.customer(gone).await);
    let path = format!("/api/v1/customers/{gone}");
    assert_eq!(admin.with("if-match", "\"v1\"").delete(&path).await.status, StatusCode::NO_CONTENT);
    page.post("/customers/bin/restore", &[("id", gone.as_str())]).await;
    assert_eq!(shop.count("select count(*) from customer where deleted_at is not null").await, 1);
    assert_eq!(admin.post(&format!("{path}/restore"), json!({})).await.status, StatusCode::OK);

    // What two of them are to each other, and what a merge brought together, is told of those one sees.
    let pair = json!({ "customer_ids": [theirs, id(&world.mine)], "decision": "not_same" });
    let decided = admin.post("/api/v1/duplicates/decisions", pair).await;
    assert!(decided.status.is_success(), "{}", decided.text);
    let topic = format!("/customers/{}/duplicates", id(&world.mine));
    assert!(shop.staff("administrator").await.get(&topic).await.text.contains("Zqverborgen"));
    assert!(!page.get(&topic).await.text.contains("Zqverborgen"));
    let merge = json!({ "survivor_id": id(&world.mine), "absorbed_ids": [theirs] });
    let merged = admin.post("/api/v1/merges", merge).await.json();
    let merge = id(&merged);
    let undone = admin.post(&format!("/api/v1/merges/{merge}/undo"), json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{}", undone.text);
    let api = shop.api("manager").await;
    for path in [format!("/api/v1/merges/{merge}"), format!("/api/v1/merges?customer={}", id(&world.mine))] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(!answer.text.contains("Zqverborgen"), "{path} {}", answer.text);
    }
    for path in [format!("/merges/{merge}"), format!("/customers/{}/merges", id(&world.mine))] {
        assert!(!page.get(&path).await.text.contains("Zqverborgen"), "{path}");
    }
}

/// Taking a batch of before back may not move customers to a channel that is no longer one's own.
#[both_databases]
async fn an_undo_gives_no_channel_of_others(shop: TestShop) {
    let world = world(&shop).await;
    let plan = json!({ "action": "set_channel", "value": "Zqown", "ids": [id(&world.both)] });
    let plan = run_then_undo_apart(&shop, plan).await;
    let rows = shop.api("manager").await.get(&format!("{plan}/rows")).await.json();
    assert_eq!(
        (&rows["items"][0]["outcome"], &rows["items"][0]["code"]),
        (&json!("left_alone"), &json!("channel_out_of_reach")),
        "{rows}"
    );
}

#[both_databases]
async fn nobody_lets_others_see_more_than_they_do(shop: TestShop) {
    let world = world(&shop).await;
    let admin = shop.api("administrator").await;
    let roles = admin.get("/api/v1/roles").await.json();
    let manager = roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "manager").expect("it");
    let mut permissions: Vec<Value> = manager["permissions"].as_array().expect("permissions").clone();
    permissions.push(json!("staff.edit"));
    let api = admin.with("if-match", &format!("\"v{}\"", manager["version"]));
    let body = json!({ "name": manager["name"], "permissions": permissions });
    assert_eq!(
        api.send(Method::PUT, &format!("/api/v1/roles/{}", id(manager)), Some(body)).await.status,
        StatusCode::OK
    );
    belong(&shop, "manager", &["Zqown"]).await;
    belong(&shop, "reader", &["Zqother"]).await;
    belong(&shop, "pos_clerk", &["Zqown"]).await;
    keep_apart(&shop, true).await;

    let api = shop.api("manager").await;
    let hire = async |channels: Value| {
        let body = json!({ "email": "new@shop.example", "name": "New", "role": "pos_clerk", "password": "a long password",
            "channels": channels });
        api.post("/api/v1/staff", body).await
    };
    for channels in [json!([]), json!(["Zqother"]), json!([world.own, world.other])] {
        assert_eq!(hire(channels).await.refusal(), "422 invalid channels=channel_out_of_reach");
    }
    assert_eq!(hire(json!(["Nowhere"])).await.refusal(), "422 invalid channels=unknown_channel");
    let hired = hire(json!(["zqown"])).await;
    assert_eq!((hired.status, &hired.json()["channels"]), (StatusCode::CREATED, &json!([world.own])), "{}", hired.text);
    // Whoever sees others is above them; a person of the same channel is not.
    let staff = admin.get("/api/v1/staff").await.json();
    let save = async |role: &str, channels: Value| {
        let person =
            staff["items"].as_array().expect("staff").iter().find(|person| person["role"] == role).expect("it");
        let body = json!({ "email": person["email"], "name": "Renamed", "role": role, "active": true,
            "channels": channels });
        let api = api.with("if-match", &format!("\"v{}\"", person["version"]));
        api.send(Method::PUT, &format!("/api/v1/staff/{}", id(person)), Some(body)).await
    };
    assert_eq!(save("reader", json!(["Zqown"])).await.refusal(), "403 staff_above_you");
    assert_eq!(save("pos_clerk", json!([])).await.refusal(), "422 invalid channels=channel_out_of_reach");
    assert_eq!(save("pos_clerk", json!(["Zqown"])).await.status, StatusCode::OK);
    assert_eq!(save("manager", json!([])).await.refusal(), "422 invalid channels=channel_out_of_reach");
    // Whoever may edit roles sees everybody, whatever they belong to.
    belong(&shop, "administrator", &["Zqown"]).await;
    let found = shop.api("administrator").await.get("/api/v1/customers?activity=all").await.json();
    assert_eq!(found["items"].as_array().map(Vec::len), Some(3));
}

#[both_databases]
async fn channels_of_people_and_the_setting_are_chosen_on_screen(shop: TestShop) {
    let world = world(&shop).await;
    let page = shop.staff("administrator").await;
    let staff = shop.api("administrator").await.get("/api/v1/staff").await.json();
    let reader =
        staff["items"].as_array().expect("staff").iter().find(|person| person["role"] == "reader").expect("it");
    let path = format!("/settings/staff/{}", id(reader));
    let role = reader["role_id"].as_str().expect("an id");
    let version = reader["version"].to_string();
    let fields = [("name", "Reader"), ("email", "reader@shop.example"), ("role", role), ("active", "true")];
    let form: Vec<(&str, &str)> =
        fields.into_iter().chain([("version", version.as_str()), ("channels", world.own.as_str())]).collect();
    assert_eq!(page.post(&path, &form).await.status, StatusCode::SEE_OTHER);
    let form = page.get(&path).await.text;
    assert!(form.contains("Zqown") && form.matches("checked").count() >= 2, "{form}");
    assert!(page.get("/settings/staff").await.text.contains("Every channel"));
    let reader = shop.api("reader").await;
    let seen =
        async || reader.get("/api/v1/customers?activity=all").await.json()["items"].as_array().map_or(0, Vec::len);
    assert_eq!(seen().await, 3);
    let rules = [
        ("country", "NL"),
        ("bin_days", "30"),
        ("merge_undo_days", "90"),
        ("relay_domains", ""),
        ("opens_first", "full"),
        ("visibility", "own"),
        ("required_full", "email"),
        ("required_register", "email"),
        ("required_quick", "name"),
    ];
    assert_eq!(page.post("/settings/customers", &rules).await.status, StatusCode::SEE_OTHER);
    assert_eq!(seen().await, 2);
    assert!(page.get("/settings/customers").await.text.contains("value=\"own\" selected"));
    shop.run_jobs().await;
}
