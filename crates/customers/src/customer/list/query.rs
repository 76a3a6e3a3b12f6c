//! A filter as the query of an address: what people share, views store and bulk actions remember.

use platform::auth::Sight;
use platform::error::{AppError, AppResult, Reason};
use platform::i18n::Message;
use platform::tr;
use uuid::Uuid;

use super::{ListFilter, ME};

impl ListFilter {
    /// The filter as a query, without what is not set: it is read and shared by people.
    pub fn to_query(&self) -> String {
        let whole = serde_html_form::to_string(self).unwrap_or_default();
        let is_set = |pair: &&str| !pair.ends_with('=') && !pair.ends_with("=false") && *pair != "activity=active";
        whole.split('&').filter(is_set).collect::<Vec<_>>().join("&")
    }

    /// Reads what [`ListFilter::to_query`] wrote.
    ///
    /// # Errors
    /// `BadRequest` with `query_invalid` or `filter_unknown`.
    pub fn from_query(query: &str) -> AppResult<Self> {
        super::refuse_unknown_keys(Some(query))?;
        serde_html_form::from_str(query)
            .map_err(|_| AppError::BadRequest(Reason::new("query_invalid", tr!("This filter cannot be read."))))
    }

    /// The same list from its beginning.
    pub fn without_position(&self) -> Self {
        Self { cursor: String::new(), limit: None, ..self.clone() }
    }

    /// What is filtered, without how it is shown.
    pub fn question(&self) -> Self {
        Self { sort: String::new(), view: String::new(), within: None, ..self.without_position() }
    }

    /// Names what somebody sees of it, for answers that are kept: whoever sees less gets nothing that was kept for
    /// somebody who sees more.
    pub fn kept_as(&self, what: &str, sight: &Sight) -> String {
        let within = self.within.as_ref().map(|view| view.to_query()).unwrap_or_default();
        let own = if self.asks_for_own() { sight.own } else { None };
        format!("{what} {within} {} {} {own:?}", self.question().to_query(), sight.key())
    }

    fn asks_for_own(&self) -> bool {
        let asks = |filter: &Self| filter.assignee.iter().any(|text| text == ME);
        asks(self) || self.within.as_deref().is_some_and(asks)
    }

    /// With the person named whose own customers are asked for: what is kept must not mean somebody else later.
    #[must_use]
    pub fn settled(mut self, person: Uuid) -> Self {
        for text in self.assignee.iter_mut().filter(|text| *text == ME) {
            *text = person.to_string();
        }
        self.within = self.within.map(|view| Box::new(view.settled(person)));
        self
    }

    /// Whether it finds every active customer.
    pub fn is_open(&self) -> bool {
        self.within.is_none() && self.question().to_query().is_empty()
    }
}

/// Refuses keys of a query that are no filter: a misspelled one would quietly give out everything.
///
/// # Errors
/// `BadRequest` with `filter_unknown`, naming the key.
pub fn refuse_unknown_keys(query: Option<&str>) -> AppResult<()> {
    let known = serde_json::to_value(ListFilter::default()).map_err(AppError::broken)?;
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query.unwrap_or_default()).unwrap_or_default();
    if pairs.iter().any(|(_, value)| value.contains('\0')) {
        let detail = tr!("This filter cannot be read.");
        return Err(AppError::BadRequest(Reason::new("query_invalid", detail)));
    }
    match pairs.into_iter().find(|(key, _)| known.get(key).is_none()) {
        None => Ok(()),
        Some((key, _)) => {
            let detail = Message::new(tr!("There is no filter named {name}.")).with("name", key);
            Err(AppError::BadRequest(Reason::new("filter_unknown", detail)))
        }
    }
}
