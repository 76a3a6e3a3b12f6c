//! The list's filters, sorts and keyset paging (S4-02 to S4-10, R18).

use serde_json::{Value, json};
use testing_macros::both_databases;

use crate::field_rights::limit;
use crate::harness::{Client, TestShop};

async fn names(api: &Client<'_>, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/api/v1/customers?{query}")).await;
    assert_eq!(answer.status.as_u16(), 200, "{query}: {}", answer.text);
    let json = answer.json();
    json["items"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["display_name"].as_str().expect("a name").to_owned())
        .collect()
}

async fn four_people(api: &Client<'_>) {
    for (first, last, extra) in [
        (
            "José",
            "Álvarez",
            json!({ "email": "jose@gmail.example", "phone": "+34 612 34 56 78", "postcode": "28001", "town": "Madrid", "country": "ES" }),
        ),
        (
            "Anna",
            "de Vries",
            json!({ "email": "anna@kaas.example", "company_name": "Kaas B.V.", "postcode": "1075 EE", "town": "Amsterdam", "country": "NL" }),
        ),
        (
            "Berta",
            "Müller",
            json!({ "email": "berta@gmail.example", "phone": "0171 2345678", "postcode": "30315", "town": "Hannover", "country": "DE", "language": "de" }),
        ),
        ("Zoe", "Old", json!({ "active": false, "status": "lead" })),
    ] {
        let mut body = extra;
        body["first_name"] = json!(first);
        body["last_name"] = json!(last);
        api.customer(body).await;
    }
}

#[both_databases]
async fn every_filter_narrows_the_list(shop: TestShop) {
    let api = shop.api("manager").await;
    four_people(&api).await;
    for (query, expected) in [
        ("", vec!["Berta Müller", "Anna de Vries", "José Álvarez"]),
        ("activity=all&sort=name", vec!["José Álvarez", "Anna de Vries", "Berta Müller", "Zoe Old"]),
        ("activity=inactive", vec!["Zoe Old"]),
        ("name=alvar", vec!["José Álvarez"]),
        ("name=jose", vec!["José Álvarez"]),
        ("name=vri%20anna", vec!["Anna de Vries"]),
        ("email=anna@kaas.example", vec!["Anna de Vries"]),
        ("email=ber", vec!["Berta Müller"]),
        ("email=@gmail.example", vec!["Berta Müller", "José Álvarez"]),
        ("phone=%2B49%20171%202345678", vec!["Berta Müller"]),
        ("phone=0171-234%205678", vec!["Berta Müller"]),
        ("company=kaas", vec!["Anna de Vries"]),
        ("postcode=1075e", vec!["Anna de Vries"]),
        ("postcode=1075%20EE", vec!["Anna de Vries"]),
        ("town=hanno", vec!["Berta Müller"]),
        ("country=nl&country=de", vec!["Berta Müller", "Anna de Vries"]),
        ("language=de", vec!["Berta Müller"]),
        ("status=lead&activity=all", vec!["Zoe Old"]),
        ("missing=phone", vec!["Anna de Vries"]),
        ("missing=company&country=es", vec!["José Álvarez"]),
        ("q=m%C3%BCler", vec!["Berta Müller"]),
        ("created_from=2026-11-21&country=nl", vec!["Anna de Vries"]),
        ("created_to=2026-11-20", vec![]),
        ("origin=api&name=anna", vec!["Anna de Vries"]),
        ("origin=import", vec![]),
        ("assignee=none&name=anna", vec!["Anna de Vries"]),
        ("customer_type=trade", vec![]),
    ] {
        assert_eq!(names(&api, query).await, expected, "{query}");
    }
}

#[both_databases]
async fn every_sort_pages_forwards_over_all_rows_once(shop: TestShop) {
    let api = shop.api("manager").await;
    for number in 0..25 {
        let name = format!("Name{:02}", (number * 7) % 25);
        // Equal companies and missing e-mails: the id decides.
        let company = format!("Firm {}", number % 3);
        let mut body = json!({ "last_name": name, "company_name": company });
        if number % 2 == 0 {
            body["email"] = json!(format!("n{}@x.example", number % 4));
        }
        api.customer(body).await;
    }
    for sort in
        ["name", "-name", "company", "-company", "email", "-email", "created", "-created", "updated", "-updated"]
    {
        let mut seen: Vec<Value> = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = api.get(&format!("/api/v1/customers?sort={sort}&limit=4&cursor={cursor}")).await.json();
            seen.extend(page["items"].as_array().expect("rows").iter().map(|row| row["id"].clone()));
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        let whole = api.get(&format!("/api/v1/customers?sort={sort}&limit=200")).await.json();
        let all: Vec<Value> = whole["items"].as_array().expect("rows").iter().map(|row| row["id"].clone()).collect();
        assert_eq!(seen, all, "{sort}");
        assert_eq!(all.len(), 25, "{sort}");
    }
}

