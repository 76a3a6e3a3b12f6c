//! Mail providers, relays that mask an address, and mailboxes that belong to a task.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::by_word;

/// Domains whose addresses are made for one purchase or one pair of people: they never say who somebody is.
const RELAYS: &[&str] = &[
    "privaterelay.appleid.com",
    "relay.firefox.com",
    "mozmail.com",
    "duck.com",
    "simplelogin.com",
    "simplelogin.co",
    "aleeas.com",
    "slmail.me",
    "anonaddy.com",
    "anonaddy.me",
    "addy.io",
    "guest.booking.com",
    "guest.airbnb.com",
    "reply.craigslist.org",
    "marktplaats.nl",
    "verkopen.bol.com",
    "mail.ebay-kleinanzeigen.de",
    "mail.kleinanzeigen.de",
    "messagerie.leboncoin.fr",
    "mailinator.com",
    "guerrillamail.com",
    "10minutemail.com",
    "yopmail.com",
    "trashmail.com",
    "wegwerfmail.de",
];

/// First labels of domains with three labels or more under which shops and relays hand out masked addresses:
/// `x8f3@marketplace.amazon.de`, `abc@members.ebay.com`.
const RELAY_LABELS: &[&str] = &[
    "marketplace", "market", "members", "relay", "privaterelay", "order", "orders", "guest", "reply", "noreply",
    "anonymous", "masked", "buyer", "buyers", "messages", "message", "customers", "verkopen", "seller",
];

/// Whether mail to a folded domain is passed on by a relay.
pub fn is_relay(domain: &str) -> bool {
    RELAYS.iter().any(|relay| domain.strip_suffix(relay).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
        || domain.split_once('.').is_some_and(|(label, rest)| rest.contains('.') && RELAY_LABELS.contains(&label))
}

static SHARED: LazyLock<FxHashMap<&'static str, ()>> = LazyLock::new(|| {
    by_word(&[(
        (),
        "info office sales contact kontakt hello hallo mail post admin administration shop service support order orders \
         bestellung bestellungen einkauf verkauf purchasing inkoop verkoop achats commandes compras ventas vendite \
         acquisti accounts accounting billing invoice invoices rechnung rechnungen facturen factures facturation \
         buchhaltung boekhouding administratie team empfang reception receptie secretariat secretariaat sekretariat \
         webmaster postmaster noreply enquiries inquiries bureau buero kantoor finance hr jobs marketing family familie \
         famille biuro kontor zamowienia",
    )])
});

/// Whether a folded local part names a task rather than a person.
pub fn is_shared_box(local: &str) -> bool {
    SHARED.contains_key(local)
}

/// The one name of a provider with several domains; other domains as they are.
pub fn provider(domain: &str) -> &str {
    match domain {
        "googlemail.com" => "gmail.com",
        "me.com" | "mac.com" => "icloud.com",
        "pm.me" | "protonmail.com" => "proton.me",
        other => other,
    }
}
