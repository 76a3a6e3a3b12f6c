//! Why a customer is in a view, or what keeps them out.

use platform::auth::Sight;
use platform::db::Database;
use platform::error::AppResult;
use platform::tr;
use uuid::Uuid;

use crate::customer::Customer;
use crate::customer::list::{self, ListFilter};
use crate::customer::pages::active_filters;
use crate::customer::visible::visible;
use crate::directory::Directory;

/// One part of a filter and whether a customer meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Name of the filter as in the address.
    pub key: String,
    pub label: &'static str,
    /// Any of these is asked for.
    pub wanted: Vec<String>,
    /// What the customer has, where it can be said in a word.
    pub actual: String,
    pub holds: bool,
}

/// Every part of a view's filter with whether the customer meets it, asked of the same query that lists the view.
///
/// # Errors
/// `BadRequest` when the filter names something that no longer exists.
pub async fn explain(
    db: &Database,
    sight: &Sight,
    directory: &Directory,
    filter: &ListFilter,
    customer: &Customer,
) -> AppResult<Vec<Condition>> {
    let question = filter.question();
    let mut conditions = vec![activity(db, sight, &question, customer).await?];
    for part in active_filters(&question, directory).into_iter().filter(|part| part.name != "activity") {
        let only = ListFilter { activity: "all".to_owned(), ..ListFilter::from_query(&part.query_alone)? };
        conditions.push(Condition {
            holds: list::matches(db, sight, &only, customer.id).await?,
            actual: actual(&part.name, &visible(customer, &sight.fields), directory),
            key: part.name,
            label: part.label,
            wanted: part.values,
        });
    }
    Ok(conditions)
}

/// The activity is asked of whole questions: an exact search finds inactive customers too (R18).
async fn activity(db: &Database, sight: &Sight, question: &ListFilter, customer: &Customer) -> AppResult<Condition> {
    let wanted = match question.activity.as_str() {
        "inactive" => tr!("Inactive"),
        "all" => tr!("All"),
        _ => tr!("Active"),
    };
    let only = ListFilter { activity: question.activity.clone(), ..ListFilter::default() };
    let holds =
        list::matches(db, sight, &only, customer.id).await? || list::matches(db, sight, question, customer.id).await?;
    Ok(Condition {
        key: "activity".to_owned(),
        label: tr!("Activity"),
        wanted: vec![wanted.to_owned()],
        actual: if customer.active { tr!("Active") } else { tr!("Inactive") }.to_owned(),
        holds,
    })
}

fn actual(filter: &str, customer: &Customer, directory: &Directory) -> String {
    let named = |id: Option<Uuid>| id.and_then(|id| directory.label(id)).unwrap_or_default().to_owned();
    let all = |ids: Vec<Uuid>| ids.into_iter().map(|id| named(Some(id))).collect::<Vec<_>>().join(", ");
    match filter {
        "q" | "name" => customer.display_name(),
        "company" => customer.company_name.clone(),
        "email" => customer.emails.iter().map(|email| email.address.as_str()).collect::<Vec<_>>().join(", "),
        "phone" => customer.phones.iter().map(|phone| phone.typed.as_str()).collect::<Vec<_>>().join(", "),
        "postcode" => customer.addresses.iter().map(|each| each.postcode.as_str()).collect::<Vec<_>>().join(", "),
        "town" => customer.addresses.iter().map(|each| each.town.as_str()).collect::<Vec<_>>().join(", "),
        "status" => customer.status.label().to_owned(),
        "customer_type" => customer.customer_type.label().to_owned(),
        "origin" => customer.origin.label().to_owned(),
        "group" => all(customer.groups.iter().map(|group| group.group_id).collect()),
        "channel" => all(customer.home_channel_id.into_iter().chain(customer.channels.iter().copied()).collect()),
        "tag" => all(customer.tags.clone()),
        "source" => named(customer.source_id),
        "property_type" => named(customer.property_type_id),
        "assignee" => named(customer.assignee_id),
        "language" => customer.language.clone(),
        "country" => customer.primary_address().map(|address| address.country.clone()).unwrap_or_default(),
        "created_from" | "created_to" => platform::clock::rfc3339(customer.created_at)[..10].to_owned(),
        _ => String::new(),
    }
}