#[both_databases]
async fn the_page_before_is_the_page_one_came_from(shop: TestShop) {
    let api = shop.api("manager").await;
    for number in 0..10 {
        api.customer(json!({ "last_name": format!("Name{number}") })).await;
    }
    let filter = |cursor: String| customers::customer::list::ListFilter {
        sort: "name".to_owned(),
        limit: Some(4),
        cursor,
        ..Default::default()
    };
    let page = async |cursor: String| {
        customers::customer::list::page(&shop.app.db, &Default::default(), &filter(cursor)).await.expect("a page")
    };
    let first = page(String::new()).await;
    assert!(first.previous.is_none());
    let second = page(first.next.clone().expect("a next page")).await;
    let third = page(second.next.clone().expect("a next page")).await;
    assert!(third.next.is_none());
    assert_eq!(third.rows.len(), 2);
    let back = page(third.previous.clone().expect("a page before")).await;
    assert_eq!(back.rows, second.rows);
    let start = page(back.previous.clone().expect("a page before")).await;
    assert_eq!(start.rows, first.rows);
    assert!(start.previous.is_none());
}

#[both_databases]
async fn mine_are_those_assigned_to_me(shop: TestShop) {
    let api = shop.api("manager").await;
    api.customer(json!({ "last_name": "Bos", "assignee": "sales_representative@shop.example" })).await;
    api.customer(json!({ "last_name": "Vos" })).await;
    let staff = api.get("/api/v1/customers?name=bos").await.json();
    assert_eq!(staff["items"].as_array().expect("rows").len(), 1);
    let id = platform::auth::staff::find_by_email(shop.app.db.read(), "sales_representative@shop.example")
        .await
        .expect("read")
        .expect("staff")
        .id;
    assert_eq!(names(&api, &format!("assignee={id}")).await, ["Bos"]);
    assert_eq!(names(&api, &format!("assignee={id}&assignee=none&sort=name")).await, ["Bos", "Vos"]);
}

#[both_databases]
async fn a_whole_address_phone_or_number_finds_inactive_customers_in_the_list(shop: TestShop) {
    let api = shop.api("manager").await;
    let body = json!({ "last_name": "Slaper", "email": "slaper@x.example", "phone": "06 12345678", "active": false });
    let customer = api.customer(body).await;
    let number = customer["number"].as_str().expect("a number");
    for question in ["slaper@x.example", "%2B31%206%201234%205678", number] {
        assert_eq!(names(&api, &format!("q={question}")).await, ["Slaper"], "{question}");
        assert_eq!(names(&api, &format!("q={question}&activity=active")).await, Vec::<String>::new(), "{question}");
    }
    assert_eq!(names(&api, "q=slaper").await, Vec::<String>::new());
}

#[both_databases]
async fn a_cursor_belongs_to_its_sort(shop: TestShop) {
    let api = shop.api("manager").await;
    for number in 0..3 {
        api.customer(json!({ "last_name": format!("Name{number}") })).await;
    }
    let next = api.get("/api/v1/customers?limit=2").await.json()["next"].as_str().expect("a cursor").to_owned();
    let other = api.get(&format!("/api/v1/customers?sort=name&cursor={next}")).await;
    assert_eq!(other.refusal(), "400 cursor_invalid");
    let position = json!({ "sort": "name", "text": "a\u{0}", "id": "01a20099-6048-756f-a6d0-9aaa5b2f5e54" });
    let made_up = platform::http::Cursor::pack(&position);
    let refused = api.get(&format!("/api/v1/customers?sort=name&cursor={made_up}")).await;
    assert_eq!(refused.refusal(), "400 cursor_invalid");
}

#[both_databases]
async fn what_is_no_text_finds_nobody_and_an_empty_choice_is_none(shop: TestShop) {
    let api = shop.api("manager").await;
    four_people(&api).await;
    for query in ["name=...", "town=-", "postcode=%25", "company=%26", "q=!!!", "name=_"] {
        assert_eq!(names(&api, query).await, Vec::<String>::new(), "{query}");
    }
    for query in ["group=", "channel=&tag=&source=", "company_id=&owner=", "name=%20", "q="] {
        assert_eq!(names(&api, query).await.len(), 3, "{query}");
    }
    for query in ["email=%00", "q=a@%00", "language=%00"] {
        assert_eq!(api.get(&format!("/api/v1/customers?{query}")).await.refusal(), "400 text_unusable", "{query}");
    }
    let plan = json!({ "action": "deactivate", "query": "email=%00" });
    assert_eq!(api.post("/api/v1/bulk-plans", plan).await.refusal(), "400 query_invalid");
    let page = shop.staff("manager").await.get("/customers?group=").await;
    assert_eq!(page.status.as_u16(), 200);
}

/// A role with a hidden field finds as many as everybody where that field plays no part, with other filters too.
#[both_databases]
async fn a_hidden_field_cuts_no_list(shop: TestShop) {
    let admin = shop.api("administrator").await;
    for number in 0..230 {
        let town = if number < 20 { "Gouda" } else { "Delft" };
        admin.customer(json!({ "last_name": format!("Smith{number}"), "town": town, "country": "NL" })).await;
    }
    let roles = admin.get("/api/v1/roles").await.json();
    let reader = roles["items"].as_array().expect("roles").iter().find(|role| role["key"] == "reader").expect("a role");
    limit(&admin, reader["id"].as_str().expect("an id"), json!({ "vat_number": "hidden" })).await;
    let limited = shop.api("reader").await;
    for query in ["q=smith&town=gouda&limit=200", "q=smith&limit=200&sort=created", "q=smith19&limit=200"] {
        assert_eq!(names(&limited, query).await, names(&admin, query).await, "{query}");
    }
    assert_eq!(names(&limited, "q=smith&town=gouda&limit=200").await.len(), 20);
}
