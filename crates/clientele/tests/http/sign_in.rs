//! Signing in, limits, second factor, sessions.

use axum::http::StatusCode;
use platform::auth::{Permission, PermissionSet, second_factor, staff};
use platform::clock::{HOUR, MINUTE, SECOND};
use platform::history::{Actor, Source};
use testing_macros::both_databases;

use crate::harness::{PASSWORD, TestShop};

const EMAIL: &str = "manager@shop.example";

#[both_databases]
async fn the_right_password_opens_and_the_wrong_one_says_nothing(shop: TestShop) {
    let visitor = shop.visitor();
    let wrong = visitor.post("/sign-in", &[("email", EMAIL), ("password", "wrong password")]).await;
    let unknown = visitor.post("/sign-in", &[("email", "nobody@shop.example"), ("password", "wrong password")]).await;
    assert_eq!((wrong.status, unknown.status), (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY));
    let strip = |text: &str, email: &str| text.replace(email, "");
    assert_eq!(strip(&wrong.text, EMAIL), strip(&unknown.text, "nobody@shop.example"));
    let browser = shop.sign_in(" MANAGER@shop.example ", PASSWORD).await;
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
}

#[both_databases]
async fn guessing_is_limited_per_address_also_for_unknown_ones(shop: TestShop) {
    for email in [EMAIL, "nobody@shop.example"] {
        let visitor = shop.visitor();
        let form = [("email", email), ("password", "guess guess guess")];
        for _ in 0..10 {
            assert_eq!(visitor.post("/sign-in", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(visitor.post("/sign-in", &form).await.status, StatusCode::TOO_MANY_REQUESTS);
        let right = [("email", email), ("password", PASSWORD)];
        assert_eq!(visitor.post("/sign-in", &right).await.status, StatusCode::TOO_MANY_REQUESTS);
    }
    shop.app.clock.advance(15 * MINUTE);
    shop.sign_in(EMAIL, PASSWORD).await;
}

#[both_databases]
async fn a_session_ends_when_idle_and_at_sign_out(shop: TestShop) {
    let first = shop.sign_in(EMAIL, PASSWORD).await;
    let second = shop.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(first.post("/sign-out", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(first.get("/profile").await.header("location").starts_with("/sign-in"));
    assert_eq!(second.get("/profile").await.status, StatusCode::OK);
    shop.app.clock.advance(13 * HOUR);
    assert!(second.get("/profile").await.header("location").starts_with("/sign-in"));
}

#[both_databases]
async fn a_deactivated_person_is_out_at_once(shop: TestShop) {
    let browser = shop.sign_in(EMAIL, PASSWORD).await;
    let api = shop.api("manager").await;
    let person = staff::find_by_email(shop.app.db.read(), EMAIL).await.expect("read").expect("staff");
    let tx = shop.app.begin_write().await.expect("a transaction");
    let input = staff::StaffInput {
        email: person.email,
        name: person.name,
        role_id: person.role_id,
        channels: [].into(),
        active: false,
    };
    let actor = Actor::system(Source::CommandLine, "test");
    staff::save(&tx, &actor, &PermissionSet::of(Permission::ALL), 1, person.id, person.version, &input)
        .await
        .expect("saved");
    tx.commit().await.expect("committed");
    assert!(browser.get("/profile").await.header("location").starts_with("/sign-in"));
    assert_eq!(api.get("/api/v1/customers").await.refusal(), "401 sign_in_needed");
}

fn code(secret: &str, now: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
    let totp = totp_rs::Builder::new()
        .with_secret(secret)
        .with_issuer(Some("Clientele"))
        .with_account_name(EMAIL)
        .build()
        .expect("a generator");
    totp.generate((now / SECOND) as u64).to_string()
}

async fn turn_on(shop: &TestShop) -> (String, Vec<String>) {
    let person = staff::find_by_email(shop.app.db.read(), EMAIL).await.expect("read").expect("staff");
    let offer = second_factor::offer(EMAIL).expect("an offer");
    let now = shop.app.clock.now();
    let tx = shop.app.begin_write().await.expect("a transaction");
    let actor = Actor::system(Source::CommandLine, "test");
    let codes = second_factor::turn_on(&tx, &actor, now, &person, &offer.secret, &code(&offer.secret, now)).await;
    tx.commit().await.expect("committed");
    (offer.secret, codes.expect("turned on"))
}

#[both_databases]
async fn the_second_factor_is_asked_and_each_code_works_once(shop: TestShop) {
    let (secret, recovery) = turn_on(&shop).await;
    shop.app.clock.advance(MINUTE);
    let browser = shop.sign_in(EMAIL, PASSWORD).await;
    assert!(browser.get("/profile").await.header("location").starts_with("/sign-in"), "half a sign-in opens nothing");
    let wrong = browser.post("/sign-in/code", &[("code", "000000")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fresh = code(&secret, shop.app.clock.now());
    assert_eq!(browser.post("/sign-in/code", &[("code", &fresh)]).await.status, StatusCode::SEE_OTHER);
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
    let again = shop.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(again.post("/sign-in/code", &[("code", &fresh)]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(again.post("/sign-in/code", &[("code", &recovery[3])]).await.status, StatusCode::SEE_OTHER);
    let third = shop.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(third.post("/sign-in/code", &[("code", &recovery[3])]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[both_databases]
async fn a_role_can_demand_the_second_factor(shop: TestShop) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    platform::db::SqlExt::run(&tx, "update role set requires_second_factor = true where key = 'manager'", vec![])
        .await
        .expect("written");
    tx.commit().await.expect("committed");
    let browser = shop.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(browser.get("/customers").await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get("/profile").await.status, StatusCode::OK);
    turn_on(&shop).await;
}
