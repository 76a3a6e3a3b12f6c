//! Which question a list page shows: the filter of its address, or a saved view, as it is or changed since.

use platform::app::App;
use platform::error::AppResult;
use serde::Deserialize;
use uuid::Uuid;

use crate::customer::list::ListFilter;
use crate::view::{self, SavedView};

/// What the address of the list can say besides the filter.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Origin {
    /// The view whose filter was changed to what the address now says.
    pub from: Option<Uuid>,
}

/// A filter with the view it came from.
pub(super) struct Shown {
    /// With the view's filter put in; its own `view` is empty.
    pub filter: ListFilter,
    pub view: Option<SavedView>,
}

impl Shown {
    /// `?view=` shows the view; filters beside it replace those of the view. `?from=` with a filter is a changed view.
    pub async fn read(app: &App, staff: Uuid, filter: &ListFilter, origin: &Origin) -> AppResult<Self> {
        if filter.view.is_empty() {
            let view = match origin.from {
                Some(id) => view::find(app.db.read(), id).await?.filter(|view| view.may_be_used_by(staff)),
                None => None,
            };
            return Ok(Self { filter: filter.clone(), view });
        }
        let view = view::named(app.db.read(), staff, &filter.view).await?;
        let mut pairs: Vec<(String, String)> =
            serde_html_form::from_str(&view.filter()?.to_query()).unwrap_or_default();
        let asked = ListFilter { view: String::new(), ..filter.clone() }.to_query();
        let asked: Vec<(String, String)> = serde_html_form::from_str(&asked).unwrap_or_default();
        pairs.retain(|(name, _)| asked.iter().all(|(other, _)| other != name));
        pairs.extend(asked);
        let filter = ListFilter::from_query(&serde_html_form::to_string(pairs).unwrap_or_default())?;
        Ok(Self { filter, view: Some(view) })
    }

    /// Whether the list shows something else than its view.
    pub fn is_changed(&self) -> bool {
        self.view.as_ref().is_some_and(|view| self.filter.question().to_query() != view.query || self.is_sorted_anew())
    }

    fn is_sorted_anew(&self) -> bool {
        self.view.as_ref().is_some_and(|view| self.filter.sort != view.sort)
    }

    /// The address of the same list with another sort or position: short where it is a view.
    pub fn address(&self, sort: &str, cursor: &str) -> String {
        let here = ListFilter { sort: sort.to_owned(), cursor: cursor.to_owned(), limit: None, ..self.filter.clone() };
        let query = match &self.view {
            None => here.to_query(),
            Some(view) if here.question().to_query() == view.query => {
                let sort = if sort == view.sort { String::new() } else { sort.to_owned() };
                ListFilter { view: view.id.to_string(), sort, cursor: here.cursor, ..ListFilter::default() }.to_query()
            }
            Some(view) => format!("from={}&{}", view.id, here.to_query()),
        };
        format!("/customers?{query}")
    }
}
