//! One customer as a file shows it.

use serde::Serialize;

/// A customer, plain: texts as staff see them, codes as the API has them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ExportRow {
    pub id: String,
    pub customer_number: String,
    pub status: String,
    #[serde(rename = "type")]
    pub customer_type: String,
    pub active: bool,
    pub privacy_state: String,
    pub title: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub company: Option<String>,
    pub company_number: Option<String>,
    pub vat_number: Option<String>,
    /// The primary one first.
    pub emails: Vec<String>,
    /// The primary one first, as typed.
    pub phones: Vec<String>,
    /// The default billing address first.
    pub addresses: Vec<ExportAddress>,
    pub language: Option<String>,
    pub source: Option<String>,
    pub channel: Option<String>,
    /// Channels besides that one.
    pub channels: Vec<String>,
    /// The primary one first.
    pub groups: Vec<String>,
    pub tags: Vec<String>,
    pub property_type: Option<String>,
    /// E-mail address of the staff member.
    pub assignee: Option<String>,
    pub account_code: Option<String>,
    /// UTC, RFC 3339.
    pub created_at: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ExportAddress {
    pub recipient: Option<String>,
    pub company: Option<String>,
    pub address1: Option<String>,
    pub address2: Option<String>,
    pub town: Option<String>,
    pub county: Option<String>,
    pub postcode: Option<String>,
    /// ISO two-letter code.
    pub country: Option<String>,
    pub is_billing: bool,
    pub is_delivery: bool,
}
