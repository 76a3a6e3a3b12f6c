//! Many callers at once: a mix of what clerks do, of which one request in twenty writes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::client::{Client, escaped};
use super::mix::Question;
use super::sample::Person;
use super::times::Times;

pub struct Crowd {
    pub callers: usize,
    pub per_second: f64,
    pub times: Times,
}

/// `callers` at once for `seconds`.
pub fn measure(client: &Client, people: &[Person], questions: &[Question], callers: usize, seconds: u64) -> Crowd {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let until = Duration::from_secs(seconds);
    let mut times = Times::default();
    thread::scope(|scope| {
        let work = || {
            let client = client.another();
            let mut times = Times::default();
            while started.elapsed() < until {
                let at = next.fetch_add(1, Ordering::Relaxed);
                request(&client, people, questions, at, &mut times);
            }
            times
        };
        let threads: Vec<_> = (0..callers).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            times.extend(&thread.join().expect("a caller"));
        }
    });
    let per_second = times.count() as f64 / started.elapsed().as_secs_f64();
    Crowd { callers, per_second, times }
}

fn request(client: &Client, people: &[Person], questions: &[Question], at: usize, times: &mut Times) {
    let person = &people[at * 7 % people.len()];
    match at % 20 {
        0 => times.add(client.save(&person.id.to_string(), &format!("Crowd{at}"))),
        1..=6 => {
            let path = format!("/api/v1/search?q={}", escaped(&questions[at % questions.len()].text));
            times.measure(|| client.fetch(&path));
        }
        7..=12 => times.measure(|| client.page(&format!("/customers/{}", person.id))),
        13..=15 => times.measure(|| client.page("/customers")),
        _ => {
            let sort = ["name", "-name", "email", "-updated"][at % 4];
            times.measure(|| client.fetch(&format!("/api/v1/customers?sort={sort}&country={}", person.country)));
        }
    }
}
