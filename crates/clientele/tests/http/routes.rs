//! A walk over every route: anonymous, as each role, with a wrong CSRF token.

use axum::http::{Method, StatusCode};
use platform::auth::{PermissionSet, STARTER_ROLES};
use platform::http::{Access, RouteFacts};
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::{Answer, TestShop};

/// An address of the route whose ids lead nowhere.
fn address(route: &RouteFacts) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{list}" => "source",
        "{topic}" => "details",
        part if part.starts_with('{') => "01900000-0000-7000-8000-000000000000",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

fn is_refused(answer: &Answer) -> bool {
    matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
        || answer.header("location").starts_with("/sign-in")
}

#[both_databases]
async fn nobody_passes_without_signing_in(shop: TestShop) {
    let mut walked = 0;
    for route in shop.routes.iter().filter(|route| !matches!(route.access, Access::Public)) {
        let path = address(route);
        let answer = if route.is_api {
            let mut nobody = shop.api("reader").await;
            nobody.secret = "clt_wrong".to_owned();
            nobody.send(route.method.clone(), &path, Some(json!({}))).await
        } else if route.method == Method::GET {
            shop.visitor().get(&path).await
        } else {
            shop.visitor().post(&path, &[]).await
        };
        assert!(is_refused(&answer), "{} {path} answered {}: {}", route.method, answer.status, answer.text);
        walked += 1;
    }
    assert!(walked > 30, "only {walked} routes were walked");
}

#[both_databases]
async fn every_role_passes_exactly_where_it_may(shop: TestShop) {
    for role in STARTER_ROLES {
        let granted = PermissionSet::of(role.permissions);
        let browser = shop.staff(role.key).await;
        let api = shop.api(role.key).await;
        for route in &shop.routes {
            let Access::Needs(permission) = route.access else { continue };
            let path = address(route);
            let answer = if route.is_api {
                api.with("if-match", "\"v1\"").send(route.method.clone(), &path, Some(json!({}))).await
            } else if route.method == Method::GET {
                browser.get(&path).await
            } else {
                browser.post(&path, &[]).await
            };
            let may = granted.has(permission);
            let said =
                format!("{} as {}: {} {path} answered {}", permission.key(), role.key, route.method, answer.status);
            assert_eq!(answer.status == StatusCode::FORBIDDEN, !may, "{said}: {}", answer.text);
            assert!(answer.status.as_u16() < 500, "{said}: {}", answer.text);
        }
    }
    shop.run_jobs().await;
}

#[both_databases]
async fn a_change_without_the_sessions_token_is_refused(shop: TestShop) {
    let mine = shop.staff("administrator").await;
    let other = shop.staff("reader").await;
    let stolen = other.csrf();
    for route in shop.routes.iter().filter(|route| !route.is_api && route.method == Method::POST) {
        if matches!(route.access, Access::Public | Access::SecondFactor) {
            continue;
        }
        let path = address(route);
        for token in ["", "wrong", stolen.as_str()] {
            let answer = mine.post_with(&path, token, &[]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} took the token {token:?}: {}", answer.text);
        }
    }
    assert_eq!(shop.count("select count(*) from event where action <> 'signed_in'").await, 0);
}

#[both_databases]
async fn a_change_from_another_site_is_refused(shop: TestShop) {
    let request = axum::http::Request::builder()
        .method(Method::POST)
        .uri("/sign-in")
        .header("host", "shop.example")
        .header("origin", "https://evil.example")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from("email=a&password=b"))
        .expect("a request");
    assert_eq!(shop.send(request).await.status, StatusCode::FORBIDDEN);
}

#[both_databases]
async fn unknown_addresses_are_not_found_for_people_and_programs(shop: TestShop) {
    let page = shop.visitor().get("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("<html"), "{}", page.text);
    let api = shop.api("reader").await.get("/api/v1/nowhere").await;
    assert_eq!(api.refusal(), "404 not_found");
}

#[both_databases]
async fn every_answer_carries_the_security_headers(shop: TestShop) {
    for path in ["/sign-in", "/healthz", "/api/openapi.json", "/nowhere"] {
        let answer = shop.visitor().get(path).await;
        assert!(answer.header("content-security-policy").contains("script-src 'self'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[both_databases]
async fn a_method_that_an_address_does_not_know_is_told_so(shop: TestShop) {
    let answer = shop.api("manager").await.delete("/api/v1/customers").await;
    assert_eq!(answer.refusal(), "405 method_not_allowed");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(shop.staff("manager").await.post("/activity", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
}
