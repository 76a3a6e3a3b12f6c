//! The filter panel, the chips of the filters in force, and addresses of filtered lists.

use platform::auth::{Caller, FieldRights};
use platform::contact::Country;
use platform::tr;
use platform::ui::Choice;
use uuid::Uuid;

use super::list_view::{ActiveFilter, FilterField, FilterSection};
use crate::customer::list::rights::offers;
use crate::customer::list::{ListFilter, ME};
use crate::customer::model::{CustomerType, Origin, Status};
use crate::directory::Directory;

/// What a record can lack, as the filter names it.
const MISSING: [(&str, &str); 6] = [
    ("email", tr!("E-mail")),
    ("phone", tr!("Phone")),
    ("address", tr!("Address")),
    ("first_name", tr!("First name")),
    ("last_name", tr!("Last name")),
    ("company", tr!("Company")),
];

const ACTIVITY: [(&str, &str); 3] = [("active", tr!("Active")), ("inactive", tr!("Inactive")), ("all", tr!("All"))];

/// Languages offered in filters and forms.
pub(super) const LANGUAGES: [(&str, &str); 11] = [
    ("nl", tr!("Dutch")),
    ("en", tr!("English")),
    ("de", tr!("German")),
    ("fr", tr!("French")),
    ("es", tr!("Spanish")),
    ("it", tr!("Italian")),
    ("pt", tr!("Portuguese")),
    ("pl", tr!("Polish")),
    ("da", tr!("Danish")),
    ("sv", tr!("Swedish")),
    ("fi", tr!("Finnish")),
];

fn ticks<'a>(
    name: &'static str,
    offered: impl IntoIterator<Item = (String, &'a str)>,
    is_chosen: impl Fn(&str) -> bool,
) -> FilterField {
    let choice = |(value, label): (String, &str)| {
        let selected = is_chosen(&value);
        Choice::new(value, label, selected)
    };
    FilterField::Ticks { name, choices: offered.into_iter().map(choice).collect() }
}

