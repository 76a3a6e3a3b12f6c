//! What an attacker or a broken program sends: a reason code each time, nothing stored.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::TestShop;

#[both_databases]
async fn hostile_names_are_refused_with_their_reason(shop: TestShop) {
    let api = shop.api("manager").await;
    let path = "/api/v1/customers?profile=quick";
    for (name, code) in [
        ("x".repeat(121), "too_long"),
        ("a\0b".to_owned(), "control_character"),
        ("a\u{202e}b".to_owned(), "bidi_control"),
        ("a\u{7}b".to_owned(), "control_character"),
    ] {
        let answer = api.post(path, json!({ "last_name": name })).await;
        assert_eq!(
            answer.refusal().split(' ').take(3).collect::<Vec<_>>().join(" "),
            format!("422 invalid last_name={code}")
        );
    }
    assert_eq!(shop.count("select count(*) from customer").await, 0);
    // Right-to-left scripts themselves are welcome.
    let name = "\u{645}\u{62d}\u{645}\u{62f}";
    assert_eq!(api.customer(json!({ "last_name": name })).await["last_name"], name);
}

#[both_databases]
async fn ten_megabytes_are_too_large(shop: TestShop) {
    let api = shop.api("manager").await;
    let answer = api.post("/api/v1/customers?profile=quick", json!({ "last_name": "x".repeat(10 << 20) })).await;
    assert_eq!(answer.refusal(), "413 too_large");
    let browser = shop.staff("manager").await;
    let big = "x".repeat(10 << 20);
    assert_eq!(browser.post("/profile", &[("name", &big)]).await.status.as_u16(), 413);
    assert_eq!(shop.count("select count(*) from customer").await, 0);
}

#[both_databases]
async fn bodies_that_are_no_json_or_have_unknown_fields_are_told_so(shop: TestShop) {
    let api = shop.api("manager").await;
    for body in
        ["", "{", "7", "{\"last_name\": 7}", "{\"lastname\": \"Bos\"}", "{\"last_name\":\"a\",\"last_name\":\"b\"}"]
    {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/api/v1/customers?profile=quick")
            .header("authorization", format!("Bearer {}", api.secret))
            .header("content-type", "application/json")
            .body(Body::from(body))
            .expect("a request");
        assert_eq!(shop.send(request).await.refusal(), "400 json_invalid", "{body}");
    }
    assert_eq!(shop.count("select count(*) from customer").await, 0);
}

#[both_databases]
async fn addresses_and_numbers_that_are_none_are_refused_beside_their_field(shop: TestShop) {
    let api = shop.api("manager").await;
    let path = "/api/v1/customers?profile=quick";
    for (field, value, code) in [
        ("email", "no address", "email_invalid"),
        ("email", "a@", "email_invalid"),
        ("phone", "call me", "phone_invalid"),
        ("country", "Atlantis", "unknown_country"),
        ("language", "klingon", "unknown_language"),
        ("language", "zz!", "unknown_language"),
        ("vat_number", "!!", "vat_number_invalid"),
        ("vat_number", "NL123", "vat_number_invalid"),
        ("status", "king", "unknown_status"),
        ("status", "pending_approval", "status_transition"),
        ("customer_type", "both", "unknown_type"),
        ("source", "nowhere", "unknown_choice"),
        ("assignee", "nobody@x.example", "unknown_staff"),
        ("company", "No such company", "unknown_company"),
    ] {
        let answer = api.post(path, json!({ "last_name": "Bos", field: value })).await;
        assert_eq!(answer.refusal(), format!("422 invalid {field}={code}"), "{value}");
    }
    let nested =
        api.post(path, json!({ "last_name": "B", "emails": [{ "address": "a@b.example" }, { "address": "x" }] })).await;
    assert_eq!(nested.refusal(), "422 invalid emails.1.address=email_invalid");
    assert_eq!(shop.count("select count(*) from customer").await, 0);
}

