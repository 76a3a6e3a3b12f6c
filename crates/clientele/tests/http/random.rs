//! Random edits of customers, the same in every run.

use serde_json::{Value, json};

use crate::harness::Client;

/// Small numbers that look like chance and are the same in every run.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }

    pub fn pick<'a, T>(&mut self, values: &'a [T]) -> &'a T {
        &values[self.below(values.len())]
    }
}

/// What can be named: groups, channels, other customers.
pub struct World {
    pub groups: Vec<Value>,
    pub channels: Vec<Value>,
    pub others: Vec<Value>,
    pub companies: Vec<Value>,
}

/// A few of each.
pub async fn world(api: &Client<'_>) -> World {
    let (mut groups, mut channels, mut others, mut companies) = (vec![], vec![], vec![], vec![json!("")]);
    for name in ["Gold", "Silver", "Bronze"] {
        groups.push(api.post("/api/v1/groups", json!({ "name": name })).await.json()["id"].clone());
        let body = json!({ "name": format!("Shop {name}"), "kind": "shop" });
        channels.push(api.post("/api/v1/channels", body).await.json()["id"].clone());
        companies.push(api.post("/api/v1/companies", json!({ "name": name })).await.json()["id"].clone());
        others.push(api.customer(json!({ "last_name": name })).await["id"].clone());
    }
    World { groups, channels, others, companies }
}

/// One edit as anybody could make it.
pub fn edit(dice: &mut Dice, now: &Value, world: &World) -> Value {
    let some =
        |dice: &mut Dice, all: &[Value]| -> Vec<Value> { all.iter().filter(|_| dice.below(2) == 0).cloned().collect() };
    let kept = |dice: &mut Dice, rows: &Value, name: &str, from: &str| -> Vec<Value> {
        let rows = rows.as_array().expect("rows").iter().filter(|_| dice.below(4) > 0);
        rows.map(|row| json!({ "id": row["id"], name: row[from], "kind": row["kind"], "is_primary": false })).collect()
    };
    match dice.below(12) {
        0 => json!({ "first_name": dice.pick(&["Anna", "Bo", "Ünal", ""]), "title": dice.pick(&["", "Dr"]) }),
        1 => json!({ "vat_number": dice.pick(&["", "NL123456789B01"]), "account_code": dice.pick(&["", "A1", "B2"]) }),
        2 => json!({ "groups": some(dice, &world.groups) }),
        3 => json!({ "channels": some(dice, &world.channels), "home_channel": dice.pick(&world.channels) }),
        4 => json!({ "owner": dice.pick(&world.others), "company": dice.pick(&world.companies) }),
        5 => json!({ "note_flag": dice.below(2) == 0, "active": dice.below(2) == 0 }),
        6 | 7 => {
            let mut emails = kept(dice, &now["emails"], "address", "address");
            let address = format!("{}@{}.example", dice.pick(&["a", "b", "c", "d"]), dice.pick(&["x", "y"]));
            emails.push(json!({ "address": address, "kind": dice.pick(&["work", "other"]), "is_primary": true }));
            json!({ "emails": emails })
        }
        8 | 9 => {
            let mut phones = kept(dice, &now["phones"], "number", "number");
            let number = format!("{}{}", dice.pick(&["06 1234 567", "+32 470 12 34 5", "020 123 456"]), dice.below(10));
            phones.push(json!({ "number": number, "kind": "mobile", "is_primary": dice.below(2) == 0 }));
            json!({ "phones": phones })
        }
        10 => json!({
            "address1": format!("Dorpsstraat {}", dice.below(5)), "town": dice.pick(&["Gouda", "Gent"]),
            "country": dice.pick(&["NL", "BE", "DE"])
        }),
        _ => {
            let line = format!("Kade {}", dice.below(9));
            let new = json!({ "line1": line, "country": "BE", "is_billing": dice.below(2) == 0 });
            let mut rows: Vec<Value> =
                now["addresses"].as_array().expect("rows").iter().filter(|_| dice.below(3) > 0).cloned().collect();
            rows.push(new);
            json!({ "addresses": rows })
        }
    }
}
