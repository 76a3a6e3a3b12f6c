//! A customer's own fields by their names in the history: reading and setting one.

use customers::customer::model::{Alias, AliasKind, CompanyRole, Customer, CustomerType, Status};
use uuid::Uuid;

fn id_text(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

/// A field's value as the history writes it; empty for none.
pub fn value(customer: &Customer, field: &str) -> String {
    match field {
        "title" => customer.title.clone(),
        "first_name" => customer.first_name.clone(),
        "last_name" => customer.last_name.clone(),
        "company_name" => customer.company_name.clone(),
        "company_number" => customer.company_number.clone(),
        "vat_number" => customer.vat_number.clone(),
        "account_code" => customer.account_code.clone(),
        "language" => customer.language.clone(),
        "company" => id_text(customer.company_id),
        "company_role" => customer.company_role.map_or(String::new(), |role| role.key().to_owned()),
        "source" => id_text(customer.source_id),
        "property_type" => id_text(customer.property_type_id),
        "assignee" => id_text(customer.assignee_id),
        "home_channel" => id_text(customer.home_channel_id),
        "owner" => id_text(customer.owner_id),
        "customer_type" => customer.customer_type.key().to_owned(),
        "status" => customer.status.key().to_owned(),
        "active" => if customer.active { "yes" } else { "" }.to_owned(),
        "note_flag" => if customer.note_flag { "yes" } else { "" }.to_owned(),
        _ => String::new(),
    }
}

/// Sets a field from a value of the history; answers whether this slice knows the field.
pub fn put(customer: &mut Customer, field: &str, text: &str) -> bool {
    let id = || text.parse().ok();
    match field {
        "title" => text.clone_into(&mut customer.title),
        "first_name" => text.clone_into(&mut customer.first_name),
        "last_name" => text.clone_into(&mut customer.last_name),
        "company_name" => text.clone_into(&mut customer.company_name),
        "company_number" => text.clone_into(&mut customer.company_number),
        "vat_number" => text.clone_into(&mut customer.vat_number),
        "account_code" => text.clone_into(&mut customer.account_code),
        "language" => text.clone_into(&mut customer.language),
        "company" => customer.company_id = id(),
        "company_role" => customer.company_role = CompanyRole::from_key(text),
        "source" => customer.source_id = id(),
        "property_type" => customer.property_type_id = id(),
        "assignee" => customer.assignee_id = id(),
        "home_channel" => customer.home_channel_id = id(),
        "owner" => customer.owner_id = id(),
        "customer_type" => customer.customer_type = CustomerType::from_key(text).unwrap_or(customer.customer_type),
        "status" => customer.status = Status::from_key(text).unwrap_or(customer.status),
        "active" => customer.active = !text.is_empty(),
        "note_flag" => customer.note_flag = !text.is_empty(),
        _ => return put_row(customer, field, text),
    }
    true
}

/// `channel.<id>` and `alias.<id>.<kind>`: what a merge adds to the survivor besides fields.
fn put_row(customer: &mut Customer, field: &str, text: &str) -> bool {
    let mut parts = field.split('.');
    let (kind, id) = (parts.next(), parts.next().and_then(|id| id.parse::<Uuid>().ok()));
    match (kind, id, parts.next().and_then(AliasKind::from_key)) {
        (Some("channel"), Some(id), _) => {
            customer.channels.retain(|known| *known != id);
            if !text.is_empty() {
                customer.channels.push(id);
            }
        }
        (Some("alias"), Some(id), Some(kind)) => {
            customer.aliases.retain(|known| known.id != id);
            if !text.is_empty() {
                customer.aliases.push(Alias { id, kind, value: text.to_owned() });
            }
        }
        _ => return false,
    }
    true
}
