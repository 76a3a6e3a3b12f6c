//! The box on top as a command palette: pages, views and customers.

use serde_json::json;
use testing_macros::both_databases;

use crate::harness::{Browser, TestShop};

/// Address of the first hit: what Enter opens.
async fn first(page: &Browser<'_>, typed: &str) -> String {
    let query = serde_html_form::to_string([("q", typed)]).expect("a query");
    let answer = page.get(&format!("/search?{query}")).await.text;
    let hit = answer.split("class=\"hit\"").nth(1).unwrap_or_default();
    hit.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The entries of the side menu: address and label.
async fn menu(page: &Browser<'_>) -> Vec<(String, String)> {
    let shown = page.get("/customers").await.text;
    let links = shown.split("class=\"side-link\" href=\"").skip(1);
    links
        .map(|rest| {
            let href = rest.split('"').next().unwrap_or_default().to_owned();
            let label = rest.split("title=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            (href, label.to_lowercase())
        })
        .collect()
}

/// Up to three keys: the beginnings of the name, of its words, and its initials.
fn tries(label: &str) -> Vec<String> {
    let start = |word: &str| (1..=3).map(|n| word.chars().take(n).collect::<String>()).collect::<Vec<_>>();
    let initials: String = label.split(' ').filter_map(|word| word.chars().next()).take(3).collect();
    [vec![initials], start(label)].concat()
}

#[both_databases]
async fn every_menu_entry_and_view_is_three_keys_and_enter_away(shop: TestShop) {
    let api = shop.api("administrator").await;
    for name in ["Customs & Co", "Stan Groen", "Imke Chan"] {
        api.customer(json!({"last_name": name})).await;
    }
    api.post("/api/v1/views", json!({"name": "Dormant", "query": "activity=inactive"})).await;
    for language in ["en", "nl"] {
        let page = shop.staff("administrator").await;
        page.post("/profile/language", &[("language", language)]).await;
        let entries = menu(&page).await;
        assert!(entries.len() > 10, "{entries:?}");
        for (href, label) in entries {
            let mut found = Vec::new();
            for typed in tries(&label) {
                found.push(first(&page, &typed).await);
            }
            assert!(found.contains(&href), "{language}: {label} is not first for {:?}: {found:?}", tries(&label));
        }
        assert!(first(&page, "dor").await.starts_with("/customers?view="), "the view");
    }
}

#[both_databases]
async fn customers_opened_last_come_first_and_pages_one_may_not_open_do_not_come(shop: TestShop) {
    let api = shop.api("administrator").await;
    let old = api.customer(json!({"first_name": "Petra", "last_name": "Old"})).await;
    api.customer(json!({"first_name": "Petra", "last_name": "New"})).await;
    let page = shop.staff("reader").await;
    let href = format!("/customers/{}", old["id"].as_str().unwrap_or_default());
    let opened = page.get(&href).await;
    let cookie = opened.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
    assert!(cookie.starts_with("recent_customers=") && !cookie.contains("Petra"), "{cookie}");
    let mut back = page;
    back.cookie = back.cookie.map(|session| format!("{session}; {cookie}"));
    assert_eq!(first(&back, "").await, href);
    assert_eq!(first(&back, "petra").await, href);
    assert_eq!(first(&back, "staff").await, "");
    // In the bin it is remembered no longer.
    api.delete(&format!("/api/v1{href}")).await;
    assert_ne!(first(&back, "petra").await, href);
}