fn keyed<'a>(pairs: &'a [(&'static str, &'static str)]) -> impl Iterator<Item = (String, &'static str)> + 'a {
    pairs.iter().map(|(key, label)| ((*key).to_owned(), *label))
}

fn text(name: &'static str, label: &'static str, value: &str) -> FilterField {
    FilterField::Text { name, label, value: value.to_owned() }
}

fn section(label: &'static str, is_set: bool, fields: Vec<FilterField>) -> FilterSection {
    FilterSection { label, is_open: is_set, fields }
}

fn has_id(ids: &[Uuid], text: &str) -> bool {
    ids.iter().any(|id| id.to_string() == text)
}

/// The panel; parts in use are open, and the two that everybody uses.
pub(super) fn sections(filter: &ListFilter, directory: &Directory, caller: &Caller) -> Vec<FilterSection> {
    let activity = if filter.activity.is_empty() { "active" } else { &filter.activity };
    let one_of = ACTIVITY.map(|(key, label)| Choice::new(key, label, key == activity)).to_vec();
    let statuses = Status::ALL.iter().map(|status| (status.key().to_owned(), status.label()));
    let named = |texts: &[&str]| texts.iter().any(|text| !text.is_empty());
    let mut sections = vec![
        section(tr!("Activity"), true, vec![FilterField::OneOf { name: "activity", choices: one_of }]),
        section(tr!("Status"), true, vec![ticks("status", statuses, |key| filter.status.iter().any(|set| set == key))]),
    ];
    sections.extend(by_id(filter, directory));
    sections.extend([
        section(
            tr!("Name and company"),
            named(&[&filter.name, &filter.company]),
            vec![
                text("name", tr!("First or last name"), &filter.name),
                text("company", tr!("Company"), &filter.company),
            ],
        ),
        section(
            tr!("E-mail and phone"),
            named(&[&filter.email, &filter.phone]),
            vec![text("email", tr!("E-mail or @domain"), &filter.email), text("phone", tr!("Phone"), &filter.phone)],
        ),
        section(
            tr!("Address"),
            named(&[&filter.postcode, &filter.town]) || !filter.country.is_empty(),
            vec![
                text("postcode", tr!("Postcode"), &filter.postcode),
                text("town", tr!("Town"), &filter.town),
                countries(filter),
            ],
        ),
        assignees(filter, directory, caller),
        created(filter),
    ]);
    sections.extend(by_key(filter));
    seen_by(sections, caller.fields())
}

/// Without the filters that ask for what the reader may not see.
fn seen_by(sections: Vec<FilterSection>, rights: &FieldRights) -> Vec<FilterSection> {
    let seen = |field: FilterField| match field {
        FilterField::Text { name, .. } => offers(rights, name).then_some(field),
        FilterField::Ticks { name: "missing", choices } => {
            let choices = choices.into_iter().filter(|choice| offers(rights, &choice.value)).collect();
            Some(FilterField::Ticks { name: "missing", choices })
        }
        FilterField::Ticks { name, .. } | FilterField::Select { name, .. } => offers(rights, name).then_some(field),
        other => Some(other),
    };
    let section = |section: FilterSection| FilterSection {
        fields: section.fields.into_iter().filter_map(seen).collect(),
        ..section
    };
    sections.into_iter().map(section).filter(|section| !section.fields.is_empty()).collect()
}

fn countries(filter: &ListFilter) -> FilterField {
    let chosen = filter.country.first().and_then(|text| Country::find(text));
    let is_chosen = |country: &Country| chosen.is_some_and(|chosen| chosen.code() == country.code());
    let mut all: Vec<&Country> = Country::all().iter().collect();
    all.sort_by_key(|country| country.english());
    let choice = |country: &Country| Choice::new(country.code(), country.english(), is_chosen(country));
    FilterField::Select { name: "country", label: tr!("Any country"), choices: all.into_iter().map(choice).collect() }
}

fn by_id(filter: &ListFilter, directory: &Directory) -> Vec<FilterSection> {
    let groups = directory.groups.iter().map(|row| (row.id.to_string(), row.name.as_str()));
    let channels = directory.channels.iter().map(|row| (row.id.to_string(), row.name.as_str()));
    let tags = directory.tags.iter().map(|row| (row.id.to_string(), row.name.as_str()));
    let sources = directory.sources.iter().map(|row| (row.id.to_string(), row.name.as_str()));
    let properties = directory.property_types.iter().map(|row| (row.id.to_string(), row.name.as_str()));
    let all = [
        (tr!("Group"), ticks("group", groups, |id| has_id(&filter.group, id)), !filter.group.is_empty()),
        (tr!("Channel"), ticks("channel", channels, |id| has_id(&filter.channel, id)), !filter.channel.is_empty()),
        (tr!("Tag"), ticks("tag", tags, |id| has_id(&filter.tag, id)), !filter.tag.is_empty()),
        (tr!("Source"), ticks("source", sources, |id| has_id(&filter.source, id)), !filter.source.is_empty()),
        (
            tr!("Property type"),
            ticks("property_type", properties, |id| has_id(&filter.property_type, id)),
            !filter.property_type.is_empty(),
        ),
    ];
    let has_choices = |field: &FilterField| matches!(field, FilterField::Ticks { choices, .. } if !choices.is_empty());
    let offered = all.into_iter().filter(|(_, field, _)| has_choices(field));
    offered.map(|(label, field, is_set)| section(label, is_set, vec![field])).collect()
}

fn by_key(filter: &ListFilter) -> Vec<FilterSection> {
    let types = CustomerType::ALL.iter().map(|kind| (kind.key().to_owned(), kind.label()));
    let origins = Origin::ALL.iter().map(|origin| (origin.key().to_owned(), origin.label()));
    let is_in = |set: &'_ [String], key: &str| set.iter().any(|value| value == key);
    let marks = [
        ("incomplete", filter.incomplete, tr!("Incomplete")),
        ("flagged", filter.flagged, tr!("Notes ask for attention")),
    ];
    let mut missing = vec![ticks("missing", keyed(&MISSING), |key| is_in(&filter.missing, key))];
    missing.extend(
        marks.map(|(name, is_set, label)| FilterField::Ticks {
            name,
            choices: vec![Choice::new("true", label, is_set)],
        }),
    );
    vec![
        section(
            tr!("Type"),
            !filter.customer_type.is_empty(),
            vec![ticks("customer_type", types, |key| is_in(&filter.customer_type, key))],
        ),
        section(
            tr!("Origin"),
            !filter.origin.is_empty(),
            vec![ticks("origin", origins, |key| is_in(&filter.origin, key))],
        ),
        section(
            tr!("Language"),
            !filter.language.is_empty(),
            vec![ticks("language", keyed(&LANGUAGES), |key| is_in(&filter.language, key))],
        ),
        section(tr!("Missing or marked"), !filter.missing.is_empty() || filter.incomplete || filter.flagged, missing),
    ]
}

fn assignees(filter: &ListFilter, directory: &Directory, caller: &Caller) -> FilterSection {
    let own = caller.staff_id.to_string();
    let me = (ME.to_owned(), tr!("Me"));
    let others = directory.staff.iter().filter(|(id, _, _)| *id != caller.staff_id);
    let people = others.map(|(id, name, _)| (id.to_string(), name.as_str()));
    let offered = [me, ("none".to_owned(), tr!("Nobody"))].into_iter().chain(people);
    let is_set = |key: &str| filter.assignee.iter().any(|value| value == key || (key == ME && *value == own));
    section(tr!("Assigned to"), !filter.assignee.is_empty(), vec![ticks("assignee", offered, is_set)])
}

fn created(filter: &ListFilter) -> FilterSection {
    let dates = FilterField::Dates {
        from_name: "created_from",
        from: filter.created_from.clone(),
        to_name: "created_to",
        to: filter.created_to.clone(),
    };
    section(tr!("Created"), !filter.created_from.is_empty() || !filter.created_to.is_empty(), vec![dates])
}

/// The label of a filter by its name in the address, and the words of its values.
fn words_of(name: &str, value: &str, directory: &Directory) -> Option<(&'static str, String)> {
    let by_id = || value.parse().ok().and_then(|id| directory.label(id)).unwrap_or(value).to_owned();
    let among = |pairs: &[(&str, &'static str)]| {
        pairs.iter().find(|(key, _)| *key == value).map_or(value, |(_, label)| label).to_owned()
    };
    let (label, shown) = match name {
        "q" => (tr!("Search"), value.to_owned()),
        "name" => (tr!("Name"), value.to_owned()),
        "email" => (tr!("E-mail"), value.to_owned()),
        "phone" => (tr!("Phone"), value.to_owned()),
        "company" => (tr!("Company"), value.to_owned()),
        "postcode" => (tr!("Postcode"), value.to_owned()),
        "town" => (tr!("Town"), value.to_owned()),
        "activity" => (tr!("Activity"), among(&ACTIVITY)),
        "status" => (tr!("Status"), Status::from_key(value)?.label().to_owned()),
        "customer_type" => (tr!("Type"), CustomerType::from_key(value)?.label().to_owned()),
        "origin" => (tr!("Origin"), Origin::from_key(value)?.label().to_owned()),
        "group" => (tr!("Group"), by_id()),
        "channel" => (tr!("Channel"), by_id()),
        "tag" => (tr!("Tag"), by_id()),
        "source" => (tr!("Source"), by_id()),
        "property_type" => (tr!("Property type"), by_id()),
        "assignee" if value == "none" => (tr!("Assigned to"), tr!("Nobody").to_owned()),
        "assignee" if value == ME => (tr!("Assigned to"), tr!("Me").to_owned()),
        "assignee" => (tr!("Assigned to"), by_id()),
        "language" => (tr!("Language"), among(&LANGUAGES)),
        "country" => {
            let name = Country::find(value).map_or_else(|| value.to_owned(), |country| country.english().to_owned());
            (tr!("Country"), name)
        }
        "id" => (tr!("Chosen"), tr!("One customer").to_owned()),
        "company_id" => (tr!("Company"), tr!("One company").to_owned()),
        "owner" => (tr!("Owner"), tr!("One owner").to_owned()),
        "missing" => (tr!("Missing"), among(&MISSING)),
        "incomplete" => (tr!("Marked"), tr!("Incomplete").to_owned()),
        "flagged" => (tr!("Marked"), tr!("Notes ask for attention").to_owned()),
        "created_from" => (tr!("Created from"), value.to_owned()),
        "created_to" => (tr!("Created until"), value.to_owned()),
        _ => return None,
    };
    Some((label, shown))
}

/// One chip per filter, with the values that are joined by "or".
pub fn active_filters(filter: &ListFilter, directory: &Directory) -> Vec<ActiveFilter> {
    let query = filter.without_position().to_query();
    let pairs: Vec<(String, String)> = serde_html_form::from_str(&query).unwrap_or_default();
    let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    let chip = |name: &str| {
        let values = pairs.iter().filter(|(other, _)| other == name);
        let words: Vec<_> = values.filter_map(|(_, value)| words_of(name, value, directory)).collect();
        let (label, _) = words.first()?;
        let (alone, rest): (Vec<_>, Vec<_>) = pairs.iter().partition(|(other, _)| other == name);
        Some(ActiveFilter {
            name: name.to_owned(),
            query_alone: serde_html_form::to_string(alone).unwrap_or_default(),
            label,
            values: words.iter().map(|(_, shown)| shown.clone()).collect(),
            href_without: format!("/customers?{}", serde_html_form::to_string(rest).unwrap_or_default()),
        })
    };
    names.into_iter().filter_map(chip).collect()
}
