//! Background work: recurring jobs, retries with growing pauses, and the bin (R3).

use platform::clock::{DAY, HOUR, SECOND};
use platform::db::SqlExt;
use platform::jobs;
use serde_json::json;
use testing_macros::both_databases;

use crate::harness::TestShop;

#[both_databases]
async fn the_bin_is_emptied_after_its_days_and_frees_the_address(shop: TestShop) {
    let api = shop.api("manager").await;
    let body = json!({ "last_name": "Weg", "email": "weg@x.example", "status": "registered" });
    let customer = api.customer(body.clone()).await;
    let path = format!("/api/v1/customers/{}", customer["id"].as_str().expect("an id"));
    api.delete(&path).await;
    jobs::schedule_recurring(&shop.app).await.expect("scheduled");
    jobs::schedule_recurring(&shop.app).await.expect("scheduled once only");
    shop.run_jobs().await;
    assert_eq!(shop.count("select count(*) from job where kind = 'customers.empty_bin'").await, 1);
    assert_eq!(shop.count("select count(*) from customer").await, 1);
    shop.app.clock.advance(31 * DAY);
    shop.run_jobs().await;
    assert_eq!(shop.count("select count(*) from customer").await, 0);
    assert_eq!(shop.count("select count(*) from customer_email").await, 0);
    assert_eq!(shop.count("select count(*) from customer_search").await, 0);
    assert_eq!(shop.count("select count(*) from event where customer_id is not null and changes is not null").await, 0);
    assert_eq!(api.post(&format!("{path}/restore"), json!({})).await.refusal(), "404 not_found");
    api.customer(body).await;
    shop.app.clock.advance(HOUR);
    shop.run_jobs().await;
}

#[both_databases]
async fn a_job_that_fails_is_tried_again_later_and_given_up_in_the_end(shop: TestShop) {
    let tx = shop.app.begin_write().await.expect("a transaction");
    jobs::enqueue(&tx, shop.app.clock.now(), "no.such.kind", "{}").await.expect("enqueued");
    tx.commit().await.expect("committed");
    let mut runs = 0;
    loop {
        shop.run_jobs().await;
        runs += 1;
        let state: Option<String> = shop.app.db.read().value("select state from job", vec![]).await.expect("read");
        if state.as_deref() == Some("failed") {
            break;
        }
        assert_eq!(shop.count("select attempts from job").await, runs);
        shop.app.clock.advance((SECOND << runs) + SECOND);
    }
    assert_eq!(runs, 8);
}