#[both_databases]
async fn ids_that_do_not_exist_are_not_found(shop: TestShop) {
    let api = shop.api("administrator").await;
    for id in ["01900000-0000-7000-8000-000000000000", "1", "%00", "..%2f..", "' or 1=1 --"] {
        let path = format!("/api/v1/customers/{}", id.replace(' ', "%20").replace('\'', "%27"));
        assert_eq!(api.get(&path).await.status.as_u16(), 404, "{id}");
        assert_eq!(api.patch(&path, 1, json!({})).await.status.as_u16(), 404, "{id}");
    }
}

#[both_databases]
async fn filters_with_nonsense_are_told_so(shop: TestShop) {
    let api = shop.api("reader").await;
    for (query, code) in [
        ("sort=shoe", "sort_unknown"),
        ("stauts=lead", "filter_unknown"),
        ("cursor=%%%", "cursor_invalid"),
        ("cursor=AAAA", "cursor_invalid"),
        ("status=king", "filter_unknown_value"),
        ("activity=maybe", "filter_unknown_value"),
        ("group=1", "query_invalid"),
        ("limit=0", "limit_invalid"),
        ("limit=100000", "limit_invalid"),
        ("created_from=yesterday", "date_invalid"),
    ] {
        let answer = api.get(&format!("/api/v1/customers?{query}")).await;
        assert_eq!(answer.refusal(), format!("400 {code}"), "{query}");
    }
}

#[both_databases]
async fn search_takes_anything(shop: TestShop) {
    let api = shop.api("reader").await;
    for question in [
        "%22",
        "%25%25%25",
        "'%20OR%201=1",
        "*",
        "NEAR(a%20b)",
        "%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80",
        "____",
        "AND%20OR%20NOT",
    ] {
        let answer = api.get(&format!("/api/v1/search?q={question}")).await;
        assert_eq!(answer.status.as_u16(), 200, "{question}: {}", answer.text);
        assert_eq!(answer.json()["items"], json!([]), "{question}");
    }
    // What no text can hold is refused alike in every address.
    assert_eq!(api.get("/api/v1/search?q=a%00b").await.refusal(), "400 text_unusable");
    let long = "lang ".repeat(2000).replace(' ', "%20");
    assert_eq!(api.get(&format!("/api/v1/search?q={long}")).await.status.as_u16(), 200);
}

#[both_databases]
async fn a_file_with_another_sessions_token_is_not_stored(shop: TestShop) {
    let mine = shop.staff("manager").await;
    let stolen = shop.staff("reader").await.csrf();
    for token in [stolen.as_str(), ""] {
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"_csrf\"\r\n\r\n{token}\r\n--b\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nname\nBos\r\n--b--\r\n"
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri("/imports/new")
            .header("cookie", format!("clientele_session={}", mine.cookie.as_deref().expect("a session")))
            .header("content-type", "multipart/form-data; boundary=b")
            .body(Body::from(body))
            .expect("a request");
        assert_eq!(shop.send(request).await.status.as_u16(), 403);
    }
    assert_eq!(shop.count("select count(*) from import_run").await, 0);
}

#[both_databases]
async fn the_first_requests_of_a_program_may_come_all_at_once(shop: TestShop) {
    let api = shop.api("reader").await;
    let ask = || api.get("/api/v1/customers");
    let answers = tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
    let (a, b, c, d, e, f, g, h) = answers;
    for answer in [a, b, c, d, e, f, g, h] {
        assert_eq!(answer.status, StatusCode::OK, "each notes that the token is used: {}", answer.text);
    }
    assert_eq!(shop.count("select count(*) from api_token where last_used_at is not null").await, 1);
    // The same of a browser's session, an hour later.
    let page = shop.staff("reader").await;
    shop.app.clock.advance(3_600_000_000);
    let look = || page.get("/customers");
    let (a, b, c, d) = tokio::join!(look(), look(), look(), look());
    for answer in [a, b, c, d] {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    }
}
